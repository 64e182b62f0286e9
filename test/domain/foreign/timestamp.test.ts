import * as fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { parseTimestamp } from '../../../src/domain/foreign/timestamp.ts';

const SECOND = 1_699_459_488_000;
const CASES: readonly (readonly [string, string, number | null])[] = [
  ['seconds, as documented', '1699459488', SECOND],
  ['seconds between spaces', ' 1699459488\n', SECOND],
  ['seconds with a fraction', '1699459488.25', SECOND + 250],
  ['milliseconds', '1699459488123', SECOND + 123],
  ['milliseconds with a fraction', '1699459488123.9', SECOND + 123],
  ['microseconds', '1699459488123456', SECOND + 123],
  ['nanoseconds', '1699459488123456789', SECOND + 123],
  ['ISO 8601 in UTC', '2023-11-08T16:04:48Z', SECOND],
  ['ISO 8601 with milliseconds', '2023-11-08T16:04:48.123Z', SECOND + 123],
  ['ISO 8601 with microseconds', '2023-11-08T16:04:48.123456Z', SECOND + 123],
  ['ISO 8601 with tenths', '2023-11-08T16:04:48.5Z', SECOND + 500],
  ['ISO 8601 with a comma', '2023-11-08T16:04:48,5Z', SECOND + 500],
  ['ISO 8601 with an offset', '2023-11-08T18:04:48+02:00', SECOND],
  ['ISO 8601 with an offset before UTC', '2023-11-08T11:34:48-04:30', SECOND],
  ['ISO 8601 with an offset without a colon', '2023-11-08T17:04:48+0100', SECOND],
  ['ISO 8601 with an offset of hours', '2023-11-08T17:04:48+01', SECOND],
  ['ISO 8601 without a zone', '2023-11-08T16:04:48', SECOND],
  ['ISO 8601 without a zone, with a fraction', '2023-11-08T16:04:48.123', SECOND + 123],
  ['ISO 8601 without seconds', '2023-11-08T16:04', SECOND - 48_000],
  ["MySQL's form", '2023-11-08 16:04:48', SECOND],
  ["MySQL's form with a fraction", '2023-11-08 16:04:48.123456', SECOND + 123],
  ["MySQL's form with a zone", '2023-11-08 17:04:48 +01:00', SECOND],
  ["MySQL's form with UTC", '2023-11-08 16:04:48 UTC', SECOND],
  ['a date', '2023-11-08', Date.UTC(2023, 10, 8)],
  ['the first plausible second', '1072915200', Date.UTC(2004, 0)],
  ['a second before it', '1072915199', null],
  ['the last plausible second', '4102444799', Date.UTC(2100, 0) - 1_000],
  ['a second after it', '4102444800', null],
  ['a zero, as an unset time is written', '0', null],
  ["MySQL's unset time", '0000-00-00 00:00:00', null],
  ['seconds before the beginning of time', '-5', null],
  ['the last time that a Date can hold', '8640000000000000', null],
  ['a number beyond all numbers', '1e400', null],
  ['nothing', '', null],
  ['a word', 'yesterday', null],
  ['a word with a number, which Date.parse takes for a date', 'Post 1', null],
  ['a date that may be of either of two months', '08/11/2023', null],
  ['a date that there is not', '2023-13-45', null],
  ['a time that there is not', '2023-11-08 25:00:00', null],
  ['a date before words', '2023-11-08 or so', null],
];

describe.each(['UTC', 'America/New_York', 'Asia/Kolkata'])('with TZ=%s', (zone) => {
  afterEach(() => vi.unstubAllEnvs());

  test.each(CASES)('a timestamp is read: %s', (_, text, expected) => {
    vi.stubEnv('TZ', zone);
    expect(parseTimestamp(text)).toBe(expected);
  });
});

test('any text gives a plausible whole time, or null', () => {
  const texts = fc.oneof(fc.string(), fc.double().map(String), fc.bigInt().map(String));
  fc.assert(
    fc.property(texts, (text) => {
      const timeMs = parseTimestamp(text);
      if (timeMs === null) return;
      expect(Number.isSafeInteger(timeMs)).toBe(true);
      expect(new Date(timeMs).getUTCFullYear()).toBeGreaterThanOrEqual(2004);
      expect(new Date(timeMs).getUTCFullYear()).toBeLessThan(2100);
    }),
    { numRuns: 1000 },
  );
});

test('the same moment in any unit is the same time', () => {
  const plausible = fc.integer({ min: 1_072_915_200, max: 4_102_444_799 });
  fc.assert(
    fc.property(plausible, (seconds) => {
      for (const zeros of ['', '000', '000000', '000000000']) {
        expect(parseTimestamp(`${seconds}${zeros}`)).toBe(seconds * 1_000);
      }
    }),
  );
});
