/** A part of the bench, by the name that `--only` takes. */
export const PARTS = ['deliveries', 'delay', 'idle', 'growth', 'start'] as const;
export type Part = (typeof PARTS)[number];

/** The figures of one run, by their units. */
export type Sample = Readonly<Record<string, number>>;

/** Something that is measured several times. */
export interface Contestant {
  /** The circumstances: `5 webhooks`. A contestant and its reference have the same. */
  readonly setting: string;
  readonly subject: string;
  /** The subject that this one is compared to, if there is one. */
  readonly reference: string | null;
  readonly run: () => Promise<Sample>;
}

/** A contestant's samples, in the order of the rounds. */
export interface Series extends Omit<Contestant, 'run'> {
  readonly part: Part;
  readonly samples: readonly Sample[];
}

/** Runs each contestant once per round and returns a series for each. */
export async function measure(
  part: Part,
  contestants: readonly Contestant[],
  rounds: number,
): Promise<Series[]> {
  const samples = await byTurns(contestants, rounds);
  return contestants.map(({ setting, subject, reference }, index) => {
    return { part, setting, subject, reference, samples: samples[index] ?? [] };
  });
}

/**
 * Runs all contestants once per round, first forwards, then backwards: A B C, then C B A. Neighbours
 * stay neighbours, so a machine that is slow for a while slows both.
 */
export async function byTurns<T>(
  contestants: readonly { readonly run: () => Promise<T> }[],
  rounds: number,
): Promise<T[][]> {
  const outcomes: T[][] = contestants.map(() => []);
  for (let round = 0; round < rounds; round++) {
    const order = [...contestants.keys()];
    if (round % 2 === 1) order.reverse();
    for (const index of order) {
      const outcome = await contestants[index]?.run();
      if (outcome !== undefined) outcomes[index]?.push(outcome);
    }
  }
  return outcomes;
}

/** Returns the value below which this share of the values lies, interpolated between neighbours. */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new RangeError('nothing was measured');
  const sorted = values.toSorted((one, other) => one - other);
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)] ?? NaN;
  const above = sorted[Math.ceil(place)] ?? NaN;
  return below + (above - below) * (place - Math.floor(place));
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Returns the values of a series in one unit. */
export function valuesOf({ samples }: Series, unit: string): number[] {
  return samples.map((sample) => sample[unit] ?? NaN);
}

/** Returns the ratios of a series to its reference, round by round. */
export function pairedRatios(series: Series, reference: Series, unit: string): number[] {
  const values = valuesOf(reference, unit);
  return valuesOf(series, unit).map((value, round) => value / (values[round] ?? NaN));
}

/** Returns the series that this one is compared to, if there is one. */
export function referenceOf(series: Series, all: readonly Series[]): Series | undefined {
  return all.find(
    ({ part, setting, subject }) =>
      part === series.part && setting === series.setting && subject === series.reference,
  );
}

/** Mentions per second from the end of the warm-up, a share of all mentions, to the last arrival. */
export function sustainedPerSecond(
  arrivals: readonly { readonly atMs: number; readonly mentions: number }[],
  warmUpShare: number,
): number {
  const all = arrivals.reduce((sum, { mentions }) => sum + mentions, 0);
  let before = 0;
  const first = arrivals.find(({ mentions }) => (before += mentions) >= all * warmUpShare);
  const last = arrivals.at(-1);
  if (first === undefined || last === undefined || last.atMs <= first.atMs) {
    throw new RangeError('too few arrivals');
  }
  return ((all - before) / (last.atMs - first.atMs)) * 1_000;
}
