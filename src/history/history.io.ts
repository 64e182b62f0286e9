import { luaScript, readLua, type RedisClient } from '../redis/redis-client.ts';
import type { RedisKeys } from '../redis/redis-keys.ts';
import {
  keptEndLine,
  postDigest,
  POST_DIGITS,
  readKeptMention,
  type KeptEnd,
  type KeptMention,
  type KeptRecord,
} from './kept-mention.ts';

/** The mentions of the last HISTORY_DAYS, each once, with the ends of their deliveries. */
export interface History {
  /** Finds a mention by its identity: see `identityOf`. Null also if its record is damaged. */
  find(identity: string): Promise<KeptMention | null>;
  /** Finds the mentions of a post, oldest first, by its id, or by the number or token in its link. */
  ofPost(post: string): Promise<readonly KeptMention[]>;
  /** Returns the mentions kept from `sinceMs` up to, but not including, `untilMs`, oldest first. */
  between(sinceMs: number, untilMs: number, onDamaged?: () => void): AsyncIterable<KeptMention>;
  /** Keeps mentions, unless they are kept already. Nothing but the oldest is ever removed. */
  keep(records: readonly KeptRecord[], nowMs: number): Promise<void>;
  /** Adds ends of deliveries. Skips those of mentions that are not kept. */
  end(ends: readonly KeptEndOf[], nowMs: number): Promise<void>;
  /** Removes what is older, or more, than the bounds allow. */
  trim(nowMs: number): Promise<void>;
}

/** The end of a delivery, with the identity of its mention. */
export interface KeptEndOf {
  readonly identity: string;
  readonly end: KeptEnd;
}

/** The bounds of the history. */
export interface HistoryBounds {
  readonly maxAgeMs: number;
  /** Bytes of memory in Redis, by the sizes that were measured there. */
  readonly maxBytes: number;
}

const lua = (name: string): string => readLua(new URL(`./${name}`, import.meta.url));
const TRIM = lua('history-trim.lua');
/** Runs as soon as a poll has decided on its new mentions. */
export const KEEP = `${TRIM}\n${lua('history-keep.lua')}`;
/** Runs when deliveries have ended. */
export const END = `${TRIM}\n${lua('history-end.lua')}`;
const PAGE = lua('history-page.lua');

const PAGE_SIZE = 200;
const MAX_OF_POST = 1_000;

/**
 * Opens the history in Redis. Every write removes 100 mentions at most, so that no script is long; it
 * resolves when nothing is left to remove.
 */
export function createHistory(
  redis: RedisClient,
  { history: keys }: RedisKeys,
  bounds: HistoryBounds,
): History {
  const all = [keys.records, keys.times, keys.posts];
  const keepScript = luaScript(redis, KEEP);
  const endScript = luaScript(redis, END);
  const page = luaScript(redis, PAGE);
  const args = (nowMs: number): number[] => [nowMs, bounds.maxAgeMs, bounds.maxBytes];

  async function trim(nowMs: number): Promise<void> {
    while ((await keepScript(all, args(nowMs))) === 1);
  }

  return {
    async find(identity) {
      const text = await redis.hget(keys.records, identity);
      return text === null ? null : readKeptMention(text);
    },

    async ofPost(post) {
      const from = postDigest(post);
      // No character of a digest is beyond `z`.
      const range = [`[${from}`, `(${from}~`] as const;
      const members = await redis.zrangebylex(keys.posts, ...range, 'LIMIT', 0, MAX_OF_POST);
      if (members.length === 0) return [];
      const identities = members.map((member) => member.slice(POST_DIGITS));
      const texts = await redis.hmget(keys.records, ...identities);
      return texts
        .flatMap((text) => (text === null ? [] : (readKeptMention(text) ?? [])))
        .sort((one, other) => one.keptAtMs - other.keptAtMs);
    },

    async *between(sinceMs, untilMs, onDamaged) {
      for (let last = ''; ;) {
        const found = await page([keys.records, keys.times], [last, sinceMs, untilMs, PAGE_SIZE]);
        const membersAndTexts = found as readonly string[];
        if (membersAndTexts.length === 0) return;
        for (const [index, text] of membersAndTexts.entries()) {
          if (index % 2 === 0) {
            last = text;
            continue;
          }
          const kept = readKeptMention(text);
          if (kept === null) onDamaged?.();
          else yield kept;
        }
      }
    },

    async keep(records, nowMs) {
      if (records.length === 0) return;
      const each = records.flatMap(({ identity, posts, text }) => [identity, posts, text]);
      if ((await keepScript(all, [...args(nowMs), ...each])) === 1) await trim(nowMs);
    },

    async end(ends, nowMs) {
      if (ends.length === 0) return;
      const each = ends.flatMap(({ identity, end }) => [identity, keptEndLine(end)]);
      if ((await endScript(all, [...args(nowMs), ...each])) === 1) await trim(nowMs);
    },

    trim,
  };
}

/** Removes the whole history. Redis frees the memory in the background. */
export async function clearHistory(
  redis: RedisClient,
  { history: keys }: Pick<RedisKeys, 'history'>,
): Promise<void> {
  await redis.unlink(keys.records, keys.times, keys.posts);
}
