import type { EventLog } from '../domain/event-log.ts';

/** A clock that the relay depends on: of Redis, or of this machine. */
export type Clock = 'redis' | 'machine';

/** A reading of a clock, and of one that never jumps. */
export interface ClockReading {
  readonly timeMs: number;
  readonly monotonicMs: number;
}

// NTP changes the speed of a clock by 0.05 % at most (adjtimex(2)); an answer of Redis takes a moment.
const TOLERANCE_MS = 2_000;

/**
 * Creates the watch over clocks, which compares each reading with the one before. It logs each jump
 * once, and returns it in milliseconds: negative if the clock went back, 0 without a jump.
 */
export function watchClocks(log: EventLog): (clock: Clock, reading: ClockReading) => number {
  const last = new Map<Clock, ClockReading>();
  return (clock, reading) => {
    const before = last.get(clock) ?? reading;
    last.set(clock, reading);
    const passedMs = reading.monotonicMs - before.monotonicMs;
    const jumpedMs = Math.round(reading.timeMs - before.timeMs - passedMs);
    if (Math.abs(jumpedMs) <= TOLERANCE_MS) return 0;
    logClockJump(log, clock, jumpedMs);
    return jumpedMs;
  };
}

// Shorter ones come with virtual machines that pause, and harm little.
const TROUBLE_MS = 60_000;

/** Returns true if a jump by so many milliseconds is worth an alert. */
export function isTrouble(jumpedMs: number): boolean {
  return Math.abs(jumpedMs) >= TROUBLE_MS;
}

/** Logs that a clock jumped by so many milliseconds. */
export function logClockJump(log: EventLog, clock: Clock, jumpedMs: number): void {
  log.warn(
    'clock.jumped',
    { clock, jumpedMs },
    'a clock jumped; waits that it made too long are shortened. Check the time synchronization',
  );
}
