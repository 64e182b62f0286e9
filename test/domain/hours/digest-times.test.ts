import { describe, expect, test } from 'vitest';
import { digestTimes } from '../../../src/config/lists/digest-rule.ts';
import { workingHours } from '../../../src/config/lists/hours-rule.ts';
import {
  digestPeriod,
  waitingPeriod,
  waitsForDigest,
  type DigestPlan,
} from '../../../src/domain/hours/digest-times.ts';

function planOf(text: string, hours: string | null = null): DigestPlan {
  const times = digestTimes.parse(text);
  return {
    digest: { ...times, zone: times.zone ?? 'UTC' },
    hours: hours === null ? null : { ...workingHours.parse(hours), zone: 'UTC' },
  };
}
const timeOf = (iso: string): number => Date.parse(`${iso}Z`);
const isoOf = (ms: number): string => new Date(ms).toISOString().replace(/(:00)?\.000Z$/, '');

test.each([
  ['just before its time', 'daily 08:00', '2026-06-10T07:59:59.999', '06-09T08:00', '06-10T08:00'],
  ['at its time', 'daily 08:00', '2026-06-10T08:00', '06-10T08:00', '06-11T08:00'],
  [
    'on another day of the week',
    'weekly Mon 08:00 Europe/Berlin',
    '2026-06-10T12:00',
    '06-08T06:00',
    '06-15T06:00',
  ],
  [
    'on its own day, before its time',
    'weekly Mon 08:00 America/New_York',
    '2026-06-08T11:59',
    '06-01T12:00',
    '06-08T12:00',
  ],
  [
    'each hour of a zone of half an hour',
    'hourly Asia/Kolkata',
    '2026-06-10T10:45',
    '06-10T10:30',
    '06-10T11:30',
  ],
  [
    'over a week in which clocks change',
    'weekly Mon 08:00 Europe/Berlin',
    '2026-10-25T12:00',
    '10-19T06:00',
    '10-26T07:00',
  ],
  [
    'that clocks skip: at the change',
    'daily 02:30 Europe/Berlin',
    '2026-03-29T00:59',
    '03-28T01:30',
    '03-29T01:00',
  ],
  [
    'after a skipped one',
    'daily 02:30 Europe/Berlin',
    '2026-03-29T01:00',
    '03-29T01:00',
    '03-30T00:30',
  ],
  [
    'each hour where one is skipped',
    'hourly Europe/Berlin',
    '2026-03-29T01:30',
    '03-29T01:00',
    '03-29T02:00',
  ],
  [
    'that clocks show twice: the first counts',
    'daily 02:30 Europe/Berlin',
    '2026-10-25T01:30',
    '10-25T00:30',
    '10-26T01:30',
  ],
  [
    'each hour where one comes twice',
    'hourly Europe/Berlin',
    '2026-10-25T01:15',
    '10-25T00:00',
    '10-25T02:00',
  ],
  [
    'on a day that a zone leaves out: at the change',
    'weekly Fri 08:00 Pacific/Apia',
    '2011-12-30T00:00',
    '12-23T18:00',
    '12-30T10:00',
  ],
])('a digest is due %s', (_, text, at, since, until) => {
  const plan = planOf(text);
  const { sinceMs, untilMs } = digestPeriod(plan, timeOf(at));
  expect([sinceMs, untilMs].map((ms) => isoOf(ms).slice(5))).toEqual([since, until]);
  // The answer that is kept, and the one after it.
  expect(digestPeriod(plan, untilMs - 1)).toMatchObject({ sinceMs, untilMs });
  expect(digestPeriod(plan, untilMs).sinceMs).toBe(untilMs);
});

describe('of a digest at 08:00, at 09:00', () => {
  const plan = planOf('daily 08:00');
  const at = (time: string) => timeOf(`2026-06-10T${time}`);
  test.each<[string, string, string | null, boolean, string?]>([
    ['before the last one', '09:00', '07:59:59.999', false],
    ['at its time', '09:00', '08:00', true],
    ['after it', '09:00', '08:30', true],
    ['by a clock that is a little ahead', '09:00', '09:00:30', true],
    ['just before it, which is not in its queue yet', '08:00:01', '07:59:59.999', true],
    ['just before it, once it has settled', '08:00:02', '07:59:59.999', false],
    ['before somebody asked for one', '09:00', '08:30', false, '08:45'],
    ['after somebody asked for one', '09:00', '08:50', true, '08:45'],
    ['before the last one, after an older request', '09:00', '07:00', false, '06:00'],
    ['at an unknown time', '09:00', null, false],
  ])('what was queued %s waits or is due', (_, now, queued, waits, asked) => {
    const period = waitingPeriod(plan, at(now), asked === undefined ? null : at(asked));
    expect(waitsForDigest(queued === null ? null : at(queued), period)).toBe(waits);
  });

  test('what was queued in the future, before a clock went back, does not wait for it', () => {
    expect(waitsForDigest(timeOf('2031-01-01T00:00'), waitingPeriod(plan, at('09:00')))).toBe(
      false,
    );
  });
});

test.each([
  ['comes at its time', 'daily 08:00', '06:00-18:00', '06-10T07:00', '06-09T08:00', '06-10T08:00'],
  [
    'waits for the opening',
    'daily 08:00',
    '10:00-18:00',
    '06-10T07:00',
    '06-09T10:00',
    '06-10T10:00',
  ],
  ['that waits is next', 'daily 08:00', '10:00-18:00', '06-10T09:00', '06-09T10:00', '06-10T10:00'],
  [
    'then has all until the opening',
    'daily 08:00',
    '10:00-18:00',
    '06-10T11:00',
    '06-10T10:00',
    '06-11T10:00',
  ],
  ['of each hour waits once', 'hourly', '08:30-18:00', '06-10T03:10', '06-09T17:00', '06-10T08:30'],
  [
    'comes in the hours as well',
    'hourly',
    '08:30-18:00',
    '06-10T08:40',
    '06-10T08:30',
    '06-10T09:00',
  ],
  ['waits for days', 'daily 08:00', 'Wed 10:00-18:00', '06-15T09:00', '06-17T10:00', '06-17T10:00'],
])('within working hours a digest %s', (_, text, hours, at, since, until) => {
  const { sinceMs, untilMs } = digestPeriod(planOf(text, hours), timeOf(`2026-${at}`));
  expect([sinceMs, untilMs].map((ms) => isoOf(ms).slice(5))).toEqual([since, until]);
});
