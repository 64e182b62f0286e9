import type { PollClaims } from '../../src/polling/poll-claims.io.ts';

/** Creates the claims of polls without Redis, for virtual time. A test holds them to those in Redis. */
export function createClaimsInMemory(nowMs: () => number): PollClaims {
  let beganAtMs = -Infinity;
  let tokens = 0;
  let next: { readonly token: string; readonly delayMs: number } | null = null;

  return {
    async claim(token, minSpacingMs) {
      if (token !== null && token !== next?.token) return { granted: false, tooEarlyByMs: null };
      const tooEarlyByMs = Math.ceil(beganAtMs + minSpacingMs - nowMs());
      if (tooEarlyByMs > 0) return { granted: false, tooEarlyByMs };
      beganAtMs = nowMs();
      return { granted: true, lastDelayMs: next?.delayMs ?? null };
    },
    async newToken(delayMs) {
      tokens += 1;
      next = { token: String(tokens), delayMs };
      return next.token;
    },
    async dropToken() {
      next = null;
    },
  };
}
