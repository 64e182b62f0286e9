import { DEDUPE_BY, mentionKey, type DedupeBy, type Mention } from '../domain/mention.ts';
import { oldMentionKey, oldRecoveredKey } from '../domain/old-keys.ts';
import { permalinkKey, recoveredKey } from '../domain/permalink.ts';
import {
  LUA_GENERATIONAL_SET,
  LUA_NOW,
  luaScript,
  readLua,
  type RedisClient,
} from '../redis/redis-client.ts';
import type { RedisKeys } from '../redis/redis-keys.ts';
import type { Gap } from './gap.ts';
import { openGapJson } from './relay-state.io.ts';
import { expectOwnVersion, STATE_VERSION } from './state-version.io.ts';

/** The memory of handled mentions. */
export interface SeenMentions {
  /**
   * Finds the mentions of the window that are not in memory, as indexes. Renews the others in Redis:
   * each is remembered as if it were new. `firstWindow` is true while there is no memory at all.
   */
  unseen(window: readonly Mention[]): Promise<{
    readonly firstWindow: boolean;
    readonly unseenIndexes: readonly number[];
    /** The mentions that are new in a window, but that a sweep found before. */
    readonly recoveredIndexes: readonly number[];
    /** When the newest of all mentions so far was spotted; null if unknown. */
    readonly newestSpottedAtMs: number | null;
    /** Time since a poll was last marked, by Redis's clock; null if none ever was. */
    readonly sinceLastMs: number | null;
    /** See KeyRule; Infinity until a poll was marked with present keys. */
    readonly oldKeysBeforeMs?: number | undefined;
    /**
     * DEDUPE_BY of the last marked poll, if it was another: a poll that crashed before it marked its
     * mentions may have queued them by it.
     */
    readonly formerDedupeBy?: DedupeBy | undefined;
  }>;
  /** Remembers mentions as handled, and records the poll that brought them. */
  mark(mentions: readonly Mention[], polled: Polled): Promise<void>;
}

/** The facts that are remembered of a successful poll. */
export interface Polled {
  readonly polledAtMs: number;
  /** When the newest mention of its window was spotted; null if none has a readable time. */
  readonly newestSpottedAtMs: number | null;
  readonly gap: Gap | null;
  /** True if there was no memory when the poll began. */
  readonly firstWindow: boolean;
}

/** The state existed when the poll began and is gone now. */
export class StateVanishedError extends Error {
  override readonly name = 'StateVanishedError';

  constructor() {
    super('Redis was emptied during the poll');
  }
}

/** The state as find-unseen.lua returns it, behind the indexes. */
type State = [
  version: string | null,
  newestSpottedAtMs: string | null,
  sinceLastMs: number,
  keysSinceMs: string | null,
  marked: 0 | 1,
  dedupeBy: string | null,
];

// A mention is remembered under its own key, and under the one by which a post of its group is
// recognised.
const KEYS_PER_MENTION = 2;
// The first sweep of a day comes an hour after the state began.
const FIRST_SWEEP_AFTER_MS = 3_600_000;
const DAY_MS = 86_400_000;

const lua = (name: string): string => readLua(new URL(`./${name}`, import.meta.url));
const LUA_REMEMBER = `${LUA_NOW}\n${LUA_GENERATIONAL_SET}\n${lua('remember.lua')}`;
export const FIND_UNSEEN = `${LUA_REMEMBER}\n${lua('find-unseen.lua')}`;
export const MARK_SEEN = `${LUA_REMEMBER}\n${lua('mark-seen.lua')}`;
const ADOPT_OLD_KEYS = `${LUA_GENERATIONAL_SET}\n${lua('adopt-old-keys.lua')}`;
const FIND_KNOWN = `${LUA_GENERATIONAL_SET}\n${lua('find-known.lua')}`;

/**
 * Creates the seen set in Redis: it remembers at least `generationSize` mentions beyond the window.
 * `unseen` throws StateVersionError if another release has changed the state meanwhile. `mark`
 * throws StateVanishedError if the state is gone since `unseen`: the next poll then begins a new one.
 */
export function createSeenMentions(options: {
  readonly redis: RedisClient;
  readonly keys: RedisKeys;
  readonly generationSize: number;
  readonly dedupeBy: DedupeBy;
}): SeenMentions {
  const { redis, keys, dedupeBy } = options;
  const { current, previous } = keys.seen;
  const findUnseen = luaScript(redis, FIND_UNSEEN);
  const markSeen = luaScript(redis, MARK_SEEN);
  const adoptOldKeys = luaScript(redis, ADOPT_OLD_KEYS);
  const size = options.generationSize * KEYS_PER_MENTION;
  const ownKey = (mention: Mention): string => mentionKey(mention, 'mention');
  const permalink = (mention: Mention): string => permalinkKey(mention, dedupeBy) ?? '';

  /**
   * Finds which of these mentions an older release has seen, and adds their present keys to the set.
   */
  async function seenByOldKeys(
    window: readonly Mention[],
    indexes: readonly number[],
  ): Promise<{ known: ReadonlySet<number>; recoveredIndexes: readonly number[] }> {
    const args = indexes
      .flatMap((index) => window[index] ?? [])
      .flatMap((mention) => [
        oldMentionKey(mention, 'mention') ?? '',
        oldRecoveredKey(mention) ?? '',
        ownKey(mention),
        permalink(mention),
      ]);
    if (args.length === 0) return { known: new Set(), recoveredIndexes: [] };
    const [seen, recovered] = (await adoptOldKeys([current, previous], args)) as number[][];
    const inWindow = (found: readonly number[] = []): number[] =>
      found.flatMap((index) => indexes[index] ?? []);
    return {
      known: new Set([...inWindow(seen), ...inWindow(recovered)]),
      recoveredIndexes: inWindow(recovered),
    };
  }

  return {
    async unseen(window) {
      const reply = await findUnseen(
        [current, previous, keys.state],
        [
          size,
          ...window.map(ownKey),
          ...window.map(permalink),
          ...window.map((mention) => recoveredKey(mention) ?? ''),
        ],
      );
      const [unseenIndexes, recoveredIndexes, ...state] = reply as [number[], number[], ...State];
      const [version, newest, sinceLastMs, keysSinceMs, marked, before] = state;
      expectOwnVersion(version);
      const formerDedupeBy = DEDUPE_BY.find((each) => each === before && each !== dedupeBy);
      const found = {
        firstWindow: version === null,
        unseenIndexes,
        recoveredIndexes,
        newestSpottedAtMs: newest ? Number(newest) : null,
        sinceLastMs: sinceLastMs === -1 ? null : sinceLastMs,
        ...(formerDedupeBy !== undefined && { formerDedupeBy }),
      };
      if (keysSinceMs === null) return found;
      const old = await seenByOldKeys(window, unseenIndexes);
      return {
        ...found,
        unseenIndexes: unseenIndexes.filter((index) => !old.known.has(index)),
        recoveredIndexes: [...recoveredIndexes, ...old.recoveredIndexes],
        oldKeysBeforeMs: marked === 1 ? Number(keysSinceMs) : Infinity,
      };
    },
    async mark(mentions, { polledAtMs, newestSpottedAtMs, gap, firstWindow }) {
      const marked = await markSeen(
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

/** Finds the mentions of a window that were seen or recovered before, as indexes. Changes nothing. */
export async function readSeen(
  { redis, keys }: { readonly redis: RedisClient; readonly keys: RedisKeys },
  window: readonly Mention[],
): Promise<{
  readonly firstWindow: boolean;
  readonly seenIndexes: readonly number[];
  /** See KeyRule. Infinity for the state of an older release. */
  readonly oldKeysBeforeMs?: number | undefined;
  /** The DEDUPE_BY of the last marked poll, by which the next one goes; undefined if there was none. */
  readonly dedupeBy?: DedupeBy | undefined;
}> {
  const [version = null, keysSinceMs = null, before] = await redis.hmget(
    keys.state,
    'version',
    'keysSinceMs',
    'dedupeBy',
  );
  const isOlder = version !== null && Number(version) < STATE_VERSION;
  const present = window.map((mention) => [mentionKey(mention, 'mention'), recoveredKey(mention)]);
  const old = window.map((mention) => [
    oldMentionKey(mention, 'mention'),
    oldRecoveredKey(mention),
  ]);
  const [seen, seenByOldKeys] = await Promise.all([
    readKnown(redis, keys, present),
    keysSinceMs !== null || isOlder ? readKnown(redis, keys, old) : [],
  ]);
  return {
    firstWindow: version === null,
    seenIndexes: [...new Set([...seen, ...seenByOldKeys])],
    dedupeBy: DEDUPE_BY.find((each) => each === before),
    ...(keysSinceMs !== null && { oldKeysBeforeMs: Number(keysSinceMs) }),
    ...(isOlder && { oldKeysBeforeMs: Infinity }),
  };
}

/** Finds the items of which the seen set holds one of the two keys, as indexes. */
export async function readKnown(
  redis: RedisClient,
  { seen: { current, previous } }: RedisKeys,
  alternatives: readonly (readonly (string | null)[])[],
): Promise<readonly number[]> {
  const pairs = alternatives.flatMap(([one, other]) => [one ?? '', other ?? '']);
  return (await luaScript(redis, FIND_KNOWN)([current, previous], pairs)) as number[];
}
