import { mentionKey, type Mention } from '../../src/domain/mention.ts';
import { permalinkKey, recoveredKey, type Sighting } from '../../src/domain/permalink.ts';
import type { OpenGap } from '../../src/state/gap.ts';
import type { SeenMentions } from '../../src/state/seen-mentions.io.ts';
import type { RecoveryMemory } from '../../src/recovery/sweep.ts';
import type { SweepSituation } from '../../src/recovery/sweep-due.ts';
import { HOUR_MS } from './patterns.ts';
import type { VirtualTime } from './virtual-time.ts';

/** What the relay keeps in Redis, for a run that is too short to forget anything. */
export interface RelayMemory {
  readonly seen: SeenMentions;
  readonly recovery: RecoveryMemory<OpenGap>;
  readonly situation: () => Omit<SweepSituation, 'triedAtMs'>;
}

// As src/state/seen-mentions.io.ts has it: the first sweep of the day comes after an hour.
const DAY_MS = 24 * HOUR_MS;

interface Keys {
  readonly own: string;
  readonly permalink: string;
  readonly recovered: string;
}

// The same mention stands in many windows, of many runs: its hashes are made once.
const made = new WeakMap<Mention, Keys>();

/** A memory in which there is no state yet. */
export function createRelayMemory(time: VirtualTime): RelayMemory {
  const remembered = new Set<string>();
  let openGaps: readonly OpenGap[] = [];
  let newestMs: number | null = null;
  let rememberedFromMs = Infinity;
  let lastPollAtMs: number | null = null;
  let sweptAtMs: number | null = null;

  return {
    seen: {
      async unseen(window) {
        const unseenIndexes: number[] = [];
        const recoveredIndexes: number[] = [];
        for (const [index, mention] of window.entries()) {
          const { own, recovered } = keysOf(mention);
          if (remembered.has(own)) continue;
          (remembered.has(recovered) ? recoveredIndexes : unseenIndexes).push(index);
        }
        return {
          firstWindow: lastPollAtMs === null,
          unseenIndexes,
          recoveredIndexes,
          newestSpottedAtMs: newestMs,
          sinceLastMs: lastPollAtMs === null ? null : time.nowMs() - lastPollAtMs,
        };
      },
      async mark(mentions, { polledAtMs, newestSpottedAtMs, gap }) {
        if (lastPollAtMs === null) {
          rememberedFromMs = newestSpottedAtMs ?? polledAtMs;
          sweptAtMs = polledAtMs - DAY_MS + HOUR_MS;
        }
        for (const { own, permalink } of mentions.map(keysOf)) {
          remembered.add(own).add(permalink);
        }
        lastPollAtMs = polledAtMs;
        if (newestSpottedAtMs !== null) newestMs = Math.max(newestMs ?? 0, newestSpottedAtMs);
        if (gap !== null) openGaps = [...openGaps, { ...gap, foundAtMs: polledAtMs }];
      },
    },
    recovery: {
      openGaps: async () => openGaps,
      rememberedFromMs: async () => rememberedFromMs,
      judge: async (posts) =>
        posts.map((post) => {
          if (remembered.has(recoveredOf(post))) return 'recovered';
          return remembered.has(permalinkOf(post)) ? 'seen' : 'missed';
        }),
      async markRecovered(posts) {
        for (const post of posts) remembered.add(recoveredOf(post));
      },
      async conclude(closed, { day, sweptAtMs: endedAtMs }) {
        openGaps = openGaps.filter((gap) => !closed.includes(gap));
        if (day !== null) sweptAtMs = endedAtMs;
      },
    },
    situation: () => ({ openGaps, lastPollAtMs, sweptAtMs }),
  };
}

function keysOf(mention: Mention): Keys {
  const known = made.get(mention);
  if (known !== undefined) return known;
  const keys = {
    own: mentionKey(mention, 'mention'),
    permalink: permalinkOf(mention),
    recovered: recoveredOf(mention),
  };
  made.set(mention, keys);
  return keys;
}

function permalinkOf(sighting: Sighting): string {
  return permalinkKey(sighting, 'mention') ?? '';
}

function recoveredOf(sighting: Sighting): string {
  return recoveredKey(sighting) ?? '';
}
