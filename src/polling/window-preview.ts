import type { Mention } from '../domain/mention.ts';
import type { Webhook } from '../domain/webhook.ts';
import { backlogSends } from '../domain/backlog.ts';
import { fanOut, type Routing } from '../routing/fan-out.ts';
import type { KnownLeads } from '../routing/lead.ts';
import { distinct, oldestFirst, type MentionWindow, type PollSettings } from './poll.ts';

/** A mention of a window, and what the next poll would do with it. */
export interface PreviewedMention {
  readonly mention: Mention;
  /** `seen`: handled before. `backlog`: in the first window ever, and excluded by BACKLOG. */
  readonly status: 'new' | 'seen' | 'backlog';
  /** One route per webhook, in the order of the settings, whatever the status. */
  readonly routes: readonly { readonly webhook: Webhook; readonly routing: Routing }[];
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
 * @param known - with the leads of {@link mentionsToSend}, for DEDUPE_BY=lead
 */
export function previewWindow(
  window: MentionWindow,
  known: Known & { readonly leads?: KnownLeads },
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
  const rule = { dedupeBy, leads: known.leads ?? new Map() };
  const routings = webhooks.map((webhook) => {
    const sent = new Map(fanOut(webhook, fresh, rule).map((each, index) => [fresh[index], each]));
    return ordered.map((mention) => {
      const [alone] = fanOut(webhook, [mention], { dedupeBy });
      return { webhook, routing: sent.get(mention) ?? alone };
    });
  });
  return ordered.map((mention, index) => ({
    mention,
    status: statusOf(mention),
    routes: routings.flatMap((each) => {
      const route = each[index];
      return route?.routing === undefined ? [] : { webhook: route.webhook, routing: route.routing };
    }),
  }));
}
