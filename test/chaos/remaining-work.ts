import type { Redis } from 'ioredis';
import { redisKeys } from '../../src/redis/redis-keys.ts';
import { mentionKey, parseMention, type MentionKey } from '../../src/domain/mention.ts';
import type { SandboxMention } from '../../src/sandbox/made-up-mentions.ts';

/** What the relays still have to do, as their Redis tells it. */
export interface Work {
  /** Notes mentions that are to be seen and delivered. */
  expect(mentions: readonly SandboxMention[]): void;
  /** Asks Redis which of them have been seen by now; waits while it is away. */
  look(): Promise<void>;
  /** How many had not been seen when it last looked. */
  unseen(): number;
  /** How many mentions are not seen and how many deliveries not done, failed ones too. */
  left(): Promise<number>;
}

/** Watches the relays on this Redis. */
export function watchWork(redis: Redis, webhooks: readonly string[]): Work {
  const keys = redisKeys('mention-relay');
  let open: MentionKey[] = [];
  let looking: Promise<void> | undefined;

  async function look(): Promise<void> {
    const asked = open;
    if (asked.length === 0) return;
    const [current, previous] = await Promise.all([
      redis.smismember(keys.seen.current, ...asked),
      redis.smismember(keys.seen.previous, ...asked),
    ]);
    const seen = new Set(asked.filter((_, index) => current[index] === 1 || previous[index] === 1));
    open = open.filter((key) => !seen.has(key));
  }
  const lookOnce = (): Promise<void> => {
    looking ??= look().finally(() => (looking = undefined));
    return looking;
  };

  return {
    expect(mentions) {
      for (const item of mentions) {
        const parsed = parseMention(item);
        if (parsed.ok) open.push(mentionKey(parsed.value, 'mention'));
      }
    },
    look: lookOnce,
    unseen: () => open.length,
    async left() {
      await lookOnce();
      const jobs = await Promise.all(
        webhooks.map((webhook) => redis.keys(`${keys.queues}:deliver-${webhook}:m-*`)),
      );
      return open.length + jobs.flat().length;
    },
  };
}
