/**
 * Reads a timestamp of the API: seconds, documented as a string, or one of the forms that it may take
 * some day: milliseconds, microseconds, nanoseconds, ISO 8601 or MySQL's form of it, in UTC unless a
 * zone is given. Returns milliseconds since 1970; null if it is none of them, or absurd.
 */
export function parseTimestamp(value: string): number | null {
  const trimmed = value.trim();
  if (trimmed === '') return null;
  const timeMs = Math.trunc(parseDate(trimmed) ?? msOf(Number(trimmed)));
  return timeMs >= FIRST_TIME_MS && timeMs < END_MS ? timeMs : null;
}

// Facebook began in 2004. A zero and MySQL's 0000-00-00 are what an unset time looks like.
const FIRST_TIME_MS = Date.UTC(2004, 0);
const END_MS = Date.UTC(2100, 0);

/** Returns milliseconds. A thousandfold lies between the units, and the plausible times of each. */
function msOf(number: number): number {
  if (number < 1e11) return number * 1e3;
  if (number < 1e14) return number;
  return number < 1e17 ? number / 1e3 : number / 1e6;
}

// Date.parse alone takes much that is no timestamp for a date ('Post 1' would be a day in 2001), and
// a time without a zone for one of this machine's zone.
const DATE =
  /^(\d{4}-\d{2}-\d{2})(?:[T ]+(\d{2}:\d{2})(?::(\d{2})(?:[.,](\d+))?)? ?(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?)?$/i;

/** Returns null for what is no date, and NaN for a date that does not exist. */
function parseDate(text: string): number | null {
  const [, date, minutes = '00:00', seconds = '00', fraction = '', zone = ''] =
    DATE.exec(text) ?? [];
  if (date === undefined) return null;
  const [, sign = '+', hours = '00', rest = '00'] = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone) ?? [];
  const fractionMs = fraction.slice(0, 3).padEnd(3, '0');
  return Date.parse(`${date}T${minutes}:${seconds}.${fractionMs}${sign}${hours}:${rest}`);
}
