import { SANDBOX_GROUPS } from '../../src/sandbox/account.ts';
import { createKeptMentions } from '../../src/sandbox/kept-mentions.ts';
import { createMentionMaker } from '../../src/sandbox/made-up-mentions.ts';
import { createRollingCount, type RollingCount } from '../../src/sandbox/request-log.ts';
import { route, type Endpoint } from '../../src/sandbox/router.ts';
import type { JsonObject } from '../../src/domain/mention.ts';
import { WINDOW_LIMIT } from '../../src/state/gap.ts';
import { seededRandom } from '../chaos/seeded-random.ts';
import { HOUR_MS, START_MS, type Pattern } from './patterns.ts';
import type { VirtualTime } from './virtual-time.ts';

/** The sandbox's account and router, asked in virtual time, without a network. */
export interface SimulatedApi {
  /** Throws ApiAwayError during an outage. */
  readonly ask: (
    endpoint: Endpoint,
    form?: Readonly<Record<string, string>>,
  ) => Promise<JsonObject>;
  /** When each request arrived. */
  readonly arrivals: RollingCount;
  readonly requests: () => number;
}

export class ApiAwayError extends Error {
  override readonly name = 'ApiAwayError';
}

const API_KEY = 'sandbox-key';
// As the sandbox has it; the API's documentation names no limit.
const POSTS_PER_GROUP = 1_000;

/** Creates an account whose window is full from the beginning unless the pattern says otherwise. */
export function createSimulatedApi(
  time: VirtualTime,
  { arrivals: coming, outage, groups = SANDBOX_GROUPS, emptyAtFirst = false }: Pattern,
  latencyMs: number,
): SimulatedApi {
  const kept = createKeptMentions({
    windowSize: WINDOW_LIMIT,
    postsPerGroup: POSTS_PER_GROUP,
    // More than the posts that its groups show.
    keepAtMost: 2.5 * POSTS_PER_GROUP * groups.length,
  });
  const makeUp = createMentionMaker(seededRandom(0));
  const full = emptyAtFirst ? 0 : WINDOW_LIMIT;
  kept.add(Array.from({ length: full }, () => makeUp(START_MS - HOUR_MS)));
  const arrivals = createRollingCount();
  const state = { apiKey: API_KEY, groups, ...kept };
  let arrived = 0;
  let requests = 0;

  function addArrived(elapsedMs: number): void {
    const before = arrived;
    while ((coming[arrived]?.atMs ?? Infinity) <= elapsedMs) arrived += 1;
    if (arrived > before) kept.add(coming.slice(before, arrived).map(({ mention }) => mention));
  }

  return {
    async ask(endpoint, form = {}) {
      await time.sleep(latencyMs / 2);
      const elapsedMs = time.nowMs() - START_MS;
      arrivals.add(time.nowMs());
      requests += 1;
      const away = outage?.of === 'API' && elapsedMs >= outage.fromMs && elapsedMs < outage.toMs;
      addArrived(elapsedMs);
      const request = new URLSearchParams({ ...form, apiKey: API_KEY });
      const answer = route({ method: 'POST', path: endpoint, form: request }, state);
      await time.sleep(latencyMs / 2);
      if (away) throw new ApiAwayError('the API is away');
      if (answer.status !== 200) throw new Error(`the sandbox answered ${answer.status}`);
      return answer.payload;
    },
    arrivals,
    requests: () => requests,
  };
}
