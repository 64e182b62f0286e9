import { messageId } from '../domain/delivery.ts';
import { isoTime } from '../domain/event-log.ts';
import { printableJson } from '../domain/foreign/printable.ts';
import type { MentionKey } from '../domain/mention.ts';
import { identityOf, recoveredIdentity, type KeptMention } from '../history/kept-mention.ts';

/** The columns of a CSV file, each with its cell of a mention. */
const COLUMNS: Readonly<Record<string, (kept: KeptMention) => string>> = {
  kept_at: ({ keptAtMs }) => isoTime(keptAtMs) ?? '',
  spotted_at: ({ mention }) => isoTime(mention.spottedAtMs) ?? '',
  keyword: ({ mention }) => mention.keyword,
  position: ({ mention }) => mention.position,
  group_name: ({ mention }) => mention.group.name,
  author_name: ({ mention }) => mention.owner.name,
  content: ({ mention }) => mention.content,
  link: ({ mention }) => mention.link,
  deliveries: ({ ends }) =>
    ends.map(({ webhook, outcome, atMs }) => `${webhook} ${outcome} ${isoTime(atMs)}`).join('\n'),
  found_by: ({ recovered }) => (recovered ? 'sweep' : 'poll'),
  id: ({ mention }) => mention.id,
  group_id: ({ mention }) => mention.group.id,
  author_id: ({ mention }) => mention.owner.id,
  author_link: ({ mention }) => mention.owner.link,
  message_id: (kept) => ownId(kept),
  merged_into: ({ mergedInto }) => idOrNull(mergedInto) ?? '',
};

export const CSV_COLUMNS: readonly string[] = Object.keys(COLUMNS);

/** Returns the first line of a CSV file: the names of the columns. */
export function csvHead(): string {
  return csvLine(CSV_COLUMNS);
}

/** Returns a mention as a row of a CSV file. */
export function csvRow(kept: KeptMention): string {
  return csvLine(Object.values(COLUMNS).map((cell) => cell(kept)));
}

/** Returns a mention as one line of JSON, with all that the API gave. Safe on a terminal. */
export function jsonLine(kept: KeptMention): string {
  const { mention, keptAtMs, recovered, mergedInto, ends } = kept;
  const { id, name } = mention.group;
  const line = printableJson({
    messageId: ownId(kept),
    keptAt: isoTime(keptAtMs),
    spottedAt: isoTime(mention.spottedAtMs),
    recovered,
    mergedInto: idOrNull(mergedInto),
    // The API names the group of a recovered one beside it.
    mention: recovered ? { ...mention.raw, group: { id, name } } : mention.raw,
    deliveries: ends.map(({ webhook, outcome, atMs, attempts, status }) => ({
      webhook,
      outcome,
      at: isoTime(atMs),
      attempts,
      status,
    })),
  });
  return `${line}\n`;
}

/** Returns the id by which `trace` finds it; its `webhook-id` unless DEDUPE_BY is `post`. */
function ownId({ mention, recovered }: KeptMention): string {
  return messageId(recovered ? recoveredIdentity(mention) : identityOf(mention));
}

function idOrNull(identity: string | null): string | null {
  return identity === null ? null : messageId(identity as MentionKey);
}

/** Returns a line by RFC 4180. Every cell is quoted. */
function csvLine(cells: readonly string[]): string {
  return `${cells.map((cell) => `"${withoutFormulas(cell).replaceAll('"', '""')}"`).join(',')}\r\n`;
}

// Where a spreadsheet expects another separator, cells begin behind that too, and line breaks end them.
const FORMULA = /(?<=(?:^|[;\t\r\n])[\s"'\p{C}\p{Z}]*)[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]/gu;
// They can only harm a spreadsheet or a terminal.
const CONTROL = /(?![\t\r\n])\p{Cc}/gu;

/**
 * Puts an apostrophe before whatever a spreadsheet could take for a formula, which then is text
 * (https://owasp.org/www-community/attacks/CSV_Injection), and leaves out control characters.
 */
function withoutFormulas(cell: string): string {
  return cell
    .replace(CONTROL, '')
    .replace(FORMULA, "'$&")
    .replace(/^(?=[\t\r\n])/, "'");
}
