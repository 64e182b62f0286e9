import type { Mention } from '../domain/mention.ts';
import type { Webhook } from '../domain/webhook.ts';
import { backlogSends } from '../domain/backlog.ts';
import { fanOut, type Routing } from '../routing/fan-out.ts';
import { distinct, oldestFirst } from './order.ts';
import type { MentionWindow, PollSettings } from './poll.ts';

/** What the next poll would do with one mention of a window. */
export interface PreviewedMention {
  readonly mention: Mention;
  /** `seen`: handled before. `backlog`: in the first window ever, and BACKLOG leaves it out. */
  readonly status: 'new' | 'seen' | 'backlog';
  /** For each webhook, in the order of the settings, whatever the status. */
  readonly routes: readonly { readonly webhook: Webhook; readonly routing: Routing }[];
}

/**
 * What a poll would do with a window, each mention once, oldest first, without doing it. Each webhook's filter is
 * applied to mentions that were seen too: they show what it lets through.
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
    // Those that are not sent take no post away from those that are.
    const fresh = ordered.filter((mention) => statusOf(mention) === 'new');
    const sent = new Map(
      fanOut(webhook, fresh, dedupeBy).map((each, index) => [fresh[index], each]),
    );
    return ordered.map((mention) => {
      const [alone] = fanOut(webhook, [mention], dedupeBy);
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
