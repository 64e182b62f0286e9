import { distance } from 'fastest-levenshtein';
import { z } from 'zod';
import { isPlaceZone, isZone, machineZone } from '../../domain/hours/zone-time.ts';
import type { Span, WorkingHours } from '../../domain/hours/working-hours.ts';
import { failure, success, type Result } from '../../domain/result.ts';
import { quoted } from '../mistakes.ts';
import { refuse, type Rule } from '../rules.ts';

/** Working hours as they are written: without a zone, TZ decides. */
export type WrittenHours = Omit<WorkingHours, 'zone'> & { readonly zone: string | null };

const DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
/** The days of the week; 0 is Sunday. */
export const EVERY_DAY: readonly number[] = [0, 1, 2, 3, 4, 5, 6];
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

/** Makes a rule of a function that reads a text. */
export function byReading<T>(read: (text: string) => Result<T>): z.ZodType<T, string> {
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
  const problems: string[] = [];
  let zone: string | undefined;
  for (const [index, entry] of entries.entries()) {
    const isLast = index === entries.length - 1;
    const [, days, from = '', to = '', name] = ENTRY.exec(entry) ?? [];
    const span =
      from === ''
        ? failure(`has ${quoted(entry)}, which is no span such as ${EXAMPLE}`)
        : readSpan(days, from, to);
    if (span.ok) spans.push(span.value);
    else problems.push(span.error);
    if (name !== undefined && !isLast) {
      problems.push('names a time zone before its end, where one serves all spans');
    }
    zone = name;
  }
  if (zone !== undefined && !isPlaceZone(zone)) problems.push(`names ${unknownZone(zone)}`);
  if (problems.length > 0) return failure(problems.join('; '));
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
  const days: number[] = [];
  for (const range of (listed ?? 'Sun-Sat').split(',')) {
    const [first, last = first] = range.split('-').map((name) => readDay(name));
    if (first?.ok === false) return first;
    if (last?.ok === false) return last;
    if (first !== undefined && last !== undefined) days.push(...daysFrom(first.value, last.value));
  }
  const beginning = readMinute(from, { isBeginning: true });
  if (!beginning.ok) return beginning;
  const end = readMinute(to);
  if (!end.ok) return end;
  const [fromMinute, toMinute] = [beginning.value, end.value];
  if (fromMinute === toMinute) {
    return failure(
      `has ${quoted(`${from}-${to}`)}, which ends when it begins: all day is 00:00-24:00`,
    );
  }
  return success({
    days: [...new Set(days)],
    fromMinute,
    toMinute: toMinute > fromMinute ? toMinute : toMinute + DAY_MINUTES,
  });
}

function daysFrom(first: number, last: number): readonly number[] {
  const length = ((last - first + 7) % 7) + 1;
  return Array.from({ length }, (_, index) => (first + index) % 7);
}

/** Reads the name of a day of the week; 0 is Sunday. */
export function readDay(name: string): Result<number> {
  const word = name.toLowerCase();
  const found = DAYS.findIndex((day) => word === day || word === day.slice(0, 3));
  return found === -1
    ? failure(`has ${quoted(name)}, which is none of Mon, Tue, Wed, Thu, Fri, Sat, Sun`)
    : success(found);
}

/** Reads the minute of a day; 24:00 is one only where something ends. */
export function readMinute(
  text: string,
  { isBeginning = false }: { readonly isBeginning?: boolean } = {},
): Result<number> {
  const [hours = 0, minutes = 0] = text.split(':').map(Number);
  const minute = hours * 60 + minutes;
  if (minutes > 59 || minute > DAY_MINUTES) {
    return failure(`has ${quoted(text)}, which is no time of day`);
  }
  return isBeginning && minute === DAY_MINUTES
    ? failure(`has ${quoted(text)}, which ends a day: a day begins at 00:00`)
    : success(minute);
}

// POSIX allows a colon in front, and the path of a file.
function readTz(value: string): Result<string> {
  const name = value.replace(/^:/, '').replace(/^\/.*\/zoneinfo\//, '');
  if (name === '/etc/localtime') return success(machineZone());
  return isZone(name) ? success(name) : failure(`is ${unknownZone(name)}`);
}

/** Returns the words for a name that is no time zone, with the name that was probably meant. */
export function unknownZone(name: string): string {
  if (isZone(name))
    return `the time zone ${quoted(name)}, where only a place is clear: Europe/Berlin`;
  const hint = nearestZone(name);
  const question = hint === null ? '' : `: did you mean ${hint}?`;
  return `the time zone ${quoted(name)}, which is not known${question}`;
}

/** Returns the zone whose city is spelled nearly like that of a name; null if there is none. */
function nearestZone(name: string): string | null {
  const cityOf = (zone: string): string =>
    zone
      .slice(zone.lastIndexOf('/') + 1)
      .toLowerCase()
      .replaceAll(/[\s_]+/g, '_');
  const city = cityOf(name);
  const ranked = Intl.supportedValuesOf('timeZone').map((zone) => ({
    zone,
    far: distance(city, cityOf(zone)),
  }));
  const [nearest] = ranked.toSorted((a, b) => a.far - b.far);
  // A city that names no zone, such as Mumbai, must not become another one, such as Dubai.
  return nearest && nearest.far < city.length / 4 ? nearest.zone : null;
}
