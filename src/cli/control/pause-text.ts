import type { OperatorPause } from '../../delivering/gate/operator-pause.io.ts';
import { isoTime } from '../../domain/event-log.ts';
import type { PauseTimes } from '../../monitoring/summary.ts';
import { duration, timeLeft } from '../terminal/table.ts';

/** Describes the pause of an operator, for `status` and `check`. */
export function operatorPauseText({ since, until }: PauseTimes, nowMs: number): string {
  const end = until === null ? 'until resumed' : `for ${timeLeft(Date.parse(until) - nowMs)} more`;
  return `paused by an operator ${duration(nowMs - Date.parse(since))} ago, ${end}`;
}

/** A pause that begins, or whose end changes. */
export interface ChangedPause {
  /** The pause that it replaces; null if there was none. */
  readonly before: OperatorPause | null;
  /** Null if the pause has no end now. */
  readonly untilMs: number | null;
}

/** Describes what the command `pause` did. */
export function changedPauseText({ before, untilMs }: ChangedPause, nowMs: number): string {
  if (before === null) return `paused ${endText(untilMs)}`;
  const ago = duration(nowMs - before.sinceMs);
  return `was paused ${ago} ago, ${endText(before.untilMs)}; now paused ${endText(untilMs)}`;
}

function endText(untilMs: number | null): string {
  return untilMs === null ? 'until resumed' : `until ${isoTime(untilMs)}`;
}
