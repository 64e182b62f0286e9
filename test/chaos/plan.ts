import { seededRandom } from './seeded-random.ts';

/** The victim of a fault. */
export type Subject = 'replica' | 'redis' | 'receiver' | 'api';

/** The faults of each subject. Like cards of a deck, each is dealt once before the deck is shuffled again. */
export const FAULT_KINDS = {
  replica: ['kill', 'freeze', 'restart'],
  redis: ['kill', 'freeze'],
  receiver: ['500', '429', 'reset', 'hang', 'down', 'picky'],
  api: [
    '500',
    '429',
    'reset',
    'hang',
    'truncated',
    'page',
    'php',
    'noise',
    'entities',
    'nested',
    'links',
  ],
} as const satisfies Record<Subject, readonly string[]>;

export type FaultKind = (typeof FAULT_KINDS)[Subject][number];

/** One victim of faults: a replica, Redis, a receiver or the API. */
export interface Lane {
  readonly name: string;
  readonly subject: Subject;
}

/** A fault that lasts for a while, in milliseconds since the start. */
export interface Fault {
  readonly lane: string;
  readonly subject: Subject;
  readonly kind: FaultKind;
  readonly fromMs: number;
  readonly toMs: number;
}

/** A number of mentions that are spotted at once. */
export interface Spotting {
  readonly atMs: number;
  readonly count: number;
}

/** Everything that will happen from outside, decided before it begins. */
export interface Plan {
  readonly lanes: readonly Lane[];
  /** By start time. The faults of one lane do not overlap. */
  readonly faults: readonly Fault[];
  /** By time. */
  readonly spottings: readonly Spotting[];
  /** All faults are over by then. */
  readonly lengthMs: number;
}

interface Range {
  readonly from: number;
  readonly to: number;
}

// A restarted process takes about a second to begin.
const CALM_MS: Record<Subject, Range> = {
  replica: { from: 6_000, to: 25_000 },
  redis: { from: 20_000, to: 50_000 },
  receiver: { from: 10_000, to: 35_000 },
  api: { from: 12_000, to: 40_000 },
};
const LENGTH_MS: Record<Subject, Partial<Record<FaultKind, Range>>> = {
  // A kill lasts until the next start. A restart takes as long as the relay needs.
  replica: { kill: { from: 0, to: 4_000 }, restart: { from: 0, to: 0 } },
  redis: { kill: { from: 200, to: 6_000 } },
  // Short, so that a webhook is not held for long: that time doubles with each failed probe.
  receiver: {},
  api: {},
};
const USUAL_LENGTH_MS: Record<Subject, Range> = {
  replica: { from: 1_000, to: 8_000 },
  redis: { from: 1_000, to: 8_000 },
  receiver: { from: 2_000, to: 12_000 },
  api: { from: 2_000, to: 9_000 },
};
const STEADY_GAP_MS: Range = { from: 500, to: 1_500 };
const BURST_GAP_MS: Range = { from: 15_000, to: 35_000 };
const BURST: Range = { from: 10, to: 50 };

/** Draws the faults and mentions of a run from its seed. Pure: the same arguments give the same plan. */
export function makePlan(options: {
  readonly seed: number;
  readonly lengthMs: number;
  readonly lanes: readonly Lane[];
}): Plan {
  const { seed, lengthMs, lanes } = options;
  // A generator for each lane: one more replica leaves the others' faults as they are.
  const faults = lanes.flatMap((lane, index) =>
    laneFaults(lane, lengthMs, seededRandom(seed * 1_000 + index)),
  );
  return {
    lanes,
    faults: faults.toSorted((one, other) => one.fromMs - other.fromMs),
    spottings: spottingsOf(lengthMs, seededRandom(seed * 1_000 + 999)),
    lengthMs,
  };
}

function laneFaults(lane: Lane, lengthMs: number, random: () => number): Fault[] {
  const faults: Fault[] = [];
  let deck: FaultKind[] = [];
  // The first fault comes sooner, so that a short run has faults in every lane.
  let atMs = between(CALM_MS[lane.subject], random) / 2;
  for (;;) {
    if (deck.length === 0) deck = [...FAULT_KINDS[lane.subject]];
    const [kind] = deck.splice(Math.floor(random() * deck.length), 1);
    if (kind === undefined) return faults;
    const range = LENGTH_MS[lane.subject][kind] ?? USUAL_LENGTH_MS[lane.subject];
    const fromMs = Math.round(atMs);
    const toMs = Math.round(fromMs + between(range, random));
    if (toMs > lengthMs) return faults;
    faults.push({ lane: lane.name, subject: lane.subject, kind, fromMs, toMs });
    atMs = toMs + between(CALM_MS[lane.subject], random);
  }
}

function spottingsOf(lengthMs: number, random: () => number): Spotting[] {
  const steady = times(STEADY_GAP_MS, lengthMs, random).map((atMs) => ({ atMs, count: 1 }));
  const bursts = times(BURST_GAP_MS, lengthMs, random).map((atMs) => ({
    atMs,
    count: Math.round(between(BURST, random)),
  }));
  return [...steady, ...bursts].toSorted((one, other) => one.atMs - other.atMs);
}

function times(gap: Range, lengthMs: number, random: () => number): number[] {
  const found: number[] = [];
  for (let atMs = between(gap, random); atMs < lengthMs; atMs += between(gap, random)) {
    found.push(Math.round(atMs));
  }
  return found;
}

function between({ from, to }: Range, random: () => number): number {
  return from + random() * (to - from);
}
