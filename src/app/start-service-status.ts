import type { Config } from '../config/env.ts';
import { redisPlace } from '../config/mask.ts';
import type { Readiness } from '../monitoring/readiness.ts';
import type { RelayStatus } from '../monitoring/relay-status.io.ts';
import { serviceStatus } from '../monitoring/service-status.ts';
import { adviceOn } from '../redis/redis-errors.ts';
import type { Lifecycle } from './lifecycle.ts';

// The deliveries of all webhooks are counted each time.
const INTERVAL_MS = 5_000;
// A connection that Redis refuses is tried about once per second.
const REFUSAL_LASTS_MS = 5_000;

/** The last refusal by Redis that waiting or an operator may end. */
export interface RedisRefusal {
  readonly note: (error: unknown) => void;
  /** Returns why Redis refuses; null if it has not done so for 5 seconds. */
  readonly current: () => string | null;
}

/** Creates the memory of the last refusal. */
export function createRedisRefusal(monotonicMs: () => number): RedisRefusal {
  let last: { readonly what: string; readonly atMs: number } | null = null;
  return {
    note(error) {
      const advice = adviceOn(error);
      if (advice !== null) last = { what: advice.what, atMs: monotonicMs() };
    },
    current: () =>
      last !== null && monotonicMs() - last.atMs < REFUSAL_LASTS_MS ? last.what : null,
  };
}

/**
 * Reports every five seconds what the relay does or waits for. Returns a function that ends the start:
 * from then on the report includes the deliveries.
 */
export function startServiceStatus(parts: {
  readonly config: Pick<Config, 'redis' | 'webhooks'>;
  readonly lifecycle: Pick<Lifecycle, 'every'>;
  readonly readiness: () => Promise<Readiness>;
  readonly refusal: Pick<RedisRefusal, 'current'>;
  readonly reportError: (error: unknown) => void;
  readonly report: ((kind: string, text: string) => void) | undefined;
}): (status: () => Promise<Pick<RelayStatus, 'webhooks'>>) => void {
  const { config, lifecycle, readiness, refusal, report, reportError } = parts;
  if (report === undefined) return () => undefined;
  let waiting = async (): Promise<number | null> => null;

  async function tick(): Promise<void> {
    const found = await readiness();
    const kind = found.ready ? 'ready' : found.problem;
    report?.(
      kind,
      serviceStatus({
        readiness: found,
        redisPlace: redisPlace(config.redis),
        redisRefusal: refusal.current(),
        webhooks: config.webhooks.length,
        waiting: found.ready ? await waiting() : null,
      }),
    );
  }

  lifecycle.every(INTERVAL_MS, tick);
  return (status) => {
    waiting = async () => {
      const { webhooks } = await status();
      const sums = webhooks.map(({ counts }) => counts.waiting + counts.active + counts.retrying);
      return sums.reduce((sum, each) => sum + each, 0);
    };
    void tick().catch(reportError);
  };
}
