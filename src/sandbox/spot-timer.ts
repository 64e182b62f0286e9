/** How the gaps between made-up mentions are drawn. */
export type Spacing = 'exponential' | 'steady';

/**
 * The gap until the next mention, in milliseconds: always the same, or exponentially distributed,
 * as it is between independent people who write at any time.
 */
export function nextGapMs(perMinute: number, spacing: Spacing, random: () => number): number {
  const meanMs = 60_000 / perMinute;
  const gapMs = spacing === 'steady' ? meanMs : -Math.log(1 - random()) * meanMs;
  return Math.min(gapMs, LONGEST_TIMER_MS);
}

// Node fires a longer timer at once.
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Calls `spot` again and again after such gaps. Returns what ends it. Never starts at a rate of 0. */
export function startSpotTimer(
  perMinute: number,
  spacing: Spacing,
  random: () => number,
  spot: () => void,
): () => void {
  if (perMinute <= 0) return () => {};
  let timer: NodeJS.Timeout;
  const wait = (): void => {
    timer = setTimeout(
      () => {
        spot();
        wait();
      },
      nextGapMs(perMinute, spacing, random),
    );
  };
  wait();
  return () => clearTimeout(timer);
}
