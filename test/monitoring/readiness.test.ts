import { describe, expect, test } from 'vitest';
import {
  boundedQuestion,
  pollsInTime,
  readReadiness,
  UnansweredError,
  type ReadinessPorts,
} from '../../src/monitoring/readiness.ts';

const NOW_MS = Date.parse('2026-11-24T12:00:00Z');
const SETTINGS = { intervalMs: 10_000, requestsPerWindow: 50, windowMs: 60_000 };

describe('the last successful poll is in time', () => {
  const slow = { ...SETTINGS, intervalMs: 60_000 };
  const oneRequest = { ...SETTINGS, requestsPerWindow: 1 };

  test.each([
    ['not without any poll', null, SETTINGS, false],
    ['just now', 0, SETTINGS, true],
    ['three intervals ago', 30_000, SETTINGS, true],
    ['not longer ago', 30_001, SETTINGS, false],
    ['as far in the future, since clocks differ', -30_000, SETTINGS, true],
    ['not further in the future, after a clock went back', -30_001, SETTINGS, false],
    ['30 s ago at any short interval', 30_000, { ...SETTINGS, intervalMs: 100 }, true],
    ['three long intervals ago', 180_000, slow, true],
    ['three minutes ago with one request per minute', 180_000, oneRequest, true],
    ['not longer ago with one request per minute', 180_001, oneRequest, false],
  ])('%s', (_case, ageMs, settings, inTime) => {
    const lastPollAtMs = ageMs === null ? null : NOW_MS - ageMs;
    expect(pollsInTime(lastPollAtMs, NOW_MS, settings)).toBe(inTime);
  });
});

describe('readiness', () => {
  const pollAt = (ageMs: number | null, gone: readonly string[] = [], keyRejected = false) => ({
    facts: async () => ({
      lastPollAtMs: ageMs === null ? null : NOW_MS - ageMs,
      keyRejected,
      gone,
    }),
  });
  const away = { facts: () => Promise.reject(new Error('redis://:secret@host')) };
  const late = { ready: false, problem: 'polls' };

  test.each<[string, Partial<ReadinessPorts>, object]>([
    ['a recent poll', pollAt(30_000), { ready: true, lastPollAt: '2026-11-24T11:59:30.000Z' }],
    [
      'an old poll',
      pollAt(30_001),
      {
        ...late,
        detail: 'the last successful poll is too long ago',
        lastPollAt: '2026-11-24T11:59:29.999Z',
      },
    ],
    [
      'a poll in the future',
      pollAt(-30_001),
      {
        ...late,
        detail: 'the last successful poll is in the future: a clock is wrong or went back',
        lastPollAt: '2026-11-24T12:00:30.001Z',
      },
    ],
    [
      'no poll yet',
      pollAt(null),
      { ...late, detail: 'no poll has succeeded yet', lastPollAt: null },
    ],
    [
      'a rejected key, at once',
      pollAt(0, [], true),
      {
        ...late,
        detail:
          'the API rejected GROOUPLY_API_KEY; it is tried again every 5 minutes, or at once after a restart',
        lastPollAt: '2026-11-24T12:00:00.000Z',
      },
    ],
    [
      'no webhook left for mentions',
      pollAt(0, ['CRM', 'SALES']),
      {
        ready: false,
        problem: 'webhooks',
        detail: 'the URL of every webhook for mentions is gone (410): CRM, SALES',
        lastPollAt: '2026-11-24T12:00:00.000Z',
      },
    ],
    [
      'polls that stopped as well',
      pollAt(null, ['CRM']),
      { ...late, detail: 'no poll has succeeded yet', lastPollAt: null },
    ],
    [
      'Redis away, without the text of the error',
      away,
      { ready: false, problem: 'redis', detail: 'Redis does not answer' },
    ],
    [
      'a stop, without asking Redis',
      { ...away, stopping: () => true },
      { ready: false, problem: 'stopping', detail: 'the relay is stopping' },
    ],
    [
      'a start, even if another replica polls',
      { starting: () => true },
      { ready: false, problem: 'starting', detail: 'the relay is starting' },
    ],
    [
      'a start without Redis',
      { ...away, starting: () => true },
      { ready: false, problem: 'redis', detail: 'Redis does not answer' },
    ],
  ])('with %s', async (_, ports, expected) => {
    const all = { stopping: () => false, starting: () => false, nowMs: () => NOW_MS };
    expect(await readReadiness({ ...all, ...pollAt(0), ...ports }, SETTINGS)).toEqual(expected);
  });
});

describe('a bounded question', () => {
  /** A question that the test answers. */
  function question(timeoutMs: number) {
    const asked: PromiseWithResolvers<string>[] = [];
    const ask = boundedQuestion(() => {
      const next = Promise.withResolvers<string>();
      asked.push(next);
      return next.promise;
    }, timeoutMs);
    return { ask, asked };
  }

  test('returns an answer or an error in time, and is then asked again', async () => {
    const { ask, asked } = question(60_000);
    const first = ask();
    asked[0]?.resolve('one');
    expect(await first).toBe('one');
    const second = ask();
    asked[1]?.reject(new Error('refused'));
    await expect(second).rejects.toThrow('refused');
  });

  test('gives up without an answer, and is not asked again meanwhile', async () => {
    const { ask, asked } = question(5);
    await expect(ask()).rejects.toThrow(UnansweredError);
    await expect(ask()).rejects.toThrow(UnansweredError);
    expect(asked).toHaveLength(1);
  });

  test('shares one answer between simultaneous callers', async () => {
    const { ask, asked } = question(60_000);
    const answers = [ask(), ask()];
    asked[0]?.resolve('one');
    expect(await Promise.all(answers)).toEqual(['one', 'one']);
  });

  test('ignores a late error, and is then asked again', async () => {
    const { ask, asked } = question(5);
    await expect(ask()).rejects.toThrow(UnansweredError);
    asked[0]?.reject(new Error('too late'));
    await asked[0]?.promise.catch(() => undefined);
    await Promise.resolve();
    const again = ask();
    asked[1]?.resolve('back');
    expect(await again).toBe('back');
  });
});
