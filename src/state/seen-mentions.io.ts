import type { Gap } from './gap.ts';
import {
  type RedisClient,
  LUA_NOW,
  luaScript,
  LUA_GENERATIONAL_SET,
} from '../redis/redis-client.ts';
import { mentionKey, type DedupeBy, type Mention } from '../domain/mention.ts';
import { permalinkKey, recoveredKey } from '../domain/permalink.ts';
import { LUA_ADD_OPEN_GAP, openGapJson } from './open-gaps.io.ts';
import type { RedisKeys } from '../redis/redis-keys.ts';
import { expectOwnVersion, STATE_VERSION } from './state-version.io.ts';

/** The memory of mentions already handled. */
export interface SeenMentions {
  /**
   * Which of the window's mentions are not in memory, as indexes. Those that are count as seen
   * anew. `firstWindow` says that there is no memory at all yet.
   */
  unseen(window: readonly Mention[]): Promise<{
    readonly firstWindow: boolean;
    readonly unseenIndexes: readonly number[];
    /** Those that are new in a window, but were found by recovery before. */
    readonly recoveredIndexes: readonly number[];
    /** When the newest of all mentions so far was spotted; null where that is not known. */
    readonly newestSpottedAtMs: number | null;
    /** How long ago a poll was last marked, by Redis's clock; null if none ever was. */
    readonly sinceLastMs: number | null;
  }>;
  /** Remembers mentions as handled, and what is to be known of the poll that brought them. */
  mark(mentions: readonly Mention[], polled: Polled): Promise<void>;
}

/** What is remembered of a poll that succeeded. */
export interface Polled {
  readonly polledAtMs: number;
  /** When the newest mention of its window was spotted; null where none has a readable time. */
  readonly newestSpottedAtMs: number | null;
  readonly gap: Gap | null;
  /** Whether there was no memory when it began. */
  readonly firstWindow: boolean;
}

/** The state was there when the poll began, and is not there any more. */
export class StateVanishedError extends Error {
  override readonly name = 'StateVanishedError';

  constructor() {
    super('Redis was emptied during the poll');
  }
}

// A mention is remembered under two keys: its own, and the one by which a post of its group is
// known to be it.
const KEYS_PER_MENTION = 2;
// Of a sweep that never was: the first one comes an hour after the state began.
const FIRST_SWEEP_AFTER_MS = 3_600_000;
const DAY_MS = 86_400_000;

/**
 * Defines `add(current, keys)`, which does not fail for any number of keys, and
 * `turnOver(current, previous, state, size)`: after a change of generations, what is remembered
 * for sure is what was spotted since the older of the two began.
 */
const LUA_REMEMBER = `
${LUA_NOW}
${LUA_GENERATIONAL_SET}
local function add(current, keys)
  for i = 1, #keys, 1000 do
    redis.call('SADD', current, unpack(keys, i, math.min(i + 999, #keys)))
  end
end
local function turnOver(current, previous, state, size)
  if not rotate(current, previous, size) then return end
  local began = redis.call('HGET', state, 'generationAtMs')
  if began then redis.call('HSET', state, 'rememberedFromMs', began) end
  redis.call('HSET', state, 'generationAtMs', now)
end
`;

/**
 * One call for a whole window. Every key that was seen is added to `current` again: retention
 * counts from the last time a mention was in a window, so a quiet account never forgets what its
 * window still shows.
 */
export const UNSEEN = `
${LUA_REMEMBER}
local current, previous, state = unpack(KEYS)
local count = (#ARGV - 1) / 3
local again, unseen, recovered = {}, {}, {}
for i = 1, count do
  local own, permalink, found = ARGV[1 + i], ARGV[1 + count + i], ARGV[1 + 2 * count + i]
  if contains(current, previous, own) then
    again[#again + 1] = own
    if permalink ~= '' then again[#again + 1] = permalink end
  elseif found ~= '' and contains(current, previous, found) then
    recovered[#recovered + 1] = i - 1
  else
    unseen[#unseen + 1] = i - 1
  end
end
if #again > 0 then
  add(current, again)
  turnOver(current, previous, state, ARGV[1])
end
local known = redis.call('HMGET', state, 'version', 'newestSpottedAtMs', 'markedAtMs')
local sinceLast = known[3] and now - known[3] or -1
return {unseen, recovered, known[1], known[2], sinceLast}
`;

export const MARK = `
${LUA_REMEMBER}
${LUA_ADD_OPEN_GAP}
local current, previous, state, gaps = unpack(KEYS)
local size, version, polledAt, newest, gap, gapFrom, gapTo, dedupeBy, sweptAt, first = unpack(ARGV, 1, 10)
if first == '0' and redis.call('HEXISTS', state, 'version') == 0 then return 0 end
local since = newest ~= '' and newest or polledAt
if redis.call('HSETNX', state, 'version', version) == 1 then
  redis.call('HSET', state, 'rememberedFromMs', since, 'generationAtMs', now, 'sweptAtMs', sweptAt)
elseif redis.call('HGET', state, 'dedupeBy') ~= dedupeBy then
  redis.call('HSET', state, 'rememberedFromMs', since)
end
redis.call('HSET', state, 'lastPollAtMs', polledAt, 'markedAtMs', now, 'dedupeBy', dedupeBy)
if newest ~= '' and tonumber(newest) > tonumber(redis.call('HGET', state, 'newestSpottedAtMs') or 0) then
  redis.call('HSET', state, 'newestSpottedAtMs', newest)
end
if gap ~= '' then
  redis.call('HINCRBY', state, 'gaps', 1)
  redis.call('HSET', state, 'gapAtMs', polledAt, 'gapFromMs', gapFrom, 'gapToMs', gapTo)
  addOpenGap(gaps, gap)
end
local seen = {}
for i = 11, #ARGV do seen[#seen + 1] = ARGV[i] end
if #seen > 0 then
  add(current, seen)
  turnOver(current, previous, state, size)
end
return 1
`;

/**
 * The seen set in Redis: at least `generationSize` mentions beyond the window are remembered.
 * `unseen` throws StateVersionError if another release has changed the state meanwhile, and `mark`
 * StateVanishedError if it is gone since `unseen`: the next poll then finds that there is none.
 */
export function createSeenMentions(options: {
  readonly redis: RedisClient;
  readonly keys: RedisKeys;
  readonly generationSize: number;
  readonly dedupeBy: DedupeBy;
}): SeenMentions {
  const { redis, keys, dedupeBy } = options;
  const { current, previous } = keys.seen;
  const unseen = luaScript(redis, UNSEEN);
  const mark = luaScript(redis, MARK);
  const size = options.generationSize * KEYS_PER_MENTION;
  const ownKey = (mention: Mention): string => mentionKey(mention, 'mention');
  const permalink = (mention: Mention): string => permalinkKey(mention, dedupeBy) ?? '';

  return {
    async unseen(window) {
      const reply = await unseen(
        [current, previous, keys.state],
        [
          size,
          ...window.map(ownKey),
          ...window.map(permalink),
          ...window.map((mention) => recoveredKey(mention) ?? ''),
        ],
      );
      const [unseenIndexes, recoveredIndexes, version, newest, sinceLastMs] = reply as [
        number[],
        number[],
        string | null,
        string | null,
        number,
      ];
      expectOwnVersion(version);
      return {
        firstWindow: version === null,
        unseenIndexes,
        recoveredIndexes,
        newestSpottedAtMs: newest ? Number(newest) : null,
        sinceLastMs: sinceLastMs === -1 ? null : sinceLastMs,
      };
    },
    async mark(mentions, { polledAtMs, newestSpottedAtMs, gap, firstWindow }) {
      const marked = await mark(
        [current, previous, keys.state, keys.gaps],
        [
          size,
          STATE_VERSION,
          polledAtMs,
          newestSpottedAtMs ?? '',
          gap === null ? '' : openGapJson({ ...gap, foundAtMs: polledAtMs }),
          gap?.fromMs ?? '',
          gap?.toMs ?? '',
          dedupeBy,
          polledAtMs - DAY_MS + FIRST_SWEEP_AFTER_MS,
          firstWindow ? 1 : 0,
          ...mentions.map(ownKey),
          ...mentions.map(permalink).filter((key) => key !== ''),
        ],
      );
      if (marked === 0) throw new StateVanishedError();
    },
  };
}
