import type { Mention, MentionKey } from '../domain/mention.ts';
import type { Webhook } from '../domain/webhook.ts';
import { backlogSends } from '../domain/backlog.ts';
import { fanOut, type Routing } from '../routing/fan-out.ts';
import type { KnownLeads } from '../routing/lead.ts';
import type { KeyRule } from '../domain/old-keys.ts';
import { distinct, oldestFirst, type MentionWindow, type PollSettings } from './poll.ts';

/** A mention of a window, and what the next poll would do with it. */
export interface PreviewedMention {
  readonly mention: Mention;
  /** `seen`: handled before. `backlog`: in the first window ever, and excluded by BACKLOG. */
  readonly status: 'new' | 'seen' | 'backlog';
  /** One route per webhook, in the order of the settings, whatever the status. */
  readonly routes: readonly PreviewedRoute[];
}

/** The decision on a mention for one webhook. */
export interface PreviewedRoute {
  readonly webhook: Webhook;
  readonly routing: Routing;
  /** The message of another mention into which DEDUPE_BY merged this one, which was seen before. */
  readonly mergedInto?: { readonly key: MentionKey; readonly mention: Mention | null };
}

/** The memory of a relay before a window. */
interface Known {
  readonly firstWindow: boolean;
  readonly seen: ReadonlySet<Mention>;
}

/** Returns the mentions of a window that a poll would send, each once, oldest first. */
export function mentionsToSend(
  { mentions, receivedAtMs }: MentionWindow,
  known: Known,
  { backlog }: Pick<PollSettings, 'backlog'>,
): Mention[] {
  return distinct(oldestFirst(mentions)).filter(
    (mention) =>
      !known.seen.has(mention) &&
      (!known.firstWindow || backlogSends(backlog, mention, receivedAtMs)),
  );
}

/**
 * Returns what a poll would do with a window, without doing it: each mention once, oldest first.
 * Seen mentions are routed too: they show what a webhook's filter accepts.
 *
 * @param known - with the leads of {@link mentionsToSend} and of what was seen, for DEDUPE_BY=lead
 */
export function previewWindow(
  window: MentionWindow,
  known: Known & Omit<KeyRule, 'dedupeBy'> & { readonly leads?: KnownLeads },
  settings: PollSettings,
): PreviewedMention[] {
  const { webhooks, dedupeBy } = settings;
  const ordered = distinct(oldestFirst(window.mentions));
  // A mention that is not sent must not claim its post or lead.
  const fresh = mentionsToSend(window, known, settings);
  const isFresh = new Set(fresh);
  const statusOf = (mention: Mention): PreviewedMention['status'] => {
    if (known.seen.has(mention)) return 'seen';
    return isFresh.has(mention) ? 'new' : 'backlog';
  };
  const { leads = new Map(), oldKeysBeforeMs } = known;
  const routings = webhooks.map((webhook) => {
    const sent = new Map(
      fanOut(webhook, fresh, { dedupeBy, leads }).map((each, index) => [fresh[index], each]),
    );
    const messages = new Map<MentionKey, Mention>();
    return ordered.map((mention): readonly PreviewedRoute[] => {
      const [alone] = fanOut(webhook, [mention], { dedupeBy, oldKeysBeforeMs });
      const routing = sent.get(mention) ?? alone;
      if (routing === undefined) return [];
      if (!known.seen.has(mention) || !routing.wanted) return [{ webhook, routing }];
      const lead = leads.get(mention);
      const key = lead?.webhooks.includes(webhook.name) === true ? lead.key : routing.key;
      const first = messages.get(key) ?? null;
      if (first === null) messages.set(key, mention);
      if (first === null && key === routing.key) return [{ webhook, routing }];
      return [{ webhook, routing, mergedInto: { key, mention: first } }];
    });
  });
  return ordered.map((mention, index) => ({
    mention,
    status: statusOf(mention),
    routes: routings.flatMap((each) => each[index] ?? []),
  }));
}
