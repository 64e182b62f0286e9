import { messageIdOfJob, type FailedDelivery } from '../domain/delivery.ts';
import { loggedId, parseMention, type JsonObject } from '../domain/mention.ts';
import { printable, printableJson } from '../domain/printable.ts';
import { table, type Column } from './table.ts';

const LONGEST_NAME = 16;
const GAP = '  ';

/** A table no wider than `width`, which is 80 at least, and what to do next. It holds no content. */
export function failedTable(
  found: readonly FailedDelivery[],
  { nowMs, width }: { readonly nowMs: number; readonly width: number },
): string {
  const columns: readonly Column[] = [
    { head: 'failed' },
    { head: 'webhook' },
    { head: 'mention' },
    { head: 'attempts', align: 'right' },
    { head: 'reason', fill: true },
  ];
  const rows = found.map(({ failedAtMs, webhook, jobId, attempts, reason }) => [
    `${duration(nowMs - failedAtMs)} ago`,
    printable(webhook, LONGEST_NAME - 3),
    messageIdOfJob(jobId),
    String(attempts),
    printable(reason, Infinity),
  ]);
  const [first] = found;
  return [
    ...table(columns, rows, width),
    '',
    `${counted(found.length)} failed. What next:`,
    `  see one whole:    mention-relay failed show ${messageIdOfJob(first?.jobId ?? '')}`,
    '  send them again:  mention-relay failed retry --webhook NAME',
    '  drop them:        mention-relay failed discard --webhook NAME',
    '',
  ].join('\n');
}

/** All that is known of a failed delivery, safe for a terminal: nothing in it can forge a field. */
export function failedDetails(delivery: FailedDelivery, configured: boolean): string {
  const { webhook, jobId, attempts, reason, spottedAtMs, polledAtMs, failedAtMs } = delivery;
  return [
    `${messageIdOfJob(jobId)} for webhook ${printable(webhook)}${configured ? '' : ' (not configured)'}`,
    ...fields([
      ['spotted', isoTime(spottedAtMs) ?? 'unknown'],
      ['polled', isoTime(polledAtMs) ?? 'unknown'],
      ['failed', isoTime(failedAtMs) ?? 'unknown'],
      ['attempts', String(attempts)],
      ['reason', reason],
    ]),
    'The mention, as the API gave it:',
    ...fields(flattened(delivery.mention)),
    '',
  ].join('\n');
}

/** What scripts get of a failed delivery, without its mention. */
export function failedJson(delivery: FailedDelivery, configured: boolean): JsonObject {
  const { webhook, jobId, attempts, reason, spottedAtMs, polledAtMs, failedAtMs } = delivery;
  const parsed = parseMention(delivery.mention);
  return {
    id: messageIdOfJob(jobId),
    jobId,
    webhook,
    configured,
    mentionId: parsed.ok ? loggedId(parsed.mention) : null,
    attempts,
    reason,
    spottedAt: isoTime(spottedAtMs),
    polledAt: isoTime(polledAtMs),
    failedAt: isoTime(failedAtMs),
  };
}

/** A duration in its largest unit: `40s`, `5m`, `3h`, `13d`. */
export function duration(durationMs: number): string {
  const seconds = Math.max(0, Math.round(durationMs / 1000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

/** `1 delivery`, `2 deliveries`. */
export function counted(deliveries: number): string {
  return `${deliveries} ${deliveries === 1 ? 'delivery' : 'deliveries'}`;
}

type Field = readonly [name: string, value: string];

const NAME_WIDTH = 12;

/** One line for each line of a value, those after the first further to the right than any name. */
function fields(list: readonly Field[]): string[] {
  return list.flatMap(([name, value]) =>
    value.split(/\r\n|\n/).map((line, index) => {
      const label = index === 0 ? printable(name) : '';
      return `${GAP}${label.padEnd(NAME_WIDTH)}${GAP}${printable(line, Infinity)}`.trimEnd();
    }),
  );
}

/** `owner.name` and the like; what is deeper, and what is no text, as JSON. */
function flattened(mention: unknown): Field[] {
  if (!isObject(mention)) return [['mention', printableJson(mention ?? null)]];
  return Object.entries(mention).flatMap(([name, value]): Field[] =>
    isObject(value)
      ? Object.entries(value).map(([inner, each]) => [`${name}.${inner}`, asText(each)])
      : [[name, asText(value)]],
  );
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : printableJson(value);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isoTime(timeMs: number | null): string | null {
  return timeMs === null ? null : new Date(timeMs).toISOString();
}
