import { describe, expect, test } from 'vitest';
import { timeZone, workingHours } from '../../../src/config/lists/hours-rule.ts';
import { readByRule } from '../../../src/config/rules.ts';
import { readConfig } from '../../../src/config/env.ts';
import { machineZone } from '../../../src/domain/hours/zone-time.ts';
import { configOf } from '../../helpers/config-of.ts';

const errorOf = (reading: { readonly ok: boolean; readonly error?: unknown }) =>
  reading.ok ? null : reading.error;
const EVERY_DAY = [0, 1, 2, 3, 4, 5, 6];
const minutes = (hours: number) => hours * 60;

describe('working hours', () => {
  test.each<[string, readonly (readonly [readonly number[], number, number])[], string | null]>([
    ['Mon-Fri 08:00-18:00', [[[1, 2, 3, 4, 5], 8, 18]], null],
    ['8:00-18:30', [[EVERY_DAY, 8, 18.5]], null],
    ['00:00-24:00', [[EVERY_DAY, 0, 24]], null],
    ['22:00-06:00', [[EVERY_DAY, 22, 30]], null],
    ['20:00-00:00', [[EVERY_DAY, 20, 24]], null],
    ['Fri-Mon 10:00-12:00 UTC', [[[5, 6, 0, 1], 10, 12]], 'UTC'],
    ['Mon 10:00-12:00 Singapore', [[[1], 10, 12]], 'Singapore'],
    ['Mon 10:00-12:00 Etc/GMT-8', [[[1], 10, 12]], 'Etc/GMT-8'],
    ['Sat-Sat 10:00-12:00', [[[6], 10, 12]], null],
    ['Sat,Sun 00:00-24:00', [[[6, 0], 0, 24]], null],
    [
      'Mon-Wed, Tue, Fri 08:00-12:00, Sat, Sun 10:00-12:00 UTC',
      [
        [[1, 2, 3, 5], 8, 12],
        [[6, 0], 10, 12],
      ],
      'UTC',
    ],
    [
      'mon-FRI 08:00-18:00 , saturday  10:00 – 14:00 Europe/Berlin',
      [
        [[1, 2, 3, 4, 5], 8, 18],
        [[6], 10, 14],
      ],
      'Europe/Berlin',
    ],
    [
      'Sun 10:00-14:00 America/Argentina/Buenos_Aires,',
      [[[0], 10, 14]],
      'America/Argentina/Buenos_Aires',
    ],
    ['Sun 10:00-14:00 Etc/GMT-5', [[[0], 10, 14]], 'Etc/GMT-5'],
  ])('%s', (text, spans, zone) => {
    expect(readByRule(workingHours, text)).toMatchObject({
      ok: true,
      value: {
        spans: spans.map(([days, from, to]) => ({
          days,
          fromMinute: minutes(from),
          toMinute: minutes(to),
        })),
        zone,
      },
    });
  });

  const NO_DAY = 'which is none of Mon, Tue, Wed, Thu, Fri, Sat, Sun';
  const NO_SPAN = 'which is no span such as Mon-Fri 08:00-18:00';
  test.each([
    ['Mon-Fri 8-18', `has "Mon-Fri 8-18", ${NO_SPAN}`],
    ['Mon, 08:00-18:00', `has "Mon", ${NO_SPAN}`],
    ['Mon 08:00-18:00, Sat, Sun', `has "Sat,Sun", ${NO_SPAN}`],
    ['Mon, Tu 08:00-18:00', `has "Tu", ${NO_DAY}`],
    ['08:00-12:00 13:00-18:00', `has "08:00-12:00 13:00-18:00", ${NO_SPAN}`],
    [',', 'has no entry'],
    ['Mo-Fr 08:00-18:00', `has "Mo", ${NO_DAY}`],
    ['Mon-Fri-Sun 08:00-18:00', `has "Mon-Fri-Sun 08:00-18:00", ${NO_SPAN}`],
    ['08:00-18:60', 'has "18:60", which is no time of day'],
    ['08:00-24:01', 'has "24:01", which is no time of day'],
    ['25:00-26:00', 'has "25:00", which is no time of day'],
    ['24:00-06:00', 'has "24:00", which ends a day: a day begins at 00:00'],
    ['08:00-08:00', 'has "08:00-08:00", which ends when it begins: all day is 00:00-24:00'],
    [
      'Mon 08:00-18:00 UTC, Tue 08:00-18:00',
      'names a time zone before its end, where one serves all spans',
    ],
    ['08:00-18:00 BST', 'names the time zone "BST", where only a place is clear: Europe/Berlin'],
    [
      '08:00-18:00 EST5EDT',
      'names the time zone "EST5EDT", where only a place is clear: Europe/Berlin',
    ],
    [
      '08:00-18:00 Europe/Berln',
      'names the time zone "Europe/Berln", which is not known: did you mean Europe/Berlin?',
    ],
    [
      '08:00-18:00 berlin',
      'names the time zone "berlin", which is not known: did you mean Europe/Berlin?',
    ],
    [
      '08:00-18:00 America/New York',
      'names the time zone "America/New York", which is not known: did you mean America/New_York?',
    ],
    [
      '08:00-18:00 Amercia/Denver',
      'names the time zone "Amercia/Denver", which is not known: did you mean America/Denver?',
    ],
    ['08:00-18:00 Asia/Mumbai', 'names the time zone "Asia/Mumbai", which is not known'],
    ['08:00-18:00 America/Tampa', 'names the time zone "America/Tampa", which is not known'],
    ['08:00-18:00 Europe/Nice', 'names the time zone "Europe/Nice", which is not known'],
    [
      '08:00-18:00 somewhere far away',
      'names the time zone "somewhere far away", which is not known',
    ],
  ])('%s are refused', (text, error) => {
    expect(errorOf(readByRule(workingHours, text))).toBe(error);
  });
});

describe('TZ', () => {
  test.each([
    ['Europe/Berlin', 'Europe/Berlin'],
    [':Europe/Berlin', 'Europe/Berlin'],
    ['/usr/share/zoneinfo/Europe/Berlin', 'Europe/Berlin'],
    [':/etc/localtime', machineZone()],
    ['UTC', 'UTC'],
  ])('%s', (text, zone) => {
    expect(readByRule(timeZone, text)).toEqual({ ok: true, value: zone });
  });

  const zoneOf = (env: Readonly<Record<string, string>>) => configOf(env).webhooks[0]?.hours?.zone;
  const HOURS = { WEBHOOK_A_HOURS: '08:00-18:00' };
  const OWN = { WEBHOOK_A_HOURS: '08:00-18:00 Asia/Tokyo' };
  test('is the zone of hours that name none, and otherwise that of the machine', () => {
    expect(zoneOf({ ...HOURS, TZ: 'Asia/Kolkata' })).toBe('Asia/Kolkata');
    expect(zoneOf({ ...OWN, TZ: 'Asia/Kolkata' })).toBe('Asia/Tokyo');
    expect(zoneOf(HOURS)).toBe(machineZone());
    expect(configOf({ TZ: 'Asia/Kolkata' }).webhooks[0]?.hours).toBeNull();
  });

  test('in a form that is no name of a zone is a mistake only where hours need it', () => {
    const env = { GROOUPLY_API_KEY: 'k', WEBHOOK_A_URL: 'https://a.example/', TZ: 'Berlin/Mitte' };
    const read = (more: object) =>
      readConfig({ ...env, ...more }, { readFile: () => '', stdoutIsTty: false });
    expect(errorOf(read(HOURS))).toEqual([
      {
        variable: 'TZ',
        problem: 'is the time zone "Berlin/Mitte", which is not known',
        allowed: 'the IANA name of a time zone, such as Europe/Berlin',
      },
    ]);
    expect(errorOf(read(OWN))).toBeNull();
    expect(errorOf(read({}))).toBeNull();
  });
});
