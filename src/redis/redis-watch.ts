import type { EventLog } from '../domain/event-log.ts';
import { adviceOn, errorCode } from './redis-errors.ts';
import type { RedisClient } from './redis-client.ts';

const PROBE_INTERVAL_MS = 2_000;
// Counted in probes rather than in time: a process that was frozen itself finds the answer waiting.
const PROBES_WITHOUT_ANSWER = 2;
// Another program may come to listen in the place of a Redis that is gone.
const PROBES_UNTIL_EXPLANATION = 5;
// The other side of a connection can vanish without a word: a machine that died, or a router that
// forgot the connection. TCP gives up only after a quarter of an hour (tcp(7), tcp_retries2).
const PROBES_PER_CONNECTION = 15;

/**
 * Logs that Redis was lost and that it is back, once each, until the connection ends. It counts as
 * lost when the connection fails or closes, and when a probe has no answer for about 4 seconds: a
 * server is frozen, or the node of a Cluster that holds `anyKey`. A mistake that explains the loss goes
 * to `reportError`. After 30 seconds without an answer the connection is opened again.
 */
export function watchRedis(
  redis: RedisClient,
  options: {
    readonly log: EventLog;
    readonly anyKey: string;
    readonly reportError: (error: unknown) => void;
    readonly findMistake: () => Promise<Error | null>;
    /** Returns true once the relay closes the connection: what breaks then is no loss. */
    readonly closing: () => boolean;
  },
): void {
  const { log, anyKey, reportError, findMistake, closing } = options;
  let lost = false;
  let waitingFor: Promise<unknown> | undefined;
  let unanswered = 0;
  let probesSinceLoss = 0;

  function lose(reason: string): void {
    if (lost || closing()) return;
    lost = true;
    probesSinceLoss = 0;
    log.error(
      'redis.lost',
      { reason },
      'Redis is unreachable; the relay waits for it. Check Redis and the network',
    );
    void explainLoss();
  }

  async function explainLoss(): Promise<void> {
    const mistake = await findMistake();
    if (mistake !== null && lost) reportError(mistake);
  }

  function regain(): void {
    unanswered = 0;
    if (!lost) return;
    lost = false;
    log.info('redis.back', {}, 'Redis is back');
  }

  function probe(): void {
    if (redis.status === 'wait') return;
    probesSinceLoss += 1;
    if (lost && probesSinceLoss % PROBES_UNTIL_EXPLANATION === 0) void explainLoss();
    if (waitingFor !== undefined) {
      unanswered += 1;
      if (unanswered >= PROBES_WITHOUT_ANSWER) lose('no answer');
      // A Cluster client replaces the connections to its nodes by itself.
      if (unanswered % PROBES_PER_CONNECTION === 0 && !redis.isCluster) redis.disconnect(true);
      return;
    }
    const asked = redis.exists(anyKey);
    waitingFor = asked;
    void asked.then(regain, reportError).finally(() => (waitingFor = undefined));
  }

  const probing = setInterval(probe, PROBE_INTERVAL_MS);
  probing.unref();
  redis.on('end', () => clearInterval(probing));
  redis.on('error', (error: Error) => {
    if (adviceOn(error) !== null) reportError(error);
    lose(errorCode(error));
  });
  // Not `close`: that comes too when the relay itself closes it.
  redis.on('reconnecting', () => lose('connection closed'));
  redis.on('ready', () => {
    // The rest of a Cluster may be ready while the one node that counts is not.
    if (!redis.isCluster) regain();
  });
}
