import { isoTime } from '../domain/iso-time.ts';
import { pollsInTime, type HealthSettings } from './health.ts';

export interface ReadinessPorts {
  readonly stopping: () => boolean;
  /** Whether this replica has not yet got so far that it can deliver and poll. */
  readonly starting: () => boolean;
  /** Throws if Redis does not answer in time. */
  readonly lastPollAtMs: () => Promise<number | null>;
  readonly nowMs: () => number;
}

/** Whether a relay does its work, and if not, what is wrong. For people and programs. */
export type Readiness =
  | { readonly ready: true; readonly lastPollAt: string }
  | {
      readonly ready: false;
      readonly problem: 'starting' | 'stopping' | 'redis';
      readonly detail: string;
    }
  | {
      readonly ready: false;
      readonly problem: 'polls';
      readonly detail: string;
      readonly lastPollAt: string | null;
    };

/** A relay is ready when Redis answers and polls succeed in time, on any replica. Never throws. */
export async function readReadiness(
  ports: ReadinessPorts,
  settings: HealthSettings,
): Promise<Readiness> {
  if (ports.stopping()) return { ready: false, problem: 'stopping', detail: 'the relay stops' };
  let lastPollAtMs: number | null;
  try {
    lastPollAtMs = await ports.lastPollAtMs();
  } catch {
    return { ready: false, problem: 'redis', detail: 'Redis does not answer' };
  }
  // Other replicas may poll meanwhile.
  if (ports.starting()) return { ready: false, problem: 'starting', detail: 'the relay starts' };
  const lastPollAt = isoTime(lastPollAtMs);
  if (lastPollAt !== null && pollsInTime(lastPollAtMs, ports.nowMs(), settings)) {
    return { ready: true, lastPollAt };
  }
  const detail = whyNot(lastPollAtMs, ports.nowMs());
  return { ready: false, problem: 'polls', detail, lastPollAt };
}

function whyNot(lastPollAtMs: number | null, nowMs: number): string {
  if (lastPollAtMs === null) return 'no poll has succeeded yet';
  return lastPollAtMs > nowMs
    ? 'the last successful poll is in the future: a clock is wrong or was set back'
    : 'the last successful poll is too long ago';
}
