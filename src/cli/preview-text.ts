import { messageId } from '../domain/delivery.ts';
import { loggedId, mentionKey, type DedupeBy, type JsonObject } from '../domain/mention.ts';
import { printable } from '../domain/printable.ts';
import type { Routing } from '../pipeline/fan-out.ts';
import type { PreviewedMention } from '../pipeline/preview.ts';
import { slackAsText } from '../webhooks/slack-preview.ts';

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
const STANDING: Readonly<Record<PreviewedMention['standing'], string>> = {
  new: 'new',
  seen: 'seen before: not sent again',
  backlog: 'left out by BACKLOG',
};

/** Each mention with where it goes, why not elsewhere, and its Slack message; safe for a terminal. */
export function previewText(
  previewed: readonly PreviewedMention[],
  window: {
    readonly windowSize: number;
    readonly malformed: number;
    readonly polledAtMs: number;
  },
): string {
  const { windowSize, malformed, polledAtMs } = window;
  const toSend = previewed.filter(({ standing }) => standing === 'new').length;
  const unreadable = malformed === 0 ? '' : `, and ${malformed} that can't be read`;
  return [
    ...previewed.flatMap((each) => [...mentionLines(each, polledAtMs), '']),
    `The window holds ${windowSize} mentions${unreadable}; ${toSend} of those shown would be new to the next poll. Nothing was sent.`,
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
    mentions: previewed.map(({ mention, standing, routes }) => ({
      mentionId: loggedId(mention),
      messageId: messageId(mentionKey(mention, dedupeBy)),
      keyword: mention.keyword,
      group: mention.group,
      position: mention.position,
      spottedAt: mention.spottedAtMs === null ? null : new Date(mention.spottedAtMs).toISOString(),
      standing,
      webhooks: Object.fromEntries(
        routes.map(({ webhook, routing }) => [
          webhook.name,
          routing.wanted ? { gets: standing === 'new' } : unwantedJson(routing),
        ]),
      ),
    })),
  };
}

function mentionLines(
  { mention, standing, routes }: PreviewedMention,
  polledAtMs: number,
): string[] {
  const wanting = routes.filter(({ routing }) => routing.wanted).map(({ webhook }) => webhook.name);
  const verb = standing === 'new' ? 'to' : 'would match';
  return [
    `${loggedId(mention)}  ${STANDING[standing]}`,
    ...slackAsText(mention, polledAtMs).map((line) => `  | ${printable(line, Infinity)}`),
    wanting.length === 0 ? '  to no webhook' : `  ${verb} ${wanting.join(', ')}`,
    ...routes.flatMap(({ webhook, routing }) =>
      routing.wanted ? [] : [`  not ${webhook.name}: ${why(routing)}`],
    ),
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
