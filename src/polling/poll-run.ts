import type { EventLog, LogFields } from '../domain/event-log.ts';
import { mayPollAfterRejection } from './next-poll.ts';
import type { PollOutcome } from './poll.ts';

/** The reason of a failed poll, for the log. No secret, no foreign text. */
export interface PollFailure {
  readonly keyRejected: boolean;
  readonly reason: string;
}

/** The result of a poll. */
export type PollResult = PollOutcome | 'failed' | 'key-rejected';

export interface PollRunPorts {
  readonly poll: (signal: AbortSignal) => Promise<PollOutcome>;
  /** Explains an error that the poll threw. */
  readonly explain: (error: unknown) => PollFailure;
  readonly onResult: (result: PollResult) => void;
  readonly log: EventLog;
  /** A clock that never jumps. */
  readonly monotonicMs: () => number;
}

/**
 * Creates a run, which never throws: it polls, logs the result and returns it. It returns null if it
 * did not poll, or was interrupted.
 * - A rejected key is logged as an error once, and then tried every 5 minutes.
 * - An outage is logged at its start and then ever more rarely; its end once.
 */
export function createPollRun(
  ports: PollRunPorts,
): (signal: AbortSignal) => Promise<PollResult | null> {
  const { log, monotonicMs } = ports;
  let keyRejectedAtMs: number | null = null;
  let failedInARow = 0;

  function succeeded(outcome: PollOutcome, durationMs: number): PollResult {
    if (keyRejectedAtMs !== null) {
      keyRejectedAtMs = null;
      log.info('poll.key_accepted', {}, 'the API accepts GROOUPLY_API_KEY again');
    }
    const worthLogging = outcome.newMentions > 0 || failedInARow > 0;
    const { spottedPerMs: _, ...counts } = outcome;
    log[worthLogging ? 'info' : 'debug'](
      'poll.completed',
      {
        ...counts,
        durationMs: Math.round(durationMs),
        ...(failedInARow > 0 && { failedBefore: failedInARow }),
      },
      'window polled',
    );
    failedInARow = 0;
    return outcome;
  }

  function failed({ keyRejected, reason }: PollFailure): PollResult {
    if (keyRejected) {
      const known = keyRejectedAtMs !== null;
      keyRejectedAtMs = monotonicMs();
      log[known ? 'debug' : 'error'](
        'poll.key_rejected',
        { reason },
        'the API rejects GROOUPLY_API_KEY; correct it and restart. Deliveries continue; next try in 5 minutes',
      );
      return 'key-rejected';
    }
    failedInARow += 1;
    const fields: LogFields = { reason, failedInARow };
    log[isPowerOfTwo(failedInARow) ? 'warn' : 'debug'](
      'poll.failed',
      fields,
      'poll failed; the next one follows on schedule',
    );
    return 'failed';
  }

  return async (signal) => {
    const startedMs = monotonicMs();
    const sinceRejectedMs = keyRejectedAtMs === null ? null : startedMs - keyRejectedAtMs;
    if (!mayPollAfterRejection(sinceRejectedMs)) return null;
    let result: PollResult;
    try {
      const outcome = await ports.poll(signal);
      result = succeeded(outcome, monotonicMs() - startedMs);
    } catch (error) {
      if (signal.aborted) return null;
      result = failed(ports.explain(error));
    }
    ports.onResult(result);
    return result;
  };
}

function isPowerOfTwo(count: number): boolean {
  return (count & (count - 1)) === 0;
}
