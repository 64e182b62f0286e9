import type { Result } from '../../src/domain/result.ts';

/** Returns the value of a result, and fails the test with its error if it has none. */
export function valueOf<T>(result: Result<T, unknown>): T {
  if (result.ok) return result.value;
  throw new Error(`there is no value: ${JSON.stringify(result.error)}`);
}
