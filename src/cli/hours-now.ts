import {
  closedForMs,
  hoursText,
  openAt,
  type WorkingHours,
} from '../domain/hours/working-hours.ts';
import { duration } from './terminal/table.ts';

/** Describes working hours and their present state, in one line. */
export function hoursNow(hours: WorkingHours, nowMs: number): string {
  const { open, untilMs } = openAt(hours, nowMs);
  if (!open) return `${hoursText(hours)}: closed for ${duration(closedForMs(hours, nowMs))} more`;
  const more = untilMs === null ? '' : ` for ${duration(untilMs - nowMs)} more`;
  return `${hoursText(hours)}: open${more}`;
}
