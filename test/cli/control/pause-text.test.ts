import { expect, test } from 'vitest';
import { unknownWebhook } from '../../../src/cli/control/known-webhook.ts';
import { changedPauseText, operatorPauseText } from '../../../src/cli/control/pause-text.ts';

const NOW = '2026-11-23T08:00:00.000Z';
const NOW_MS = Date.parse(NOW);
const HOUR_MS = 3_600_000;

test.each([
  ['2026-11-23T05:00:00.000Z', null, 'paused by an operator 3h ago, until resumed'],
  [
    '2026-11-23T07:59:50.000Z',
    '2026-11-23T10:00:00.000Z',
    'paused by an operator 10s ago, for 2h more',
  ],
  // The clock of Redis is ahead of that of the machine.
  [
    '2026-11-23T08:00:02.000Z',
    '2026-11-23T07:00:00.000Z',
    'paused by an operator 0s ago, for 0s more',
  ],
])('status shows a pause since %s until %s', (since, until, text) => {
  expect(operatorPauseText({ since, until }, NOW_MS)).toBe(text);
});

test.each([
  ['begins', null, null, 'paused until resumed'],
  ['begins, with an end', null, 2 * HOUR_MS, 'paused until 2026-11-23T10:00:00.000Z'],
  [
    'gets an end',
    { sinceMs: NOW_MS - HOUR_MS, untilMs: null },
    2 * HOUR_MS,
    'was paused 1h ago, until resumed; now paused until 2026-11-23T10:00:00.000Z',
  ],
  [
    'loses its end',
    { sinceMs: NOW_MS - 60_000, untilMs: NOW_MS + HOUR_MS },
    null,
    'was paused 1m ago, until 2026-11-23T09:00:00.000Z; now paused until resumed',
  ],
])('a pause that %s is described', (_, before, forMs, text) => {
  const untilMs = forMs === null ? null : NOW_MS + forMs;
  expect(changedPauseText({ before, untilMs }, NOW_MS)).toBe(text);
});

test.each([
  ['salse', 'No webhook is named salse; did you mean SALES? Known webhooks: A, SALES.'],
  ['OTHER\u001b', 'No webhook is named OTHER\\u{1b}. Known webhooks: A, SALES.'],
])('the unknown webhook %j is refused', (name, text) => {
  expect(unknownWebhook(name, ['A', 'SALES'])).toBe(text);
});
