import { Redis } from 'ioredis';
import type { MentionDelivery } from '../../src/domain/delivery.ts';
import { mentionKey, parseMention, type Mention } from '../../src/domain/mention.ts';
import { createQueues } from '../../src/queues/queues.ts';
import { redisKeys } from '../../src/redis/redis-keys.ts';
import { eventOf } from '../../src/webhooks/http/http-event.ts';

/** The prefix of all queues. */
export const QUEUES_PREFIX = redisKeys('mention-relay').queues;
const BODY_BYTES = 1024;
const ENQUEUED_AT_ONCE = 1_000;
const FIRST_POST_ID = 2_944_000_000_000_000;
const FIRST_SPOTTED_S = 1_790_000_000;

/** Returns a mention whose event is 1 KB of JSON. Another number gives another mention. */
export function kilobyteMention(number: number): Mention {
  const event = JSON.stringify(eventOf([deliveryOf('A', mentionOf(number, ''))]));
  const filling = 'Which CRM would you take for a small agency? ';
  const room = BODY_BYTES - Buffer.byteLength(event);
  return mentionOf(number, filling.repeat(Math.ceil(room / filling.length)).slice(0, room));
}

function mentionOf(number: number, content: string): Mention {
  const id = String(FIRST_POST_ID + number);
  const parsed = parseMention({
    id,
    keyword: 'CRM',
    position: 'post',
    content,
    link: `https://facebook.com/groups/1613874192275516/permalink/${id}`,
    owner: {
      name: 'Ana P.',
      id: '100012345678901',
      link: 'https://facebook.com/profile.php?id=100012345678901',
    },
    group: { id: '1613874192275516', name: 'SaaS Growth & Marketing Lounge' },
    spotted: String(FIRST_SPOTTED_S + number),
  });
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

function deliveryOf(webhook: string, mention: Mention): MentionDelivery {
  const key = mentionKey(mention, 'mention');
  return { kind: 'mention', webhook, key, mention, polledAtMs: Date.now() };
}

/** The body of a POST with one such mention. */
export function kilobyteBody(): string {
  return JSON.stringify(eventOf([deliveryOf('A', kilobyteMention(1))]));
}

/**
 * Queues this many mentions for each webhook, as a poll does, while no relay runs. Benches of other
 * checkouts call it too: its signature stays.
 */
export async function fillQueues(
  redisUrl: string,
  webhooks: readonly string[],
  mentionsEach: number,
): Promise<void> {
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: null });
  const onError = (error: Error): void => {
    throw error;
  };
  const queues = createQueues({ redis, prefix: QUEUES_PREFIX, onError });
  for (let from = 0; from < mentionsEach; from += ENQUEUED_AT_ONCE) {
    const count = Math.min(ENQUEUED_AT_ONCE, mentionsEach - from);
    const mentions = Array.from({ length: count }, (_, index) => kilobyteMention(from + index));
    for (const webhook of webhooks) {
      await queues.enqueue(
        webhook,
        mentions.map((mention) => deliveryOf(webhook, mention)),
      );
    }
  }
  await queues.close(0);
  await redis.quit();
}
