import { isoTime } from '../domain/event-log.ts';
import { messageId, type MentionDelivery } from '../domain/delivery.ts';
import {
  loggedId,
  mentionKey,
  type DedupeBy,
  type JsonObject,
  type Mention,
} from '../domain/mention.ts';
import { printable } from '../domain/printable.ts';
import type { Routing } from '../routing/fan-out.ts';
import type { PreviewedMention } from '../polling/window-preview.ts';
import type { Webhook } from '../domain/webhook.ts';
import { webhookTypes } from '../webhooks/registry.ts';
import { wrapped } from './terminal/table.ts';

const FRAME = '  | ';

type Unwanted = Extract<Routing, { wanted: false }>;

const BECAUSE: Readonly<Record<Unwanted['because'], string>> = {
  events: 'it gets alerts only (_EVENTS)',
  keyword: 'its _KEYWORDS do not have this keyword',
  group: 'its _GROUPS do not have this group',
  position: 'its _POSITIONS do not have this position',
  exclude: 'its _EXCLUDE has',
  exclude_authors: 'its _EXCLUDE_AUTHORS has',
  post: 'it gets another mention of the same post (DEDUPE_BY=post)',
};
const STANDING: Readonly<Record<PreviewedMention['status'], string>> = {
  new: 'new',
  seen: 'seen before: not sent again',
  backlog: 'left out by BACKLOG',
};

/** Each mention with where it goes, as what, and why not elsewhere; safe for a terminal. */
export function previewText(
  previewed: readonly PreviewedMention[],
  window: {
    readonly windowSize: number;
    readonly malformed: number;
    readonly polledAtMs: number;
    readonly dedupeBy: DedupeBy;
    /** Whether only those are shown that the next poll would find new. */
    readonly newOnly: boolean;
    /** No line is wider. */
    readonly width: number;
  },
): string {
  const { windowSize, malformed, newOnly, width } = window;
  const toSend = previewed.filter(({ status }) => status === 'new').length;
  const counted = `${toSend === 0 ? 'none' : toSend} of ${newOnly ? 'them' : 'those shown'}`;
  const unreadable = malformed === 0 ? '' : `, and ${malformed} that can't be read`;
  return [
    ...previewed.flatMap((each) => [...mentionLines(each, window), '']),
    ...wrapped(
      `The window holds ${windowSize} ${windowSize === 1 ? 'mention' : 'mentions'}${unreadable}; ${counted} would be new to the next poll. Nothing was sent.`,
      width,
    ),
    '',
  ].join('\n');
}

/** The same for scripts, without content. */
export function previewJson(
  previewed: readonly PreviewedMention[],
  malformed: number,
  dedupeBy: DedupeBy,
): JsonObject {
  return {
    malformed,
    mentions: previewed.map(({ mention, status, routes }) => ({
      mentionId: loggedId(mention),
      messageId: messageId(mentionKey(mention, dedupeBy)),
      keyword: mention.keyword,
      group: mention.group,
      position: mention.position,
      spottedAt: isoTime(mention.spottedAtMs),
      status,
      webhooks: Object.fromEntries(
        routes.map(({ webhook, routing }) => [
          webhook.name,
          routing.wanted ? { gets: status === 'new' } : unwantedJson(routing),
        ]),
      ),
    })),
  };
}

function mentionLines(
  { mention, status, routes }: PreviewedMention,
  {
    polledAtMs,
    dedupeBy,
    width,
  }: { readonly polledAtMs: number; readonly dedupeBy: DedupeBy; readonly width: number },
): string[] {
  const wanting = routes.filter(({ routing }) => routing.wanted).map(({ webhook }) => webhook);
  const to = status === 'new' ? 'to' : 'would match';
  const key = mentionKey(mention, dedupeBy);
  const lines = [
    ...alike(wanting).flatMap(({ example, names }) =>
      messageLines(
        { kind: 'mention', webhook: example.name, key, mention, polledAtMs },
        example,
      ).concat(`  ${to} ${names.join(', ')}`),
    ),
    ...(wanting.length === 0 ? [`${FRAME}${shortly(mention)}`, '  to no webhook'] : []),
    ...routes.flatMap(({ webhook, routing }) =>
      routing.wanted ? [] : [`  not ${webhook.name}: ${why(routing)}`],
    ),
  ];
  return [
    `${loggedId(mention)}  ${STANDING[status]}`,
    ...lines.flatMap((line) => wrapped(line, width, line.startsWith(FRAME) ? FRAME : '    ')),
  ];
}

function why(unwanted: Unwanted): string {
  const because = BECAUSE[unwanted.because];
  return 'rule' in unwanted ? `${because} "${printable(unwanted.rule, Infinity)}"` : because;
}

function unwantedJson(unwanted: Unwanted): JsonObject {
  const { because } = unwanted;
  return 'rule' in unwanted
    ? { gets: false, because, rule: unwanted.rule }
    : { gets: false, because };
}

function messageLines(delivery: MentionDelivery, webhook: Webhook): string[] {
  return webhookTypes[webhook.type]
    .preview(delivery, webhook)
    .map((line) => `${FRAME}${printable(line, Infinity)}`);
}

function shortly({ keyword, group }: Mention): string {
  return [keyword, group.name].map((text) => printable(text, Infinity)).join(' in ');
}

/** Webhooks whose messages look the same, by one of them. */
function alike(
  webhooks: readonly Webhook[],
): readonly { readonly example: Webhook; readonly names: readonly string[] }[] {
  const groups = Map.groupBy(webhooks, ({ type, plain }) => `${type} ${plain}`);
  return [...groups.values()].flatMap((group) =>
    group.slice(0, 1).map((example) => ({ example, names: group.map(({ name }) => name) })),
  );
}
