import type { Mention } from '../domain/mention.ts';
import type { Webhook } from '../domain/webhook.ts';
import { backlogSends } from '../domain/backlog.ts';
import { fanOut, type Routing } from '../routing/fan-out.ts';
import { distinct, oldestFirst, type MentionWindow, type PollSettings } from './poll.ts';

/** A mention of a window, and what the next poll would do with it. */
export interface PreviewedMention {
  readonly mention: Mention;
  /** `seen`: handled before. `backlog`: in the first window ever, and excluded by BACKLOG. */
  readonly status: 'new' | 'seen' | 'backlog';
  /** One route per webhook, in the order of the settings, whatever the status. */
  readonly routes: readonly { readonly webhook: Webhook; readonly routing: Routing }[];
}

/**
 * Returns what a poll would do with a window, without doing it: each mention once, oldest first.
 * Seen mentions are routed too: they show what a webhook's filter accepts.
 */
export function previewWindow(
  { mentions, receivedAtMs }: MentionWindow,
  known: { readonly firstWindow: boolean; readonly seen: ReadonlySet<Mention> },
  { webhooks, dedupeBy, backlog }: PollSettings,
): PreviewedMention[] {
  const ordered = distinct(oldestFirst(mentions));
  const statusOf = (mention: Mention): PreviewedMention['status'] => {
    if (known.seen.has(mention)) return 'seen';
    const skipped = known.firstWindow && !backlogSends(backlog, mention, receivedAtMs);
    return skipped ? 'backlog' : 'new';
  };
  const routings = webhooks.map((webhook) => {
    // A mention that is not sent must not claim its post for DEDUPE_BY=post.
    const fresh = ordered.filter((mention) => statusOf(mention) === 'new');
    const sent = new Map(
      fanOut(webhook, fresh, { dedupeBy }).map((each, index) => [fresh[index], each]),
    );
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
