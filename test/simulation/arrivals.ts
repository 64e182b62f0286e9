/** Mentions a second, at a time in milliseconds from the beginning. */
export type Rate = (atMs: number) => number;

/** So many a second, each as far from the next. */
export function evenly(perSecond: number, lengthMs: number): number[] {
  const gapMs = 1000 / perSecond;
  return Array.from({ length: Math.floor(lengthMs / gapMs) }, (_, index) => (index + 0.5) * gapMs);
}

/**
 * As people write who do not know of each other: at random, at a rate that changes with time (a
 * Poisson process, by thinning). `mostPerSecond` is no less than the rate ever is.
 */
export function atRandom(
  rate: Rate,
  mostPerSecond: number,
  lengthMs: number,
  random: () => number,
): number[] {
  const times: number[] = [];
  for (let atMs = 0; ;) {
    atMs += (-Math.log(1 - random()) * 1000) / mostPerSecond;
    if (atMs >= lengthMs) return times;
    if (random() * mostPerSecond < rate(atMs)) times.push(atMs);
  }
}

/** So many in one second, at each of these times. */
export function bursts(count: number, startsMs: readonly number[], random: () => number): number[] {
  return startsMs.flatMap((startMs) =>
    Array.from({ length: count }, () => startMs + random() * 1000),
  );
}

/** In the order of time. */
export function together(...times: readonly (readonly number[])[]): number[] {
  return times.flat().sort((one, other) => one - other);
}
