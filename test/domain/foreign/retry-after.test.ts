import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pauseMs, quotaRestMs } from '../../../src/domain/foreign/retry-after.ts';

const NOW_MS = Date.parse('2023-11-08T16:04:48Z');
const discord = (retryAfter: unknown) =>
  JSON.stringify({ message: 'You are being rate limited.', retry_after: retryAfter });

describe('the pause after a 429 is', () => {
  test.each<[string, string | undefined, string, number]>([
    ['the seconds of Retry-After', '30', '', 30_000],
    ['the broken seconds of Retry-After', '1.25', '', 1_250],
    ['1 s at least', '0', '', 1_000],
    ['1 h at most', '86400', '', 3_600_000],
    ['1 h where the number is beyond all numbers', '9'.repeat(400), '', 3_600_000],
    ['the time until the HTTP date', 'Wed, 08 Nov 2023 16:05:48 GMT', '', 60_000],
    ['the time until a date of RFC 850', 'Wednesday, 08-Nov-23 16:05:48 GMT', '', 60_000],
    ['1 s where the HTTP date is past', 'Wed, 08 Nov 2023 15:00:00 GMT', '', 1_000],
    ['1 h where the HTTP date is far', 'Fri, 08 Nov 2030 16:04:48 GMT', '', 3_600_000],
    ["Discord's seconds in the body", undefined, discord(2), 2_000],
    ["Discord's broken seconds, rounded up", undefined, discord(1.3337), 1_334],
    ['1 s where Discord asks for less than nothing', undefined, discord(-5), 1_000],
    ['the header, where the body says another time', '10', discord(2), 10_000],
    ['the body, where the header is unreadable', 'soon', discord(2), 2_000],
    ['5 s where nothing says how long', undefined, '', 5_000],
    ['5 s where the header is unreadable', 'soon', '', 5_000],
    ['5 s where the header is negative', '-5', '', 5_000],
    ['5 s where the header is hexadecimal', '0x10', '', 5_000],
    ['5 s where the date begins like a date', 'Wed, soon', '', 5_000],
    ['5 s where the body is no JSON', undefined, '<p>retry_after: 2', 5_000],
    ['5 s where the body is cut', undefined, discord(2).slice(0, -1), 5_000],
    ['5 s where the body is a text', undefined, '"retry_after"', 5_000],
    ['5 s where the body says it as a text', undefined, discord('2'), 5_000],
    ['5 s where the number is beyond all numbers', undefined, '{"retry_after":1e999}', 5_000],
  ])('%s', (_, header, body, expectedMs) => {
    expect(pauseMs({ 'retry-after': header }, body, NOW_MS)).toBe(expectedMs);
  });

  test.each([
    ['the header', '10', 10_000],
    ["the type's own, if the header says nothing", undefined, 7_000],
  ])("%s, where the webhook's type read another time in the body", (_, header, expectedMs) => {
    expect(pauseMs({ 'retry-after': header }, discord(2), NOW_MS, 7_000)).toBe(expectedMs);
  });

  test.each<[string, Record<string, string>, number]>([
    [
      'the time until the HTTP date by the clock of the receiver',
      { 'retry-after': 'Wed, 08 Nov 2023 17:00:30 GMT', date: 'Wed, 08 Nov 2023 17:00:00 GMT' },
      30_000,
    ],
    [
      'the time by our clock where theirs is unreadable',
      { 'retry-after': 'Wed, 08 Nov 2023 16:05:48 GMT', date: 'now' },
      60_000,
    ],
    [
      'the milliseconds of an older API of Discord',
      { 'retry-after': '1336', 'x-ratelimit-reset-after': '1.336' },
      1_336,
    ],
    [
      'the seconds where they are longer than the quota of one bucket',
      { 'retry-after': '65', 'x-ratelimit-reset-after': '1.336' },
      65_000,
    ],
  ])('%s', (_, headers, expectedMs) => {
    expect(pauseMs(headers, '', NOW_MS)).toBe(expectedMs);
  });

  test('1 s to 1 h, in whole milliseconds, whatever it says', () => {
    const header = fc.oneof(
      fc.string(),
      fc.double().map(String),
      fc.bigInt().map(String),
      fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
    );
    const body = fc.oneof(fc.string(), fc.jsonValue().map(discord), fc.double().map(discord));
    fc.assert(
      fc.property(fc.option(header, { nil: undefined }), body, (said, text) => {
        const waitMs = pauseMs({ 'retry-after': said }, text, NOW_MS);
        expect(Number.isSafeInteger(waitMs)).toBe(true);
        expect(waitMs).toBeGreaterThanOrEqual(1_000);
        expect(waitMs).toBeLessThanOrEqual(3_600_000);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('the pause after a message is', () => {
  test.each<[string, Record<string, string>, number]>([
    ['the time until its quota is new', { remaining: '0', 'reset-after': '1.337' }, 1_337],
    ['1 h at most', { remaining: '0', 'reset-after': '99999' }, 3_600_000],
    ['no time while it can take more', { remaining: '4', 'reset-after': '2' }, 0],
    ['no time where it does not say how long', { remaining: '0' }, 0],
    ['no time where it says it unreadably', { remaining: '0', 'reset-after': '-1' }, 0],
    ['no time where it says nothing', {}, 0],
  ])('%s', (_, said, expectedMs) => {
    const headers = Object.entries(said).map(([name, value]) => [`x-ratelimit-${name}`, value]);
    expect(quotaRestMs(Object.fromEntries(headers))).toBe(expectedMs);
  });
});
