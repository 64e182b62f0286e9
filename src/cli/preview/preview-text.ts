import { isoTime } from '../../domain/event-log.ts';
import { messageId, type MentionDelivery } from '../../domain/delivery.ts';
import {
  loggedId,
  mentionKey,
  type DedupeBy,
  type JsonObject,
  type Mention,
  type MentionKey,
} from '../../domain/mention.ts';
import { deliveryKey, type KeyRule } from '../../domain/old-keys.ts';
import { printable } from '../../domain/foreign/printable.ts';
import type { PreviewedMention } from '../../polling/window-preview.ts';
import { digestPeriod, type DigestPlan } from '../../domain/hours/digest-times.ts';
import { openAt } from '../../domain/hours/working-hours.ts';
import { pingsText, type Webhook } from '../../domain/webhook.ts';
import { webhookTypes } from '../../webhooks/registry.ts';
import { digestNow, hoursNow } from '../hours-now.ts';
import { wrapped } from '../terminal/table.ts';
import { seenFacts, seenWords } from './seen-words.ts';
import { decision, shown, why } from './route-words.ts';

const FRAME = '  | ';

const INCLUDED = 'included by its _INCLUDE';
const STATUS: Readonly<Record<PreviewedMention['status'], string>> = {
  new: 'new',
  seen: 'seen before, not queued again',
  backlog: 'skipped because of BACKLOG',
};

/** Shows where each mention would go, in which form, and why not elsewhere. Safe for a terminal. */
export function previewText(
  previewed: readonly PreviewedMention[],
  window: {
    readonly windowSize: number;
    readonly malformed: number;
    readonly polledAtMs: number;
    readonly rule: KeyRule;
    /** The DEDUPE_BY of the last poll, by which the next one goes, if another one is configured now. */
    readonly former: DedupeBy | null;
    /** The maximum width of a line. */
    readonly width: number;
  },
): string {
  const { windowSize, malformed, former, width } = window;
  const change = former === null ? '' : ` The next poll still goes by DEDUPE_BY=${former}.`;
  const toSend = previewed.filter(({ status }) => status === 'new').length;
  const unreadable = malformed === 0 ? '' : `, and ${malformed} unreadable`;
  return [
    ...previewed.flatMap((each) => [...mentionLines(each, window), '']),
    ...wrapped(
      `The window holds ${windowSize} ${windowSize === 1 ? 'mention' : 'mentions'}${unreadable}. New to the next poll: ${toSend}. Nothing was sent.${change}`,
      width,
    ),
    '',
  ].join('\n');
}

/** Returns the same for scripts, without content. */
export function previewJson(
  previewed: readonly PreviewedMention[],
  {
    malformed,
    polledAtMs,
    rule,
    former,
  }: {
    readonly malformed: number;
    readonly polledAtMs: number;
    readonly rule: KeyRule;
    readonly former: DedupeBy | null;
  },
): JsonObject {
  return {
    malformed,
    formerDedupeBy: former,
    mentions: previewed.map(({ mention, status, routes }) => ({
      mentionId: loggedId(mention),
      messageId: messageId(keyOf(mention, routes, rule)),
      keyword: mention.keyword,
      group: mention.group,
      position: mention.position,
      spottedAt: isoTime(mention.spottedAtMs),
      status,
      webhooks: Object.fromEntries(
        routes.map((route) => {
          const { webhook, routing } = route;
          return [
            webhook.name,
            {
              gets: routing.wanted && status === 'new',
              ...(routing.wanted && status === 'seen' && seenFacts(route, mention, polledAtMs)),
              ...(routing.wanted && !openAt(webhook.hours, polledAtMs).open && { closed: true }),
              ...(routing.wanted &&
                pingsOf(webhook).length > 0 && { pings: pingsOf(webhook).map(({ text }) => text) }),
              ...(routing.wanted &&
                hasDigests(webhook) && {
                  digestAt: isoTime(digestPeriod(webhook, polledAtMs).untilMs),
                }),
              ...decision(routing),
            },
          ];
        }),
      ),
    })),
  };
}

function mentionLines(
  { mention, status, routes }: PreviewedMention,
  {
    polledAtMs,
    rule,
    width,
  }: { readonly polledAtMs: number; readonly rule: KeyRule; readonly width: number },
): string[] {
  const wanting = routes.flatMap(({ webhook, routing }) =>
    routing.wanted ? [{ webhook, others: routing.others }] : [],
  );
  const to = status === 'new' ? 'to' : 'matches';
  const key = keyOf(mention, routes, rule);
  const lines = [
    ...alike(wanting).flatMap(({ example: { webhook, others }, webhooks }) =>
      [`  ${to} ${webhooks.map((each) => described(each, polledAtMs)).join(', ')}`].concat(
        messageLines(
          {
            kind: 'mention',
            webhook: webhook.name,
            key,
            mention,
            ...(others && { others }),
            polledAtMs,
          },
          webhook,
        ),
      ),
    ),
    ...(wanting.length === 0 ? ['  to no webhook', `${FRAME}${shortly(mention)}`] : []),
    ...routes.flatMap((route) => {
      const { name } = route.webhook;
      const { routing } = route;
      if (!routing.wanted) return [`  not ${name}: ${why(routing)}`];
      const words = status === 'seen' ? seenWords(route, mention, { polledAtMs, ...rule }) : null;
      return [
        ...(routing.rule === undefined ? [] : [`  ${name}: ${INCLUDED} ${shown(routing.rule)}`]),
        ...(words === null ? [] : [`  ${name}: ${words}`]),
      ];
    }),
  ];
  return [
    `${loggedId(mention)}  ${STATUS[status]}`,
    ...lines.flatMap((line) => wrapped(line, width, line.startsWith(FRAME) ? FRAME : '    ')),
  ];
}

/** Returns the key of the message that a mention has or is merged into. */
function keyOf(mention: Mention, routes: PreviewedMention['routes'], rule: KeyRule): MentionKey {
  const [key] = routes.flatMap(({ routing }) => ('key' in routing ? routing.key : []));
  return key ?? deliveryKey(mention, rule);
}

function hasDigests(webhook: Webhook): webhook is Webhook & DigestPlan {
  return webhook.digest !== null;
}

/** Returns whom the messages of a webhook ping: digests ping nobody. */
function pingsOf({ digest, pings }: Webhook): Webhook['pings'] {
  return digest === null ? pings : [];
}

function described(webhook: Webhook, nowMs: number): string {
  const { name, hours } = webhook;
  const pings = pingsOf(webhook);
  const notes = [
    ...(hours === null ? [] : [hoursNow(hours, nowMs)]),
    ...(hasDigests(webhook) ? [`digest ${digestNow(webhook, nowMs)}`] : []),
    ...(pings.length === 0 ? [] : [`pings ${pingsText(pings)}`]),
  ];
  return notes.length === 0 ? name : `${name} (${notes.join('; ')})`;
}

function messageLines(delivery: MentionDelivery, webhook: Webhook): string[] {
  const type = webhookTypes[webhook.type];
  const form = webhook.digest === null ? type : type.digest;
  return form.preview(delivery, webhook).map((line) => `${FRAME}${printable(line, Infinity)}`);
}

function shortly({ keyword, group }: Mention): string {
  return [keyword, group.name].map((text) => printable(text, Infinity)).join(' in ');
}

interface Wanting {
  readonly webhook: Webhook;
  readonly others: readonly Mention[] | undefined;
}

/** Groups webhooks whose messages look the same, each group with one of them as its example. */
function alike(
  wanting: readonly Wanting[],
): readonly { readonly example: Wanting; readonly webhooks: readonly Webhook[] }[] {
  const groups = Map.groupBy(
    wanting,
    ({ webhook: { type, plain, template, digest }, others = [] }) =>
      JSON.stringify([
        type,
        plain,
        template?.text,
        digest !== null,
        others.map((other) => mentionKey(other, 'mention')),
      ]),
  );
  return [...groups.values()].flatMap((group) =>
    group
      .slice(0, 1)
      .map((example) => ({ example, webhooks: group.map(({ webhook }) => webhook) })),
  );
}
