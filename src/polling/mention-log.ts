import { messageId, type RecoveredDelivery } from '../domain/delivery.ts';
import type { EventLog } from '../domain/event-log.ts';
import { loggedId } from '../domain/mention.ts';
import { loggedPostId, type RecoveredMention } from '../domain/recovered-mention.ts';
import { wantsMentions, type Webhook } from '../domain/webhook.ts';
import type { PolledMentions } from '../history/polled-mentions.ts';
import { isMerged, type Routing } from '../routing/fan-out.ts';
import { matchRecovered, type Match } from '../routing/mention-filter.ts';

/** Logs that recovered mentions are queued, and for which webhooks. */
export function logRecovered(
  log: EventLog,
  posts: readonly RecoveredMention[],
  deliveries: readonly RecoveredDelivery[],
  webhooks: readonly Pick<Webhook, 'name' | 'events' | 'filter'>[],
): void {
  const byPost = Map.groupBy(deliveries, ({ mention }) => mention);
  for (const post of posts) {
    const queued = byPost.get(post) ?? [];
    const [first] = queued;
    const mentionId = loggedPostId(post);
    const routes = webhooks.filter(wantsMentions).map(({ name, filter }) => ({
      webhook: name,
      routing: matchRecovered(post, filter),
    }));
    const fields = {
      kind: 'recovered',
      ...(mentionId !== null && { mentionId }),
      ...excludedAt(routes),
    };
    if (first === undefined) {
      log.info(
        'mention.skipped',
        { ...fields, reason: 'unwanted' },
        'no webhook wants this mention',
      );
    } else {
      log.info(
        'mention.queued',
        {
          ...fields,
          messageId: messageId(first.key),
          webhooks: queued.map(({ webhook }) => webhook),
        },
        'recovered mention queued',
      );
    }
  }
}

/** Logs for each new mention where it goes, or why nowhere: its first lines in the log. */
export function logMentions(log: EventLog, polled: PolledMentions): void {
  const indexes = new Map(polled.toSend.map((mention, index) => [mention, index]));
  const recovered = new Set(polled.recovered);
  const polledAt = new Date(polled.polledAtMs).toISOString();
  for (const mention of [...polled.recovered, ...polled.unseen]) {
    const index = indexes.get(mention);
    const routes = polled.routes.map(({ webhook, routings }) => ({
      webhook,
      routing: index === undefined ? undefined : routings[index],
    }));
    const common = { mentionId: loggedId(mention), polledAt, ...excludedAt(routes) };
    const queued = messageOf(routes.filter(({ routing }) => routing?.wanted));
    const merged = messageOf(routes.filter(({ routing }) => isMerged(routing)));
    if (queued !== null) log.info('mention.queued', { ...common, ...queued }, 'mention queued');
    if (merged !== null) {
      log.info(
        'mention.merged',
        { mentionId: loggedId(mention), polledAt, ...merged },
        'another mention of the same post or lead has the message',
      );
    }
    if (queued !== null || merged !== null) continue;
    if (recovered.has(mention)) {
      log.info(
        'mention.skipped',
        { ...common, reason: 'recovered' },
        'recovery already queued this mention',
      );
    } else if (index !== undefined) {
      log.info(
        'mention.skipped',
        { ...common, reason: 'unwanted' },
        'no webhook wants this mention',
      );
    } else {
      // `state.empty` has logged how many.
      log.debug(
        'mention.skipped',
        { ...common, reason: 'backlog' },
        'BACKLOG excludes this mention',
      );
    }
  }
}

interface Route<R> {
  readonly webhook: string;
  readonly routing: R | undefined;
}

/** Returns the webhooks of these routes, and the message that they get; null without any. */
function messageOf(
  routes: readonly Route<Routing>[],
): { readonly messageId: string; readonly webhooks: readonly string[] } | null {
  const [key] = routes.flatMap(({ routing }) => (routing && 'key' in routing ? routing.key : []));
  if (key === undefined) return null;
  return { messageId: messageId(key), webhooks: routes.map(({ webhook }) => webhook) };
}

const EXCLUDING = ['include', 'exclude', 'exclude_authors'] as const;
type Excluding = (typeof EXCLUDING)[number];

/** Returns the kind of rule by which each webhook excludes a mention, as a field; never the rule itself. */
function excludedAt(routes: readonly Route<Match | Routing>[]): {
  readonly excluded?: Readonly<Record<string, Excluding>>;
} {
  const excluded = routes.flatMap(({ webhook, routing }) => {
    const kind = EXCLUDING.find((each) => routing?.wanted === false && routing.because === each);
    return kind === undefined ? [] : [[webhook, kind] as const];
  });
  return excluded.length === 0 ? {} : { excluded: Object.fromEntries(excluded) };
}
