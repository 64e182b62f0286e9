import type { Mention, MentionKey } from '../../domain/mention.ts';
import { deliveryKey, type KeyRule } from '../../domain/old-keys.ts';
import { luaScript, readLua, type RedisClient } from '../../redis/redis-client.ts';
import type { RedisKeys } from '../../redis/redis-keys.ts';
import { LEAD_MS, leadAtMs, leadOf, type KnownLead, type KnownLeads } from '../../routing/lead.ts';

/** The memory of leads, for DEDUPE_BY=lead. */
export interface Leads {
  /**
   * Returns the leads of new mentions, oldest first. A lead that is not known begins with its first
   * mention, in Redis too: whatever crashes or polls at the same time, its key stays the same.
   */
  claim(mentions: readonly Mention[], found: FoundMentions): Promise<KnownLeads>;
  /** Records for which webhooks leads were queued, once Redis has acknowledged their deliveries. */
  mark(queued: readonly KnownLead[]): Promise<void>;
}

/** The facts about new mentions on which their leads depend. */
export interface FoundMentions extends KeyRule {
  /** When their window was received. */
  readonly receivedAtMs: number;
}

const lua = (name: string): string => readLua(new URL(`./${name}`, import.meta.url));
export const CLAIM_LEADS = lua('claim-leads.lua');
const MARK_LEADS = lua('mark-leads.lua');

/**
 * Creates the memory of leads in Redis, for all replicas: two hashes in generations, as the seen set
 * has them. It remembers at least `generationSize` leads.
 */
export function createLeads(options: {
  readonly redis: RedisClient;
  readonly keys: RedisKeys;
  readonly generationSize: number;
}): Leads {
  const { redis, keys, generationSize } = options;
  const { current, previous } = keys.leads;
  const markLeads = luaScript(redis, MARK_LEADS);
  return {
    claim: (mentions, found) => findLeads({ redis, keys, generationSize }, mentions, found),
    async mark(queued) {
      if (queued.length === 0) return;
      await markLeads(
        [current, previous],
        queued.flatMap(({ lead, key, webhooks }) => [lead, key, webhooks.join(' ')]),
      );
    },
  };
}

/** Returns the leads that `claim` would return. Changes nothing. */
export function readLeads(
  { redis, keys }: { readonly redis: RedisClient; readonly keys: RedisKeys },
  mentions: readonly Mention[],
  found: FoundMentions,
): Promise<KnownLeads> {
  return findLeads({ redis, keys, generationSize: null }, mentions, found);
}

async function findLeads(
  memory: {
    readonly redis: RedisClient;
    readonly keys: RedisKeys;
    /** Null to keep nothing. */
    readonly generationSize: number | null;
  },
  mentions: readonly Mention[],
  found: FoundMentions,
): Promise<KnownLeads> {
  const { redis, keys, generationSize } = memory;
  const asked = mentions.flatMap((mention) => {
    const lead = leadOf(mention);
    return lead === null ? [] : [{ mention, lead }];
  });
  if (asked.length === 0) return new Map();
  const entries = (await luaScript(redis, CLAIM_LEADS)(
    [keys.leads.current, keys.leads.previous],
    [
      generationSize ?? 0,
      LEAD_MS,
      generationSize === null ? 0 : 1,
      ...asked.flatMap(({ mention, lead }) => [
        lead,
        leadAtMs(mention, found.receivedAtMs),
        deliveryKey(mention, found),
      ]),
    ],
  )) as readonly string[];
  return new Map(
    asked.map(({ mention, lead }, index) => {
      const [, key = '', ...webhooks] = (entries[index] ?? '').split(' ');
      return [mention, { lead, key: key as MentionKey, webhooks }];
    }),
  );
}
