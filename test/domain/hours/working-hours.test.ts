import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { workingHours } from '../../../src/config/lists/hours-rule.ts';
import {
  closedForMs,
  keepsHours,
  openAt,
  type WorkingHours,
} from '../../../src/domain/hours/working-hours.ts';
import { DELIVERY_KINDS } from '../../../src/domain/delivery.ts';

const hoursOf = (text: string, zone: string): WorkingHours => ({
  ...workingHours.parse(text),
  zone,
});
const timeOf = (iso: string): number => Date.parse(`${iso}Z`);
const isoOf = (ms: number | null): string | null =>
  ms === null ? null : new Date(ms).toISOString().replace(/(:00)?\.000Z$/, '');

/** A time in UTC, the state then, and the time of the next opening or closing. */
type Case = readonly [at: string, state: 'open' | 'closed', until: string];

describe.each<[string, string, string, readonly Case[]]>([
  [
    'a working week, in a zone of half an hour',
    'Mon-Fri 08:00-18:00',
    'Asia/Kolkata',
    [
      ['2026-11-30T02:29:59.999', 'closed', '2026-11-30T02:30'],
      ['2026-11-30T02:30', 'open', '2026-11-30T12:30'],
      ['2026-11-30T12:29:59.999', 'open', '2026-11-30T12:30'],
      ['2026-11-30T12:30', 'closed', '2026-12-01T02:30'],
      ['2026-12-04T12:30', 'closed', '2026-12-07T02:30'],
    ],
  ],
  [
    'a weekend, west of UTC',
    'Sat 10:00-14:00, Sun 22:00-24:00',
    'America/New_York',
    [
      ['2026-11-28T14:59', 'closed', '2026-11-28T15:00'],
      ['2026-11-28T15:00', 'open', '2026-11-28T19:00'],
      ['2026-11-28T19:00', 'closed', '2026-11-30T03:00'],
      ['2026-11-30T04:59', 'open', '2026-11-30T05:00'],
      ['2026-11-30T05:00', 'closed', '2026-12-05T15:00'],
    ],
  ],
  [
    'an overnight span, which belongs to the day on which it begins',
    'Fri 22:00-06:00',
    'UTC',
    [
      ['2026-11-27T05:00', 'closed', '2026-11-27T22:00'],
      ['2026-11-28T05:59', 'open', '2026-11-28T06:00'],
      ['2026-11-28T06:00', 'closed', '2026-12-04T22:00'],
    ],
  ],
  [
    'a span over the end of the week',
    'Sun 22:00-06:00',
    'Europe/Berlin',
    [
      ['2026-11-29T20:59', 'closed', '2026-11-29T21:00'],
      ['2026-11-29T23:30', 'open', '2026-11-30T05:00'],
      ['2026-11-30T05:00', 'closed', '2026-12-06T21:00'],
    ],
  ],
  [
    'days over the end of the week',
    'Sat-Mon 10:00-12:00',
    'UTC',
    [
      ['2026-11-27T11:00', 'closed', '2026-11-28T10:00'],
      ['2026-11-29T11:00', 'open', '2026-11-29T12:00'],
      ['2026-11-30T12:00', 'closed', '2026-12-05T10:00'],
    ],
  ],
  [
    'spans that touch or overlap, which are one',
    'Mon 08:00-12:00, Mon 12:00-15:00, Mon 14:00-18:00, Mon 20:00-24:00, Tue 00:00-06:00',
    'UTC',
    [
      ['2026-11-30T08:00', 'open', '2026-11-30T18:00'],
      ['2026-11-30T12:00', 'open', '2026-11-30T18:00'],
      ['2026-11-30T21:00', 'open', '2026-12-01T06:00'],
    ],
  ],
  [
    'a leap day',
    'Tue 08:00-09:00, Mon 22:00-06:00',
    'UTC',
    [
      ['2028-02-28T21:00', 'closed', '2028-02-28T22:00'],
      ['2028-02-28T23:00', 'open', '2028-02-29T06:00'],
      ['2028-02-29T08:30', 'open', '2028-02-29T09:00'],
      ['2028-02-29T09:00', 'closed', '2028-03-06T22:00'],
    ],
  ],
  [
    'a beginning in the hour that clocks skip: it opens when they change',
    '02:30-06:00',
    'Europe/Berlin',
    [
      ['2026-03-28T01:29', 'closed', '2026-03-28T01:30'],
      ['2026-03-29T00:59:59.999', 'closed', '2026-03-29T01:00'],
      ['2026-03-29T01:00', 'open', '2026-03-29T04:00'],
      ['2026-03-29T04:00', 'closed', '2026-03-30T00:30'],
    ],
  ],
  [
    'the same in America',
    '02:30-06:00',
    'America/New_York',
    [
      ['2026-03-08T06:59:59.999', 'closed', '2026-03-08T07:00'],
      ['2026-03-08T07:00', 'open', '2026-03-08T10:00'],
    ],
  ],
  [
    'the same at midnight',
    '00:00-08:00',
    'Africa/Cairo',
    [
      ['2026-04-23T21:59:59.999', 'closed', '2026-04-23T22:00'],
      ['2026-04-23T22:00', 'open', '2026-04-24T05:00'],
    ],
  ],
  [
    'an end in the hour that clocks skip: it closes when they change',
    '22:00-02:30',
    'Europe/Berlin',
    [
      ['2026-03-29T00:59:59.999', 'open', '2026-03-29T01:00'],
      ['2026-03-29T01:00', 'closed', '2026-03-29T20:00'],
    ],
  ],
  [
    'a span that clocks skip: it does not open',
    '02:10-02:50',
    'Europe/Berlin',
    [['2026-03-28T01:50', 'closed', '2026-03-30T00:10']],
  ],
  [
    'a day that a zone skipped',
    'Fri 08:00-10:00',
    'Pacific/Apia',
    [['2011-12-29T20:00', 'closed', '2012-01-05T18:00']],
  ],
  [
    'a beginning in the hour that clocks show twice: it opens at the first',
    '02:30-06:00',
    'Europe/Berlin',
    [
      ['2026-10-25T00:29:59.999', 'closed', '2026-10-25T00:30'],
      ['2026-10-25T00:30', 'open', '2026-10-25T05:00'],
      ['2026-10-25T01:15', 'open', '2026-10-25T05:00'],
    ],
  ],
  [
    'the same in America',
    '01:30-05:00',
    'America/New_York',
    [
      ['2026-11-01T05:29:59.999', 'closed', '2026-11-01T05:30'],
      ['2026-11-01T06:15', 'open', '2026-11-01T10:00'],
    ],
  ],
  [
    'an end in the hour that clocks show twice: it closes at the first, and opens no second time',
    '00:00-02:30',
    'Europe/Berlin',
    [
      ['2026-10-25T00:29', 'open', '2026-10-25T00:30'],
      ['2026-10-25T01:15', 'closed', '2026-10-25T23:00'],
    ],
  ],
  [
    'exactly the hour that clocks show twice: it is open during both',
    '02:00-03:00',
    'Europe/Berlin',
    [
      ['2026-10-24T23:59', 'closed', '2026-10-25T00:00'],
      ['2026-10-25T00:00', 'open', '2026-10-25T02:00'],
      ['2026-10-25T02:00', 'closed', '2026-10-26T01:00'],
    ],
  ],
  [
    'half an hour that clocks show twice',
    '01:45-04:00',
    'Australia/Lord_Howe',
    [
      ['2026-04-04T14:44', 'closed', '2026-04-04T14:45'],
      ['2026-04-04T15:05', 'open', '2026-04-04T17:30'],
    ],
  ],
])('%s: %s %s', (_, text, zone, cases) => {
  test.each(cases)('%s %s until %s', (at, state, until) => {
    const hours = hoursOf(text, zone);
    const atMs = timeOf(at);
    const { open, untilMs } = openAt(hours, atMs);
    expect([open ? 'open' : 'closed', isoOf(untilMs)]).toEqual([state, until]);
    expect(closedForMs(hours, atMs)).toBe(state === 'open' ? 0 : timeOf(until) - atMs);
  });
});

test.each([
  ['no hours', null],
  ['all hours of the week', hoursOf('00:00-24:00', 'Europe/Berlin')],
  ['all hours, written as touching spans', hoursOf('00:00-12:00, 12:00-00:00', 'Asia/Tokyo')],
])('with %s it is open, since and until no time that is known', (_, hours) => {
  for (const iso of ['2026-03-29T01:00', '2026-10-25T01:00', '2026-11-28T12:34']) {
    expect(openAt(hours, timeOf(iso))).toEqual({ open: true, sinceMs: null, untilMs: null });
    expect(closedForMs(hours, timeOf(iso))).toBe(0);
  }
});

test('each opening and closing is found from both sides, in every zone, whatever was asked before', () => {
  const zones = ['UTC', 'Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe', 'Africa/Cairo'];
  const texts = [
    'Mon-Fri 08:00-18:00',
    '22:00-06:00',
    'Sat 10:00-14:00, Sun 00:00-24:00',
    '02:30-02:40',
  ];
  const asked = new Map<string, WorkingHours>();
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      fc.constantFrom(...texts),
      fc.integer({ min: timeOf('2026-01-01T00:00'), max: timeOf('2029-01-01T00:00') }),
      (zone, text, atMs) => {
        const fresh = (ms: number) => openAt(hoursOf(text, zone), ms);
        const kept = asked.get(zone + text) ?? hoursOf(text, zone);
        asked.set(zone + text, kept);
        const { open, sinceMs, untilMs } = fresh(atMs);
        expect(openAt(kept, atMs)).toEqual({ open, sinceMs, untilMs });
        const [from, to] = [Number(sinceMs), Number(untilMs)];
        expect([from <= atMs, atMs < to]).toEqual([true, true]);
        for (const ms of [from, to - 1]) expect(fresh(ms)).toEqual({ open, sinceMs, untilMs });
        for (const ms of [from - 1, to]) expect(fresh(ms).open).toBe(!open);
      },
    ),
    { numRuns: 200 },
  );
});

test('all kinds of deliveries wait for the hours, except alerts', () => {
  expect(DELIVERY_KINDS.filter((kind) => !keepsHours(kind))).toEqual(['alert']);
});
