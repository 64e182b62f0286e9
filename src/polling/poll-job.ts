import type { EventLog } from '../domain/event-log.ts';
import type { PollClaims } from './poll-claims.io.ts';
import type { PollResult } from './poll-run.ts';
import { clockWentBack, pollsHaveStopped, type PollTimes } from './next-poll.ts';

export interface PollSchedulePorts {
  readonly claims: PollClaims;
  /** Polls, and returns the result; null if it did not poll. Must not throw. */
  readonly run: (signal: AbortSignal) => Promise<PollResult | null>;
  /** Asks for an extra poll with this token, on any replica, `delayMs` from now. */
  readonly askForExtraPoll: (delayMs: number, token: string) => Promise<void>;
  /** Number of slots of the budget that other requests hold. */
  readonly slotsOfOthers: () => Promise<number>;
  /** A clock that never jumps. */
  readonly monotonicMs: () => number;
}

/** Runs a poll if it may begin. The token of a scheduled poll is null. */
export type ScheduledRun = (signal: AbortSignal, token: string | null) => Promise<void>;

/**
 * Creates the run of a poll job: it polls if it may begin now, and asks for an extra poll if one is
 * needed before the next scheduled one. `times` decides both.
 */
export function createPollSchedule(ports: PollSchedulePorts, times: PollTimes): ScheduledRun {
  const { claims, monotonicMs } = ports;

  return async (signal, token) => {
    const kind = token === null ? 'scheduled' : 'extra';
    const claim = await claims.claim(token, times.minSpacingMs(kind));
    if (!claim.granted) {
      // The clock of this replica may be ahead of the one that asked for the poll.
      if (token !== null && claim.tooEarlyByMs !== null) {
        await ports.askForExtraPoll(claim.tooEarlyByMs, token);
      }
      return;
    }
    const beganMs = monotonicMs();
    const result = await ports.run(signal);
    if (result === null) return;
    const { lastDelayMs } = claim;
    const anyNew = typeof result !== 'string' && result.newMentions > 0;
    const slotsOfOthers = anyNew ? await ports.slotsOfOthers() : 0;
    const nextMs = times.nextExtraInMs(result, { lastDelayMs, slotsOfOthers });
    if (nextMs === null) {
      if (lastDelayMs !== null) await claims.dropToken();
      return;
    }
    const elapsedMs = monotonicMs() - beganMs;
    await ports.askForExtraPoll(Math.max(0, nextMs - elapsedMs), await claims.newToken(nextMs));
  };
}

export interface WatchdogPorts {
  /** Time since a poll last ran, on any replica; negative if the clock went back; null if none did. */
  readonly sinceTickMs: () => Promise<number | null>;
  /** True if the schedules exist: extra polls that ask for each other hide that they do not. */
  readonly scheduled: () => Promise<boolean>;
  /** Restores the schedules, and polls at once. */
  readonly reschedule: () => Promise<void>;
  readonly log: EventLog;
}

/**
 * Restores the schedule of polls if polls have stopped. They stop when
 * - Redis was emptied
 * - a replica with a fast clock left the next poll in the future
 * - the machine's clock went back
 */
export async function watchPolling(ports: WatchdogPorts, intervalMs: number): Promise<void> {
  const sinceTickMs = await ports.sinceTickMs();
  if (!pollsHaveStopped(sinceTickMs, intervalMs) && (await ports.scheduled())) return;
  await ports.reschedule();
  ports.log.warn(
    'poll.rescheduled',
    { sinceLastTickMs: sinceTickMs },
    `${causeOf(sinceTickMs, intervalMs)}; polls are rescheduled, and one begins now`,
  );
}

function causeOf(sinceTickMs: number | null, intervalMs: number): string {
  if (sinceTickMs === null) return 'no poll is known to have begun';
  if (clockWentBack(sinceTickMs)) return "Redis's clock went back to before the last poll";
  // After a jump of that clock polls may have gone on.
  return pollsHaveStopped(sinceTickMs, intervalMs)
    ? `no poll began for ${Math.round(sinceTickMs / 1000)} s by Redis's clock`
    : 'the schedule of polls was missing';
}
