import type { EventLog, LogFields } from '../domain/event-log.ts';
import type { PollOutcome } from './poll.ts';

/** Why a poll failed, for the log. No secret, no foreign text. */
export interface PollFailure {
  readonly keyRejected: boolean;
  readonly reason: string;
}

/** What came of a poll. */
export type PollResult = PollOutcome | 'failed' | 'key-rejected';

export interface PollRunPorts {
  readonly poll: (signal: AbortSignal) => Promise<PollOutcome>;
  /** Reads an error that the poll threw. */
  readonly explain: (error: unknown) => PollFailure;
  readonly onOutcome: (result: PollResult) => void;
  readonly log: EventLog;
  /** A clock that never jumps. */
  readonly monotonicMs: () => number;
}

// A key does not become right by itself: this is often enough to notice that it was mended.
const KEY_REJECTED_PAUSE_MS = 300_000;

/**
 * One turn, which never throws: it polls, tells what came of it, and gives that back; null if it did
 * not poll, or was interrupted. A rejected
 * key is told once and then tried every 5 minutes. An outage is told at its start and then ever
 * more rarely, its end once.
 */
export function createPollRun(
  ports: PollRunPorts,
): (signal: AbortSignal) => Promise<PollResult | null> {
  const { log, monotonicMs } = ports;
  let keyRejectedAtMs: number | undefined;
  let failedInARow = 0;

  return async (signal) => {
    if (keyRejectedAtMs !== undefined && monotonicMs() - keyRejectedAtMs < KEY_REJECTED_PAUSE_MS) {
      return null;
    }
    const startedMs = monotonicMs();
    try {
      const outcome = await ports.poll(signal);
      if (keyRejectedAtMs !== undefined) {
        keyRejectedAtMs = undefined;
        log.info('poll.key_accepted', {}, 'the API accepts GROOUPLY_API_KEY again');
      }
      const worthLogging = outcome.newMentions > 0 || failedInARow > 0;
      log[worthLogging ? 'info' : 'debug'](
        'poll.completed',
        {
          ...outcome,
          durationMs: Math.round(monotonicMs() - startedMs),
          ...(failedInARow > 0 && { failedBefore: failedInARow }),
        },
        'window polled',
      );
      failedInARow = 0;
      ports.onOutcome(outcome);
      return outcome;
    } catch (error) {
      if (signal.aborted) return null;
      const failure = ports.explain(error);
      ports.onOutcome(failure.keyRejected ? 'key-rejected' : 'failed');
      if (failure.keyRejected) {
        const told = keyRejectedAtMs !== undefined;
        keyRejectedAtMs = monotonicMs();
        log[told ? 'debug' : 'error'](
          'poll.key_rejected',
          { reason: failure.reason },
          'the API rejects GROOUPLY_API_KEY: correct it and restart. It is tried again every 5 minutes; queued deliveries go on',
        );
        return 'key-rejected';
      }
      failedInARow += 1;
      const fields: LogFields = { reason: failure.reason, failedInARow };
      log[isPowerOfTwo(failedInARow) ? 'warn' : 'debug'](
        'poll.failed',
        fields,
        'poll failed: the next one follows at its time',
      );
      return 'failed';
    }
  };
}

function isPowerOfTwo(count: number): boolean {
  return (count & (count - 1)) === 0;
}
