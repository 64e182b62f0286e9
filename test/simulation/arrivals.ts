/** Mentions per second, at a time in milliseconds from the beginning. */
export type Rate = (atMs: number) => number;

/** Returns the times of so many mentions per second, evenly spaced. */
export function evenly(perSecond: number, lengthMs: number): number[] {
  const gapMs = 1000 / perSecond;
  return Array.from({ length: Math.floor(lengthMs / gapMs) }, (_, index) => (index + 0.5) * gapMs);
}

/**
 * Returns times at random, as independent people write, at a rate that changes with time (a Poisson
 * process, by thinning). `maxPerSecond` is at least the highest rate.
 */
export function atRandom(
  rate: Rate,
  maxPerSecond: number,
  lengthMs: number,
  random: () => number,
): number[] {
  const times: number[] = [];
  for (let atMs = 0; ;) {
    atMs += (-Math.log(1 - random()) * 1000) / maxPerSecond;
    if (atMs >= lengthMs) return times;
    if (random() * maxPerSecond < rate(atMs)) times.push(atMs);
  }
}

/** Returns so many times in one second, at each of these starts. */
export function bursts(count: number, startsMs: readonly number[], random: () => number): number[] {
  return startsMs.flatMap((startMs) =>
    Array.from({ length: count }, () => startMs + random() * 1000),
  );
}

/** Returns all times in order. */
export function together(...times: readonly (readonly number[])[]): number[] {
  return times.flat().sort((one, other) => one - other);
}
