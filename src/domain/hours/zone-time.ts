const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
// The first day of the count of days, 1 January 1970.
const THURSDAY = 4;
// Clocks in the world differ from UTC by -12 to +14 hours.
const FURTHEST_WEST_MS = 13 * HOUR_MS;
const FURTHEST_EAST_MS = 15 * HOUR_MS;

const formats = new Map<string, Intl.DateTimeFormat>();

/** Returns how far the clocks of a time zone are ahead of UTC at a time, in milliseconds. */
export function zoneOffsetMs(zone: string, atMs: number): number {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
    formats.set(zone, format);
  }
  // `GMT`, `GMT+02:00`, `GMT-03:30`; with seconds before clocks were standardized.
  const name = format.formatToParts(atMs).find(({ type }) => type === 'timeZoneName')?.value;
  const [, sign, hours, minutes, seconds = '0'] =
    /([+-])(\d\d):(\d\d)(?::(\d\d))?/.exec(name ?? '') ?? [];
  if (sign === undefined) return 0;
  const aheadMs = (Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)) * 1_000;
  return sign === '-' ? -aheadMs : aheadMs;
}

/**
 * Returns the first time at which the clocks of a zone show `wallMs` (the date and time that they
 * show, written as if it were UTC) or later. If the clocks skip it, that is when they change; if they
 * show it twice, the first of both.
 */
export function zoneTimeMs(zone: string, wallMs: number): number {
  const offsets = [wallMs - FURTHEST_EAST_MS, wallMs + FURTHEST_WEST_MS].map((atMs) =>
    zoneOffsetMs(zone, atMs),
  );
  let earlyMs = wallMs - Math.max(...offsets);
  let lateMs = wallMs - Math.min(...offsets);
  const shown = (atMs: number): number => atMs + zoneOffsetMs(zone, atMs);
  if (shown(earlyMs) === wallMs) return earlyMs;
  if (shown(lateMs) === wallMs) return lateMs;
  while (lateMs - earlyMs > 1) {
    const middleMs = Math.floor((earlyMs + lateMs) / 2);
    if (shown(middleMs) < wallMs) earlyMs = middleMs;
    else lateMs = middleMs;
  }
  return lateMs;
}

/** A day by the clocks of a time zone. */
export interface ZoneDay {
  /** 0 is Sunday. */
  readonly weekday: number;
  /** Returns when a minute of the day begins; those of the next day follow 1439. */
  readonly atMs: (minute: number) => number;
}

/** Returns the day of a time, and `reach` days before and after it. */
export function zoneDaysAround(zone: string, nowMs: number, reach: number): readonly ZoneDay[] {
  const first = Math.floor((nowMs + zoneOffsetMs(zone, nowMs)) / DAY_MS) - reach;
  return Array.from({ length: 2 * reach + 1 }, (_, index) => {
    const day = first + index;
    return {
      weekday: (((day + THURSDAY) % 7) + 7) % 7,
      atMs: (minute) => zoneTimeMs(zone, day * DAY_MS + minute * MINUTE_MS),
    };
  });
}

/** Returns true if this is the name of a time zone, in any case. */
export function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }).format(0) !== '';
  } catch {
    return false;
  }
}

/**
 * Returns true if this names the time zone of a place, or UTC. An abbreviation or an offset is none: for
 * ICU `BST` is Bangladesh, and neither `EST` nor `+02:00` has a summer time.
 */
export function isPlaceZone(name: string): boolean {
  return isZone(name) && (/\/|^(?:utc|gmt)$/i.test(name) || !/^[a-z]{2,4}$|\d/i.test(name));
}

/** Returns the time zone of this machine, or of its TZ; UTC if it has none. */
export function machineZone(): string {
  // Node has no name for a TZ that it does not know.
  const { timeZone = '' } = new Intl.DateTimeFormat().resolvedOptions() as { timeZone?: string };
  return isZone(timeZone) ? timeZone : 'UTC';
}
