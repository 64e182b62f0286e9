import { expect, test } from 'vitest';
import { judgeTroubles } from '../../src/monitoring/lasting-troubles.ts';
import { webhookOf } from '../webhooks/delivery-samples.ts';

const MINUTE = 60_000;
const WELL = {
  webhook: 'A',
  heldForMs: null,
  gone: false,
  operatorPause: null,
  closedForMs: null,
  counts: { waiting: 9, active: 9, retrying: 9, failed: 0 },
};
const HELD = { heldForMs: 15 * MINUTE };
const PAUSE = { sinceMs: 1, untilMs: null };
const OVER = 'over';
const FOUND = 'found';
const UNKNOWN = undefined;

/** Of webhook A: whether it is gone, held, and whether failed deliveries are left. */
test.each<[string, Partial<typeof WELL> | object, 'all' | 'alerts' | 'mentions', unknown[]]>([
  ['that works', {}, 'all', [OVER, OVER, OVER]],
  ['that was held a moment ago', { heldForMs: 14 * MINUTE }, 'all', [OVER, UNKNOWN, OVER]],
  ['that has been held for 15 minutes', HELD, 'all', [OVER, FOUND, OVER]],
  ['for mentions that has been held', HELD, 'mentions', [OVER, FOUND, OVER]],
  ['for alerts alone that has been held', HELD, 'alerts', [OVER, OVER, OVER]],
  ['that is held and closed', { ...HELD, closedForMs: MINUTE }, 'all', [OVER, UNKNOWN, OVER]],
  ['that is held and paused', { ...HELD, operatorPause: PAUSE }, 'all', [OVER, UNKNOWN, OVER]],
  ['that an operator has paused', { operatorPause: PAUSE }, 'all', [OVER, OVER, OVER]],
  ['that is gone and paused', { gone: true, operatorPause: PAUSE }, 'all', [FOUND, OVER, OVER]],
  ['that is closed', { closedForMs: MINUTE }, 'all', [OVER, OVER, OVER]],
  ['whose URL is gone', { gone: true, closedForMs: MINUTE }, 'all', [FOUND, OVER, OVER]],
  ['that is held and whose URL is gone', { ...HELD, gone: true }, 'all', [FOUND, UNKNOWN, OVER]],
  ['for alerts alone whose URL is gone', { gone: true }, 'alerts', [OVER, OVER, OVER]],
  [
    'with a failed delivery',
    { counts: { ...WELL.counts, failed: 1 } },
    'all',
    [OVER, OVER, UNKNOWN],
  ],
])('a webhook %s', (_, changes, events, expected) => {
  const webhooks = [webhookOf({ name: 'A', events }), webhookOf({ name: 'B' })];
  const judged = judgeTroubles(webhooks, [{ ...WELL, ...changes }], null);
  const troubles = ['webhook_gone', 'webhook_held', 'deliveries_failed'];
  const found = troubles.map((name) => judged.find(({ trouble }) => trouble === name)?.exists);
  expect(found.map((exists) => (exists === undefined ? exists : exists ? FOUND : OVER))).toEqual(
    expected,
  );
  expect(judged.filter(({ webhook }) => webhook === 'B')).toEqual([]);
});

test.each([
  ['without a limit', null, [false]],
  ['below 80 %', { usedBytes: 799, maxBytes: 1_000 }, [false]],
  ['between', { usedBytes: 800, maxBytes: 1_000 }, []],
  ['from 90 %', { usedBytes: 900, maxBytes: 1_000 }, [true]],
])('the memory of Redis %s', (_, memory, expected) => {
  const judged = judgeTroubles([], [], memory);
  expect(judged.map(({ exists }) => exists)).toEqual(expected);
});
