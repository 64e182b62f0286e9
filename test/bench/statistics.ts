/** The value below which so much of the sorted values lies, between two of them in proportion. */
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

/**
 * The ratio of two measurements that ran by turns: the median of that of each pair, so that a
 * machine whose speed changes meanwhile changes both alike. Pairs are by position.
 */
export function pairedRatios(values: readonly number[], reference: readonly number[]): number[] {
  if (values.length !== reference.length) throw new RangeError('not every run has its pair');
  return values.map((value, index) => value / (reference[index] ?? NaN));
}

/**
 * How many mentions arrive a second, from the moment when so large a share of them was there until
 * the last one.
 */
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
