import type { MalformedItem } from '../groouply/groouply-api.io.ts';
import type { Backlog } from '../domain/backlog.ts';
import { messageId, type RecoveredDelivery } from '../domain/delivery.ts';
import { type EventLog, isoTime } from '../domain/event-log.ts';
import { loggedId, type Mention } from '../domain/mention.ts';
import { deliveryKey, type KeyRule } from '../domain/old-keys.ts';
import { loggedPostId, type RecoveredMention } from '../domain/recovered-mention.ts';
import { wantsMentions, type Webhook } from '../domain/webhook.ts';
import type { Routing } from '../routing/fan-out.ts';
import type { Gap } from '../state/gap.ts';
import { matchRecovered, type Match } from '../routing/mention-filter.ts';
import { isSaturated, type PolledWindow } from './next-poll.ts';

/** Logs that there is no state, and what happens to the window. */
export function logEmptyState(
  log: EventLog,
  about: {
    readonly backlog: Backlog;
    /** True if there was a state before. */
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
      ? 'Redis was emptied: seen mentions and waiting deliveries are gone; BACKLOG decides which mentions of this window are sent'
      : 'no state in Redis: first run, BACKLOG decides what is sent',
  );
}

/** Logs that mentions may be missing, and when they would have been spotted. */
export function logGap(log: EventLog, { fromMs, toMs }: Gap, windowSize: number): void {
  log.warn(
    'poll.gap_detected',
    { windowSize, missingFrom: isoTime(fromMs), missingTo: isoTime(toMs) },
    'no overlap with earlier windows; mentions may be missing, and the relay searches the groups for them',
  );
}

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
        'no webhook accepts this mention',
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

/** Logs for each new mention where it goes, or why nowhere: its first line in the log. */
export function logMentions(
  log: EventLog,
  mentions: readonly Mention[],
  polled: {
    /** The mentions that recovery has sent before. */
    readonly recovered: readonly Mention[];
    readonly toSend: readonly Mention[];
    /** The routes of each of `toSend`, in its order; wanted mentions are queued by now. */
    readonly routes: readonly { readonly webhook: string; readonly routings: readonly Routing[] }[];
    readonly rule: KeyRule;
    readonly polledAtMs: number;
  },
): void {
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
      const id = messageId(deliveryKey(mention, polled.rule));
      log.info('mention.queued', { ...common, messageId: id, webhooks }, 'mention queued');
    } else if (recovered.has(mention)) {
      log.info(
        'mention.skipped',
        { ...common, reason: 'recovered' },
        'recovery already queued this mention',
      );
    } else if (index !== undefined) {
      log.info(
        'mention.skipped',
        { ...common, reason: 'unwanted' },
        'no webhook accepts this mention',
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

const EXCLUDING = ['include', 'exclude', 'exclude_authors'] as const;
type Excluding = (typeof EXCLUDING)[number];

/** Returns the kind of rule by which each webhook excludes a mention, as a field; never the rule itself. */
function excludedAt(
  routes: readonly { readonly webhook: string; readonly routing: Match | Routing | undefined }[],
): { readonly excluded?: Readonly<Record<string, Excluding>> } {
  const excluded = routes.flatMap(({ webhook, routing }) => {
    const kind = EXCLUDING.find((each) => routing?.wanted === false && routing.because === each);
    return kind === undefined ? [] : [[webhook, kind] as const];
  });
  return excluded.length === 0 ? {} : { excluded: Object.fromEntries(excluded) };
}

/**
 * Creates a log of malformed items: each is logged once while it stays in the window. The window of a
 * quiet account keeps the same items for years, and is polled every few seconds. The log returns how
 * many items it logged.
 */
export function createMalformedItemsLog(
  log: EventLog,
): (items: readonly MalformedItem[]) => number {
  let logged: ReadonlySet<string> = new Set();
  return (items) => {
    // By fingerprint: an item that stands twice in a window is logged once.
    const present = new Map(items.map(({ fingerprint, reason }) => [fingerprint, reason]));
    const fresh = [...present].filter(([fingerprint]) => !logged.has(fingerprint));
    for (const [fingerprint, reason] of fresh) {
      log.warn(
        'poll.item_malformed',
        { fingerprint, reason },
        'the API sent an item that is unreadable; it was skipped, the others are processed',
      );
    }
    logged = new Set(present.keys());
    return fresh.length;
  };
}

/**
 * Creates a log of saturated windows, before anything is missed: the first one is logged, and the next
 * one only after a window that was less than a quarter new.
 */
export function createSaturationLog(
  log: EventLog,
  /** A window that came later than this after the last one does not show the rate. */
  maxPauseMs: number,
): (polled: PolledWindow) => void {
  let logged = false;
  return (polled) => {
    const { sinceLastMs } = polled;
    if (sinceLastMs === null || sinceLastMs > maxPauseMs) return;
    const saturated = isSaturated(polled);
    if (saturated && !logged) {
      log.warn(
        'poll.window_saturated',
        { windowSize: polled.windowSize, newMentions: polled.newMentions, sinceLastMs },
        'at least half of the window is new; polling as often as the budget allows',
      );
      logged = true;
    } else if (!saturated && !polled.gap && polled.newMentions * 4 < polled.windowSize) {
      logged = false;
    }
  };
}
