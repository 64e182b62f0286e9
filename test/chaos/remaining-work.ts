import type { Redis } from 'ioredis';
import { redisKeys } from '../../src/redis/redis-keys.ts';
import { mentionKey, parseMention, type MentionKey } from '../../src/domain/mention.ts';
import type { SandboxMention } from '../../src/sandbox/made-up-mentions.ts';

/** The work that is left to the relays, by the documented state in their Redis. */
export interface Work {
  /** Adds mentions that must be seen and delivered. */
  expect(mentions: readonly SandboxMention[]): void;
  /** Asks Redis which mentions have been seen; waits while Redis is away. */
  check(): Promise<void>;
  /** The number of mentions that were not seen at the last check. */
  unseen(): number;
  /** The number of unseen mentions and of deliveries that are not done, failed ones included. */
  left(): Promise<number>;
}

/** Watches the relays on this Redis. */
export function watchWork(redis: Redis, webhooks: readonly string[]): Work {
  const keys = redisKeys('mention-relay');
  let open: MentionKey[] = [];
  let checking: Promise<void> | undefined;

  async function check(): Promise<void> {
    const asked = open;
    if (asked.length === 0) return;
    const [current, previous] = await Promise.all([
      redis.smismember(keys.seen.current, ...asked),
      redis.smismember(keys.seen.previous, ...asked),
    ]);
    const seen = new Set(asked.filter((_, index) => current[index] === 1 || previous[index] === 1));
    open = open.filter((key) => !seen.has(key));
  }
  const checkOnce = (): Promise<void> => {
    checking ??= check().finally(() => (checking = undefined));
    return checking;
  };

  return {
    expect(mentions) {
      for (const item of mentions) {
        const parsed = parseMention(item);
        if (parsed.ok) open.push(mentionKey(parsed.value, 'mention'));
      }
    },
    check: checkOnce,
    unseen: () => open.length,
    async left() {
      await checkOnce();
      const jobs = await Promise.all(
        webhooks.map((webhook) => redis.keys(`${keys.queues}:deliver-${webhook}:m-*`)),
      );
      return open.length + jobs.flat().length;
    },
  };
}
