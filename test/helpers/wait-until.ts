import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Resolves with the first answer of `condition` that is neither undefined, null nor false. Throws
 * after `timeoutMs`, naming what was waited for.
 */
export async function waitUntil<T>(
  what: string,
  condition: () => T | Promise<T>,
  timeoutMs = 20_000,
): Promise<NonNullable<T>> {
  const deadlineMs = performance.now() + timeoutMs;
  for (;;) {
    const answer = await condition();
    if (answer !== undefined && answer !== null && answer !== false) return answer;
    if (performance.now() > deadlineMs) throw new Error(`waited ${timeoutMs} ms for ${what}`);
    await sleep(10);
  }
}
