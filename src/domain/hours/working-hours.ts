import type { DeliveryKind } from '../delivery.ts';
import { zoneDaysAround } from './zone-time.ts';

/** The hours in which a webhook gets deliveries, in the local time of a zone. */
export interface WorkingHours {
  /** As configured, without the zone: `Mon-Fri 08:00-18:00`. */
  readonly text: string;
  /** Spans may touch and overlap. */
  readonly spans: readonly Span[];
  /** The IANA name of the time zone. */
  readonly zone: string;
}

/** A span of local time on some days of the week. */
export interface Span {
  /** The days on which it begins; 0 is Sunday. */
  readonly days: readonly number[];
  readonly fromMinute: number;
  /** After `fromMinute`; above 1440 if the span ends on the next day. */
  readonly toMinute: number;
}

/** The state of working hours at a time. */
export interface Opening {
  readonly open: boolean;
  /** The time of the last opening or closing; null if it was more than two weeks ago. */
  readonly sinceMs: number | null;
  /** The time of the next opening or closing; null if it is more than two weeks away. */
  readonly untilMs: number | null;
}

const DAY_MS = 86_400_000;
// Two weeks and a day: a weekly span can be skipped by a change of the clocks.
const REACH_DAYS = 15;

const lastAnswers = new WeakMap<WorkingHours, Opening>();

/**
 * Returns whether working hours are open at a time, since when and until when. Without hours it is
 * always open.
 *
 * A span lasts from the first time at which clocks show its beginning or later to the first at which
 * they show its end or later. So an hour that clocks skip opens or closes at the change, and an hour
 * that they show twice counts once.
 */
export function openAt(hours: WorkingHours | null, nowMs: number): Opening {
  if (hours === null) return { open: true, sinceMs: null, untilMs: null };
  const last = lastAnswers.get(hours);
  // The delivery loop asks after every POST.
  if (last && nowMs >= (last.sinceMs ?? Infinity) && nowMs < (last.untilMs ?? -Infinity)) {
    return last;
  }
  const answer = calculated(hours, nowMs);
  lastAnswers.set(hours, answer);
  return answer;
}

/** Returns the milliseconds until working hours open; 0 while they are open. */
export function closedForMs(hours: WorkingHours | null, nowMs: number): number {
  const { open, untilMs } = openAt(hours, nowMs);
  return open ? 0 : (untilMs ?? nowMs + REACH_DAYS * DAY_MS) - nowMs;
}

/** Returns working hours as text with their zone. */
export function hoursText({ text, zone }: WorkingHours): string {
  return `${text} ${zone}`;
}

/** Returns true if deliveries of this kind wait for the working hours: all but alerts. */
export function keepsHours(kind: DeliveryKind): boolean {
  return kind !== 'alert';
}

function calculated(hours: WorkingHours, nowMs: number): Opening {
  const periods = periodsAround(hours, nowMs);
  const index = periods.findIndex(({ toMs }) => nowMs < toMs);
  const next = periods[index];
  if (next !== undefined && next.fromMs <= nowMs) {
    return {
      open: true,
      sinceMs: index === 0 ? null : next.fromMs,
      untilMs: index === periods.length - 1 ? null : next.toMs,
    };
  }
  const before = periods.at(next === undefined ? -1 : index - 1);
  return {
    open: false,
    sinceMs: index === 0 ? null : (before?.toMs ?? null),
    untilMs: next?.fromMs ?? null,
  };
}

interface Period {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Returns the open periods of about two weeks before and after a time, joined where they touch. */
function periodsAround({ spans, zone }: WorkingHours, nowMs: number): readonly Period[] {
  const periods = zoneDaysAround(zone, nowMs, REACH_DAYS).flatMap(({ weekday, atMs }) =>
    spans
      .filter(({ days }) => days.includes(weekday))
      .map(({ fromMinute, toMinute }) => ({ fromMs: atMs(fromMinute), toMs: atMs(toMinute) })),
  );
  const joined: Period[] = [];
  for (const { fromMs, toMs } of periods.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const last = joined.at(-1);
    // The clocks can skip a whole span.
    if (fromMs >= toMs) continue;
    if (last === undefined || last.toMs < fromMs) joined.push({ fromMs, toMs });
    else joined[joined.length - 1] = { fromMs: last.fromMs, toMs: Math.max(last.toMs, toMs) };
  }
  return joined;
}
