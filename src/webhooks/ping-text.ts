import { wantsMentions, type Webhook } from '../domain/webhook.ts';

/** What a `test.ping` says to people. */
export function pingText(webhook: Pick<Webhook, 'name' | 'events'>): string {
  const what = wantsMentions(webhook) ? 'mentions' : 'alerts';
  return `A test of mention-relay: ${what} for the webhook ${webhook.name} will arrive here.`;
}
