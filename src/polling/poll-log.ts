import type { MalformedItem } from '../groouply/groouply-api.io.ts';
import type { Backlog } from '../domain/backlog.ts';
import { messageId, type RecoveredDelivery } from '../domain/delivery.ts';
import { type EventLog, isoTime } from '../domain/event-log.ts';
import { loggedId, mentionKey, type DedupeBy, type Mention } from '../domain/mention.ts';
import { loggedPostId, type RecoveredMention } from '../domain/recovered-mention.ts';
import { wantsMentions, type Webhook } from '../domain/webhook.ts';
import type { Routing } from '../routing/fan-out.ts';
import type { Gap } from '../state/gap.ts';
import { matchRecovered, type Exclusion, type Match } from '../routing/mention-filter.ts';
import { isSaturated, type PolledWindow } from './poll-times.ts';

/** Tells that there is no state, and what becomes of the window. */
export function logEmptyState(
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
export function logGap(log: EventLog, { fromMs, toMs }: Gap, windowSize: number): void {
  log.warn(
    'poll.gap_detected',
    { windowSize, missingFrom: isoTime(fromMs), missingTo: isoTime(toMs) },
    'the window is full and shares no mention with those before: some that were spotted in between may be missing',
  );
}

/** Tells that recovered mentions are queued, and where. */
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
export function logMentions(
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

/**
 * Tells of malformed items, each once for as long as it stays in the window: a window keeps the
 * same items for years on a quiet account, and is polled every few seconds.
 */
export function createMalformedItemsLog(log: EventLog): (items: readonly MalformedItem[]) => void {
  let told: ReadonlySet<string> = new Set();
  return (items) => {
    // By fingerprint, so that an item that stands twice in a window is told of once.
    const present = new Map(items.map(({ fingerprint, reason }) => [fingerprint, reason]));
    for (const [fingerprint, reason] of present) {
      if (told.has(fingerprint)) continue;
      log.warn(
        'poll.item_malformed',
        { fingerprint, reason },
        'an item of the window can not be read as a mention: it is set aside, the others go on',
      );
    }
    told = new Set(present.keys());
  };
}

/**
 * Tells when windows begin to be saturated, before anything is missed: once, and again only after
 * one that was not half as full of new mentions.
 */
export function createSaturationLog(
  log: EventLog,
  /** A window that came later than this after the one before says nothing of the pace. */
  maxPauseMs: number,
): (polled: PolledWindow, sinceLastMs: number | null) => void {
  let told = false;
  return (polled, sinceLastMs) => {
    if (sinceLastMs === null || sinceLastMs > maxPauseMs) return;
    const saturated = isSaturated(polled);
    if (saturated && !told) {
      log.warn(
        'poll.window_saturated',
        { windowSize: polled.windowSize, newMentions: polled.newMentions, sinceLastMs },
        'half of the window or more was new: at a higher rate mentions would be missed. Polls come as soon as the budget allows',
      );
      told = true;
    } else if (!saturated && !polled.gap && polled.newMentions * 4 < polled.windowSize) {
      told = false;
    }
  };
}
