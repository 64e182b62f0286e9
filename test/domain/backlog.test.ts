import { describe, expect, test } from 'vitest';
import { formatBacklog, parseBacklog } from '../../src/domain/backlog.ts';

describe('a backlog', () => {
  test.each([
    ['all', { kind: 'all' }, 'all'],
    ['NONE', { kind: 'none' }, 'none'],
    ['90m', { kind: 'recent', ageMs: 5_400_000 }, '90m'],
    ['24h', { kind: 'recent', ageMs: 86_400_000 }, '1d'],
    ['36H', { kind: 'recent', ageMs: 129_600_000 }, '36h'],
    ['7d', { kind: 'recent', ageMs: 604_800_000 }, '7d'],
    ['3650d', { kind: 'recent', ageMs: 315_360_000_000 }, '3650d'],
  ] as const)(
    'is read from %s and written in the largest unit that fits',
    (text, backlog, written) => {
      expect(parseBacklog(text)).toEqual(backlog);
      expect(formatBacklog(backlog)).toBe(written);
      expect(parseBacklog(written)).toEqual(backlog);
    },
  );

  test.each(['', 'some', '24', 'h', '0h', '-1h', '1.5h', '24 h', '1w', '3651d', '99999999h'])(
    'is not read from %j',
    (text) => {
      expect(parseBacklog(text)).toBeNull();
    },
  );
});
