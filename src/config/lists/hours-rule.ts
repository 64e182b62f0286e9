import { distance } from 'fastest-levenshtein';
import { z } from 'zod';
import { isZone, machineZone } from '../../domain/hours/zone-time.ts';
import type { Span, WorkingHours } from '../../domain/hours/working-hours.ts';
import { failure, success, type Result } from '../../domain/result.ts';
import { quoted } from '../mistakes.ts';
import { refuse, type Rule } from '../rules.ts';

/** Working hours as they are written: without a zone, TZ decides. */
export type WrittenHours = Omit<WorkingHours, 'zone'> & { readonly zone: string | null };

const DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const DAY_MINUTES = 1_440;
const EXAMPLE = 'Mon-Fri 08:00-18:00';
const LISTED_DAYS = '[a-z]+(?:-[a-z]+)?(?:,[a-z]+(?:-[a-z]+)?)*';
// The days, the times and the zone, of which only the times are needed.
const ENTRY = new RegExp(
  `^(?:(${LISTED_DAYS}) )?(\\d{1,2}:\\d{2})-(\\d{1,2}:\\d{2})(?: (\\D.*))?$`,
  'i',
);
const DAYS_ALONE = new RegExp(`^${LISTED_DAYS}$`, 'i');

/** Working hours: `Mon-Fri 08:00-18:00, Sat 10:00-14:00 Europe/Berlin`. */
export const workingHours: Rule<WrittenHours> = byReading(readHours).describe(
  `spans such as 08:00-24:00 or ${EXAMPLE}, separated by commas; at the end a time zone such as Europe/Berlin, or none`,
);

/** The name of a time zone, in the forms that TZ may have. */
export const timeZone: Rule<string> = byReading(readTz).describe(
  'the IANA name of a time zone, such as Europe/Berlin',
);

function byReading<T>(read: (text: string) => Result<T>): z.ZodType<T, string> {
  return z.string().transform((text, context) => {
    const reading = read(text);
    return reading.ok ? reading.value : refuse(context, reading.error);
  });
}

function readHours(value: string): Result<WrittenHours> {
  const entries = joinDays(
    value
      .replaceAll(/\s*[-\u2010-\u2015]\s*/g, '-')
      .replaceAll(/\s+/g, ' ')
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== ''),
  );
  if (entries.length === 0) return failure('has no entry');
  const spans: Span[] = [];
  let zone: string | undefined;
  for (const [index, entry] of entries.entries()) {
    const isLast = index === entries.length - 1;
    const [, days, from = '', to = '', name] = ENTRY.exec(entry) ?? [];
    if (from === '') return failure(`has ${quoted(entry)}, which is no span such as ${EXAMPLE}`);
    if (name !== undefined && !isLast) {
      return failure('names a time zone before its end, where one serves all spans');
    }
    const span = readSpan(days, from, to);
    if (!span.ok) return span;
    spans.push(span.value);
    zone = name;
  }
  if (zone !== undefined && !isZone(zone)) return failure(`names ${unknownZone(zone)}`);
  const written = entries.join(', ');
  const text = zone === undefined ? written : written.slice(0, -zone.length - 1);
  return success({ text, spans, zone: zone ?? null });
}

/** Joins days alone with the entry after them: `Sat, Sun 10:00-14:00` is one span on two days. */
function joinDays(entries: readonly string[]): readonly string[] {
  const joined: string[] = [];
  for (const entry of entries) {
    const last = joined.at(-1);
    if (last !== undefined && DAYS_ALONE.test(last) && /^[a-z]/i.test(entry)) {
      joined[joined.length - 1] = `${last},${entry}`;
    } else joined.push(entry);
  }
  return joined;
}

function readSpan(listed: string | undefined, from: string, to: string): Result<Span> {
  const names = listed?.split(/[,-]/) ?? [];
  const unknown = names.find((name) => dayOf(name) === -1);
  if (unknown !== undefined) {
    return failure(`has ${quoted(unknown)}, which is none of Mon, Tue, Wed, Thu, Fri, Sat, Sun`);
  }
  const days = [...new Set((listed ?? 'Sun-Sat').split(',').flatMap(daysOf))];
  const [fromMinute, end] = [from, to].map(minuteOf);
  if (fromMinute === undefined || fromMinute === DAY_MINUTES) return noTime(from);
  if (end === undefined) return noTime(to);
  if (fromMinute === end) {
    return failure(
      `has ${quoted(`${from}-${to}`)}, which ends when it begins: all day is 00:00-24:00`,
    );
  }
  return success({ days, fromMinute, toMinute: end > fromMinute ? end : end + DAY_MINUTES });
}

function daysOf(range: string): readonly number[] {
  const [first = 0, last = first] = range.split('-').map(dayOf);
  const length = ((last - first + 7) % 7) + 1;
  return Array.from({ length }, (_, index) => (first + index) % 7);
}

function dayOf(name: string): number {
  const word = name.toLowerCase();
  return DAYS.findIndex((day) => word === day || word === day.slice(0, 3));
}

/** Returns the minute of the day; undefined if there is no such time. */
function minuteOf(text: string): number | undefined {
  const [hours = 0, minutes = 0] = text.split(':').map(Number);
  const minute = hours * 60 + minutes;
  return minutes < 60 && minute <= DAY_MINUTES ? minute : undefined;
}

function noTime(text: string): Result<never> {
  const which = text === '24:00' ? 'ends a day: a day begins at 00:00' : 'is no time of day';
  return failure(`has ${quoted(text)}, which ${which}`);
}

// POSIX allows a colon in front, and the path of a file.
function readTz(value: string): Result<string> {
  const name = value.replace(/^:/, '').replace(/^\/.*\/zoneinfo\//, '');
  if (name === '/etc/localtime') return success(machineZone());
  return isZone(name) ? success(name) : failure(`is ${unknownZone(name)}`);
}

function unknownZone(name: string): string {
  const hint = nearestZone(name);
  const question = hint === null ? '' : `: did you mean ${hint}?`;
  return `the time zone ${quoted(name)}, which is not known${question}`;
}

/** Returns the zone that somebody probably meant by a whole name or a city; null if none is near. */
function nearestZone(name: string): string | null {
  const folded = (text: string): string => text.toLowerCase().replaceAll(/[\s_]+/g, '_');
  const meant = folded(name);
  const ranked = Intl.supportedValuesOf('timeZone').map((zone) => {
    const [whole, city = whole] = [zone, zone.split('/').at(-1)].map((each = '') => folded(each));
    return { zone, far: Math.min(distance(meant, whole ?? ''), distance(meant, city ?? '')) };
  });
  const [nearest] = ranked.toSorted((a, b) => a.far - b.far);
  return nearest && nearest.far <= 1 + name.length / 6 ? nearest.zone : null;
}
