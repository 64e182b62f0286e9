/**
 * What is built with the first of the limits, largest first, with which it fits; with the last of
 * them if it never does.
 */
export function firstFitting<T>(
  limits: readonly [number, ...number[]],
  build: (limit: number) => T,
  fits: (built: T) => boolean,
): T {
  const [first, ...others] = limits;
  let built = build(first);
  for (const limit of others) {
    if (fits(built)) break;
    built = build(limit);
  }
  return built;
}
