import type { Backlog } from '../domain/backlog.ts';
import { messageId, type RecoveredDelivery } from '../domain/delivery.ts';
import type { EventLog } from '../domain/events.ts';
import { isoTime } from '../domain/iso-time.ts';
import { loggedId, mentionKey, type DedupeBy, type Mention } from '../domain/mention.ts';
import { loggedPostId, type RecoveredMention } from '../domain/recovered-mention.ts';
import { wantsMentions, type Webhook } from '../domain/webhook.ts';
import type { Exclusion } from './exclusions.ts';
import type { Routing } from './fan-out.ts';
import type { Gap } from './gap.ts';
import { matchRecovered, type Match } from './route.ts';

/** Tells that there is no state, and what becomes of the window. */
export function tellEmptyState(
  log: EventLog,
  about: {
    readonly backlog: Backlog;
    /** Whether there was a state before that this process knew. */
    readonly vanished: boolean;
    readonly sending: number;
    readonly skipping: number;
  },
): void {
  const { backlog, vanished, sending, skipping } = about;
  log[vanished ? 'warn' : 'info'](
    'state.empty',
    { backlog: backlog.kind, sending, skipping },
    vanished
      ? 'Redis was emptied: what was seen is forgotten and what waited is gone. This is taken as the first window ever, and BACKLOG decides what is sent'
      : 'no state in Redis: this is taken as the first window ever, and BACKLOG decides what is sent',
  );
}

/** Tells that mentions may be missing, and when they would have been spotted. */
export function tellGap(log: EventLog, { fromMs, toMs }: Gap, windowSize: number): void {
  log.warn(
    'poll.gap_detected',
    { windowSize, missingFrom: isoTime(fromMs), missingTo: isoTime(toMs) },
    'the window is full and shares no mention with those before: some that were spotted in between may be missing',
  );
}

/** Tells that recovered mentions are queued, and where. */
export function tellRecovered(
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
      log.info('mention.skipped', { ...fields, reason: 'unwanted' }, 'no webhook wants it');
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

/** Tells of each new mention where it goes, or why nowhere: its journey in the log begins here. */
export function tellMentions(
  log: EventLog,
  mentions: readonly Mention[],
  polled: {
    /** Those that recovery has sent before. */
    readonly recovered: readonly Mention[];
    readonly toSend: readonly Mention[];
    /** What becomes of each of `toSend`, in its order: those that a webhook wants are in its queue now. */
    readonly routes: readonly { readonly webhook: string; readonly routings: readonly Routing[] }[];
    readonly dedupeBy: DedupeBy;
    readonly polledAtMs: number;
  },
): void {
  const { dedupeBy } = polled;
  const indexes = new Map(polled.toSend.map((mention, index) => [mention, index]));
  const recovered = new Set(polled.recovered);
  const polledAt = new Date(polled.polledAtMs).toISOString();
  for (const mention of mentions) {
    const index = indexes.get(mention);
    const routes = polled.routes.map(({ webhook, routings }) => ({
      webhook,
      routing: index === undefined ? undefined : routings[index],
    }));
    const webhooks = routes.filter(({ routing }) => routing?.wanted).map(({ webhook }) => webhook);
    const common = { mentionId: loggedId(mention), polledAt, ...excludedAt(routes) };
    if (webhooks.length > 0) {
      const id = messageId(mentionKey(mention, dedupeBy));
      log.info('mention.queued', { ...common, messageId: id, webhooks }, 'mention queued');
    } else if (recovered.has(mention)) {
      log.info('mention.skipped', { ...common, reason: 'recovered' }, 'recovery has sent it');
    } else if (index !== undefined) {
      log.info('mention.skipped', { ...common, reason: 'unwanted' }, 'no webhook wants it');
    } else {
      // state.empty has told how many.
      log.debug('mention.skipped', { ...common, reason: 'backlog' }, 'BACKLOG leaves it out');
    }
  }
}

/** By which kind of rule each webhook that excludes a mention does so, as a field; never the rule itself. */
function excludedAt(
  routes: readonly { readonly webhook: string; readonly routing: Match | Routing | undefined }[],
): { readonly excluded?: Readonly<Record<string, Exclusion['because']>> } {
  const excluded = routes.flatMap(({ webhook, routing }) =>
    routing?.wanted === false && 'rule' in routing ? [[webhook, routing.because] as const] : [],
  );
  return excluded.length === 0 ? {} : { excluded: Object.fromEntries(excluded) };
}
