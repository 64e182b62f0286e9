import { digestPeriod, digestText, type DigestPlan } from '../domain/hours/digest-times.ts';
import {
  closedForMs,
  hoursText,
  openAt,
  type WorkingHours,
} from '../domain/hours/working-hours.ts';
import { timeLeft } from './terminal/table.ts';

/** Describes working hours and their present state, in one line. */
export function hoursNow(hours: WorkingHours, nowMs: number): string {
  const { open, untilMs } = openAt(hours, nowMs);
  if (!open) return `${hoursText(hours)}: closed for ${timeLeft(closedForMs(hours, nowMs))} more`;
  const more = untilMs === null ? '' : ` for ${timeLeft(untilMs - nowMs)} more`;
  return `${hoursText(hours)}: open${more}`;
}

/** Describes the digests of a webhook and when the next one comes, in one line. */
export function digestNow(plan: DigestPlan, nowMs: number): string {
  const { untilMs } = digestPeriod(plan, nowMs);
  return `${digestText(plan.digest)}: next in ${timeLeft(untilMs - nowMs)}`;
}
