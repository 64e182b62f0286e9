import { expect, test } from 'vitest';
import { digestTimes } from '../../../src/config/lists/digest-rule.ts';
import { readByRule } from '../../../src/config/rules.ts';
import { configOf } from '../../helpers/config-of.ts';

const EVERY_DAY = [0, 1, 2, 3, 4, 5, 6];
const EVERY_HOUR = Array.from({ length: 24 }, (_, hour) => 60 * hour);

test.each<[string, string, readonly number[], readonly number[], string | null]>([
  ['hourly', 'hourly', EVERY_DAY, EVERY_HOUR, null],
  [' Hourly  UTC', 'Hourly', EVERY_DAY, EVERY_HOUR, 'UTC'],
  ['daily 8:00', 'daily 8:00', EVERY_DAY, [480], null],
  ['daily 00:00 Etc/GMT-5', 'daily 00:00', EVERY_DAY, [0], 'Etc/GMT-5'],
  ['weekly Mon 08:00', 'weekly Mon 08:00', [1], [480], null],
  [
    'WEEKLY sunday 23:59 America/Argentina/Buenos_Aires',
    'WEEKLY sunday 23:59',
    [0],
    [1_439],
    'America/Argentina/Buenos_Aires',
  ],
])('%s', (text, written, days, minutes, zone) => {
  expect(readByRule(digestTimes, text)).toEqual({
    ok: true,
    value: { text: written, days, minutes, zone },
  });
});

const NO_FORM = 'which is none of hourly, daily 08:00, weekly Mon 08:00';
test.each([
  ['daily', `is "daily", ${NO_FORM}`],
  ['08:00', `is "08:00", ${NO_FORM}`],
  ['daily 8', `is "daily 8", ${NO_FORM}`],
  ['hourly 08:00', `is "hourly 08:00", ${NO_FORM}`],
  ['weekly 08:00', `is "weekly 08:00", ${NO_FORM}`],
  ['daily 08:00, 14:00', `is "daily 08:00, 14:00", ${NO_FORM}`],
  ['daily 24:00', 'has "24:00", which ends a day: a day begins at 00:00'],
  ['daily 08:60', 'has "08:60", which is no time of day'],
  ['weekly Mo 08:00', 'has "Mo", which is none of Mon, Tue, Wed, Thu, Fri, Sat, Sun'],
  [
    'hourly berlin',
    'names the time zone "berlin", which is not known: did you mean Europe/Berlin?',
  ],
])('%s is refused', (text, error) => {
  expect(readByRule(digestTimes, text)).toEqual({ ok: false, error });
});

test('a digest that names no zone is in that of TZ', () => {
  const digestOf = (text: string) =>
    configOf({ WEBHOOK_A_DIGEST: text, TZ: 'Asia/Kolkata' }).webhooks[0]?.digest?.zone;
  expect(digestOf('daily 08:00')).toBe('Asia/Kolkata');
  expect(digestOf('daily 08:00 Asia/Tokyo')).toBe('Asia/Tokyo');
});
