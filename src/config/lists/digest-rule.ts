import type { DigestTimes } from '../../domain/hours/digest-times.ts';
import { isPlaceZone } from '../../domain/hours/zone-time.ts';
import { failure, success, type Result } from '../../domain/result.ts';
import { quoted } from '../mistakes.ts';
import type { Rule } from '../rules.ts';
import { byReading, EVERY_DAY, readDay, readMinute, unknownZone } from './hours-rule.ts';

/** The times of a digest as they are written: without a zone, TZ decides. */
export type WrittenDigest = Omit<DigestTimes, 'zone'> & { readonly zone: string | null };

const FORM = /^(?:hourly|daily (\d{1,2}:\d{2})|weekly ([a-z]+) (\d{1,2}:\d{2}))(?: (\D.*))?$/i;
const HOURS = Array.from({ length: 24 }, (_, hour) => hour * 60);

/** The times of a digest: `weekly Mon 08:00 Europe/Berlin`. */
export const digestTimes: Rule<WrittenDigest> = byReading(readDigest).describe(
  'hourly, daily 08:00 or weekly Mon 08:00; at the end a time zone such as Europe/Berlin, or none',
);

function readDigest(value: string): Result<WrittenDigest> {
  const written = value.replaceAll(/\s+/g, ' ').trim();
  const form = FORM.exec(written);
  if (form === null) {
    return failure(`is ${quoted(written)}, which is none of hourly, daily 08:00, weekly Mon 08:00`);
  }
  const [, daily, dayName, weekly, zone] = form;
  if (zone !== undefined && !isPlaceZone(zone)) return failure(`names ${unknownZone(zone)}`);
  const time = daily ?? weekly;
  const minutes = time === undefined ? success(HOURS) : readTime(time);
  if (!minutes.ok) return minutes;
  const days = dayName === undefined ? success(EVERY_DAY) : readWeekday(dayName);
  if (!days.ok) return days;
  return success({
    text: zone === undefined ? written : written.slice(0, -zone.length - 1),
    days: days.value,
    minutes: minutes.value,
    zone: zone ?? null,
  });
}

function readTime(text: string): Result<readonly number[]> {
  const minute = readMinute(text, { isBeginning: true });
  return minute.ok ? success([minute.value]) : minute;
}

function readWeekday(name: string): Result<readonly number[]> {
  const day = readDay(name);
  return day.ok ? success([day.value]) : day;
}
