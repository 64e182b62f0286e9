import { describe, expect, test } from 'vitest';
import { mayStillArrive } from '../../src/app/groouply-access.ts';
import {
  countPoll,
  explainPollError,
  followUp,
  noteTroubles,
} from '../../src/app/start-polling.ts';
import { GroouplyError, type GroouplyErrorKind } from '../../src/groouply/groouply-shapes.ts';
import { createTally } from '../../src/monitoring/summary.ts';
import type { PollResult } from '../../src/polling/poll-run.ts';
import type { PollOutcome } from '../../src/polling/poll.ts';
import { redisKeys } from '../../src/redis/redis-keys.ts';
import type { RedisClient } from '../../src/redis/redis-client.ts';
import { StateVanishedError } from '../../src/state/seen-mentions.io.ts';
import { StateVersionError } from '../../src/state/state-version.io.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const NOW_MS = 10 * DAY_MS;
const OUTCOME: PollOutcome = {
  windowSize: 100,
  malformed: 0,
  newMentions: 3,
  queued: 3,
  merged: 0,
  gap: false,
  sinceLastMs: 10_000,
  spottedPerMs: 0,
};

test.each<[string, Partial<PollOutcome>, boolean, string[]]>([
  ['nothing follows a calm poll', {}, false, []],
  ['a busy account gets the budget', {}, true, ['busy']],
  ['a gap is searched, after the budget is reserved', { gap: true }, true, ['busy', 'sweep']],
  ['the first poll ever is no pause', { sinceLastMs: null }, false, []],
  [
    'a long pause brings the sweep of the day forward',
    { sinceLastMs: 11 * MINUTE_MS },
    false,
    [`sweptAtMs ${NOW_MS - DAY_MS + 15 * MINUTE_MS}`],
  ],
])('%s', async (_, changes, busy, effects) => {
  const done: string[] = [];
  const redis = {
    hget: async () => String(NOW_MS),
    hset: async (_key: string, field: string, value: number) => done.push(`${field} ${value}`),
  };
  await followUp(
    {
      queues: { sweepSoon: async () => void done.push('sweep') },
      budget: { setBusy: async () => void done.push('busy') },
      redis: redis as unknown as RedisClient,
      keys: redisKeys('test'),
      nowMs: () => NOW_MS,
    },
    { isBusy: () => busy },
    { ...OUTCOME, ...changes },
  );
  expect(done).toEqual(effects);
});

test.each<[string, PollResult, string[]]>([
  ['a rejected key', 'key-rejected', ['found key_rejected']],
  ['a failure', 'failed', ['found polls_failing']],
  ['a readable window', OUTCOME, ['over key_rejected polls_failing items_unreadable']],
  [
    'a window with an unreadable item',
    { ...OUTCOME, malformed: 1 },
    ['found items_unreadable', 'over key_rejected polls_failing'],
  ],
])('the troubles that %s shows', async (_, result, expected) => {
  const noted: string[] = [];
  await noteTroubles(
    {
      found: async (trouble) => void noted.push(`found ${trouble}`),
      over: async (causes) => {
        noted.push(['over', ...causes.map(({ trouble }) => trouble)].join(' '));
      },
    },
    result,
  );
  expect(noted).toEqual(expected);
});

test('polls are counted for the summary and the metrics', () => {
  const tally = createTally();
  const results: unknown[] = [];
  let gaps = 0;
  const monitoring = {
    polled: (result: unknown) => void results.push(result),
    countGap: () => void (gaps += 1),
  };
  const polls = [OUTCOME, { ...OUTCOME, gap: true }, 'failed', 'key-rejected'] as const;
  for (const result of polls) countPoll({ tally, monitoring }, result);
  expect(tally.take()).toMatchObject({ polls: 2, pollsFailed: 2, newMentions: 6, gaps: 1 });
  expect([results, gaps]).toEqual([polls, 1]);
});

describe('an error of a poll', () => {
  const secret = Object.assign(new Error('redis://:password@host'), { code: 'ECONNREFUSED' });
  test.each<[string, unknown, boolean, RegExp]>([
    ['a rejected key', new GroouplyError('key-rejected', 'rejected'), true, /^rejected$/],
    ['any other failure of the API', new GroouplyError('server', 'failed'), false, /^failed$/],
    ['a newer state', new StateVersionError({ what: 'newer', todo: 'stop' }), false, /newer/],
    ['a vanished state', new StateVanishedError(), false, /emptied/],
    ['an error that may hold a secret', secret, false, /^ECONNREFUSED$/],
  ])('is explained: %s', (_, error, keyRejected, reason) => {
    const failure = explainPollError(error);
    expect(failure).toEqual({ keyRejected, reason: expect.stringMatching(reason) as string });
  });
});

test.each<[GroouplyErrorKind | null, boolean]>([
  ['unanswered', true],
  [null, true],
  ['server', false],
  ['rate-limited', false],
  ['unreadable', false],
])('a request that failed as %s may still reach the API: %s', (kind, may) => {
  const error = kind === null ? new Error('unknown') : new GroouplyError(kind, 'failed');
  expect(mayStillArrive(error)).toBe(may);
});
