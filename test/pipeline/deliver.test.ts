import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AttemptResult, Delivery } from '../../src/domain/delivery.ts';
import { WEBHOOK_TYPE_NAMES, type WebhookTypeName } from '../../src/domain/webhook.ts';
import { deliver, type DeliveryOutcome } from '../../src/pipeline/deliver.ts';
import { webhookTypes } from '../../src/webhooks/registry.ts';
import { recordingLog } from '../helpers/recording-log.ts';
import { deliveryOf } from '../webhooks/delivery-samples.ts';

const SPOTTED_MS = 1_699_459_488_000;
const POLLED_MS = SPOTTED_MS + 4_000;
const NOW_MS = SPOTTED_MS + 6_500;
const SCHEDULE_MS = [5_000, 30_000];
const FOREIGN = 'Words of a Receiver';

const DELIVERY: Delivery = deliveryOf({}, POLLED_MS);

const answer = (status: number, body = FOREIGN, headers = {}): AttemptResult => ({
  kind: 'answered',
  status,
  headers,
  body,
  durationMs: 12,
});
const unanswered = (code: string): AttemptResult => ({ kind: 'unanswered', code, durationMs: 15 });

interface Situation {
  readonly type?: WebhookTypeName;
  /** What the receiver answers, one after the other. */
  readonly answers?: readonly AttemptResult[];
  readonly delivery?: Delivery;
  readonly attempt?: number;
  readonly scheduleMs?: readonly number[];
  readonly random?: number;
  readonly deliveredBefore?: boolean;
  /** Shutdown before the attempt, or while the POST of this number (from 1) is under way. */
  readonly stopping?: 'before' | number;
  readonly ledgerFails?: 'has' | 'record';
}

/** One turn of a delivery, with the order of all that it did. */
async function turn(situation: Situation) {
  const { type = 'http', answers = [answer(200, 'ok')], stopping } = situation;
  const effects: string[] = [];
  const { log, lines, told, shown } = recordingLog();
  const stop = new AbortController();
  if (stopping === 'before') stop.abort();
  const broken = new Error('the ledger is away');
  let posts = 0;

  const ended = deliver(
    {
      ledger: {
        async has(webhook, key) {
          effects.push(`has ${webhook} ${key === DELIVERY.key}`);
          if (situation.ledgerFails === 'has') throw broken;
          return situation.deliveredBefore ?? false;
        },
        async record(webhook, key) {
          effects.push(`record ${webhook} ${key === DELIVERY.key}`);
          if (situation.ledgerFails === 'record') throw broken;
        },
      },
      async send(_, { simplified, signal }) {
        posts += 1;
        effects.push(simplified ? 'POST simplified' : 'POST');
        if (stopping === posts) stop.abort();
        expect(signal).toBe(stop.signal);
        const result = answers[posts - 1];
        if (result === undefined) throw new Error('One POST too many.');
        return result;
      },
      policy: {
        accepted: webhookTypes[type].accepted,
        canSimplify: webhookTypes[type].simplified !== undefined,
      },
      log,
      nowMs: () => NOW_MS,
      random: () => situation.random ?? 0.5,
    },
    situation.scheduleMs ?? SCHEDULE_MS,
    situation.delivery ?? DELIVERY,
    situation.attempt ?? 1,
    stop.signal,
  );
  const outcome = await ended.catch((error: unknown) => {
    if (error !== broken) throw error;
    return 'thrown' as const;
  });
  return { outcome, effects, lines, told: told(), shown: shown() };
}

const ASKED = 'has SALES true';
const RECORDED = 'record SALES true';

describe('a turn of a delivery', () => {
  test.each<[string, Situation, DeliveryOutcome | 'thrown', string[], string[]]>([
    [
      'asks the ledger, POSTs, records the success, and only then is done',
      {},
      { kind: 'done' },
      [ASKED, 'POST', RECORDED],
      ['info delivery.succeeded'],
    ],
    [
      'does not POST what the ledger has',
      { deliveredBefore: true },
      { kind: 'done' },
      [ASKED],
      ['info delivery.repeated'],
    ],
    [
      'does not POST when the relay is stopping',
      { stopping: 'before' },
      { kind: 'interrupted' },
      [ASKED],
      [],
    ],
    [
      'is done when the relay is stopping and the ledger has it',
      { stopping: 'before', deliveredBefore: true },
      { kind: 'done' },
      [ASKED],
      ['info delivery.repeated'],
    ],
    [
      'goes back when the relay stops during the POST',
      { stopping: 1, answers: [unanswered('ERR_ABORTED')] },
      { kind: 'interrupted' },
      [ASKED, 'POST'],
      [],
    ],
    [
      'records a success that came in while the relay stops',
      { stopping: 1 },
      { kind: 'done' },
      [ASKED, 'POST', RECORDED],
      ['info delivery.succeeded'],
    ],
    [
      'uses up no attempt for a failure that came in while the relay stops',
      { stopping: 1, attempt: 3, answers: [answer(500)] },
      { kind: 'interrupted' },
      [ASKED, 'POST'],
      [],
    ],
    [
      'sends nothing simpler when the relay stops during the first POST',
      { type: 'slack', stopping: 1, answers: [answer(400)] },
      { kind: 'interrupted' },
      [ASKED, 'POST'],
      [],
    ],
    [
      'goes back when the relay stops during the simplified POST',
      { type: 'slack', stopping: 2, answers: [answer(400), unanswered('ERR_ABORTED')] },
      { kind: 'interrupted' },
      [ASKED, 'POST', 'POST simplified'],
      [],
    ],
    [
      'is not done when its success could not be recorded',
      { ledgerFails: 'record' },
      'thrown',
      [ASKED, 'POST', RECORDED],
      [],
    ],
    [
      'does not POST when the ledger can not be asked',
      { ledgerFails: 'has' },
      'thrown',
      [ASKED],
      [],
    ],
    [
      'comes back by the schedule after a 500',
      { answers: [answer(500)] },
      { kind: 'retry', delayMs: 5_000, reason: 'status 500' },
      [ASKED, 'POST'],
      ['warn delivery.retrying'],
    ],
    [
      'comes back by the schedule after no answer',
      { answers: [unanswered('ECONNREFUSED')] },
      { kind: 'retry', delayMs: 5_000, reason: 'ECONNREFUSED' },
      [ASKED, 'POST'],
      ['warn delivery.retrying'],
    ],
    [
      'waits by the number of its attempt, and by chance',
      { answers: [answer(500)], attempt: 2, random: 0 },
      { kind: 'retry', delayMs: 24_000, reason: 'status 500' },
      [ASKED, 'POST'],
      ['warn delivery.retrying'],
    ],
    [
      'fails when the schedule has run out',
      { answers: [answer(500)], attempt: 3 },
      { kind: 'failed', reason: 'status 500' },
      [ASKED, 'POST'],
      ['error delivery.failed'],
    ],
    [
      'succeeds after the schedule has run out too',
      { attempt: 3 },
      { kind: 'done' },
      [ASKED, 'POST', RECORDED],
      ['info delivery.succeeded'],
    ],
    [
      'holds the webhook after a 429',
      { answers: [answer(429, FOREIGN, { 'retry-after': '7' })] },
      { kind: 'hold', waitMs: 7_000, reason: 'status 429' },
      [ASKED, 'POST'],
      ['warn webhook.rate_limited'],
    ],
    [
      'holds the webhook after a 429 even if the schedule has run out',
      { answers: [answer(429)], attempt: 99 },
      { kind: 'hold', waitMs: 5_000, reason: 'status 429' },
      [ASKED, 'POST'],
      ['warn webhook.rate_limited'],
    ],
    [
      'fails at once after a 410',
      { answers: [answer(410)] },
      {
        kind: 'failed',
        reason: 'status 410: the URL is no longer valid, or not allowed',
      },
      [ASKED, 'POST'],
      ['error delivery.failed'],
    ],
    [
      'fails at once after a redirect',
      { answers: [answer(301)] },
      { kind: 'failed', reason: 'status 301: redirects are not followed, update the URL' },
      [ASKED, 'POST'],
      ['error delivery.failed'],
    ],
    [
      'fails at once after a 400 from a type that has nothing simpler',
      { answers: [answer(400)] },
      { kind: 'failed', reason: 'status 400' },
      [ASKED, 'POST'],
      ['error delivery.failed'],
    ],
    [
      'is sent once more, simpler, after a 400 from Slack',
      { type: 'slack', answers: [answer(400, 'invalid_blocks'), answer(200, 'ok')] },
      { kind: 'done' },
      [ASKED, 'POST', 'POST simplified', RECORDED],
      ['info delivery.succeeded'],
    ],
    [
      'fails when the simpler one is refused too, with the second reason',
      { type: 'slack', answers: [answer(400, 'invalid_blocks'), answer(413, 'too_big')] },
      { kind: 'failed', reason: 'status 413: too_big' },
      [ASKED, 'POST', 'POST simplified'],
      ['error delivery.failed'],
    ],
    [
      'comes back by the schedule when the simpler one meets a 500',
      { type: 'slack', answers: [answer(400), answer(500)] },
      { kind: 'retry', delayMs: 5_000, reason: 'status 500' },
      [ASKED, 'POST', 'POST simplified'],
      ['warn delivery.retrying'],
    ],
    [
      'holds the webhook when the simpler one meets a 429',
      { type: 'slack', answers: [answer(400), answer(429)] },
      { kind: 'hold', waitMs: 5_000, reason: 'status 429' },
      [ASKED, 'POST', 'POST simplified'],
      ['warn webhook.rate_limited'],
    ],
    [
      'is not done where Slack answers 200 without ok',
      { type: 'slack', answers: [answer(200)] },
      { kind: 'retry', delayMs: 5_000, reason: 'status 200 without ok' },
      [ASKED, 'POST'],
      ['warn delivery.retrying'],
    ],
  ])('%s', async (_, situation, outcome, effects, told) => {
    expect(await turn(situation)).toMatchObject({ outcome, effects, told });
  });

  test('asks, sends and records in the name of its own webhook', async () => {
    const { effects } = await turn({ delivery: { ...DELIVERY, webhook: 'CRM' } });
    expect(effects).toEqual(['has CRM true', 'POST', 'record CRM true']);
  });

  test.each(WEBHOOK_TYPE_NAMES)(
    'ends in something a queue can act on, whatever a %s receiver does',
    async (type) => {
      const status = fc.oneof(
        fc.integer({ min: 100, max: 999 }),
        fc.constantFrom(200, 400, 413, 422, 429, 503),
      );
      const wait = fc.oneof(fc.string(), fc.double().map(String), fc.bigInt().map(String));
      const result = fc.oneof(
        fc.record({
          kind: fc.constant('answered' as const),
          status,
          headers: fc.dictionary(fc.constant('retry-after'), wait),
          body: fc.oneof(
            fc.constant('ok'),
            fc.string(),
            fc.jsonValue().map((value) => JSON.stringify({ retry_after: value })),
            wait.map((text) => `{"retry_after":${text}}`),
          ),
          durationMs: fc.nat(),
        }),
        fc.record({
          kind: fc.constant('unanswered' as const),
          code: fc.constantFrom('ECONNRESET', 'ETIMEDOUT'),
          durationMs: fc.nat(),
        }),
      );
      const situation = fc.record({
        answers: fc.tuple(result, result),
        attempt: fc.integer({ min: 1, max: 60 }),
        scheduleMs: fc.array(fc.integer({ min: 0, max: 7 * 86_400_000 }), { maxLength: 50 }),
        random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      });
      await fc.assert(
        fc.asyncProperty(situation, async (at) => {
          const { outcome, effects, lines } = await turn({ ...at, type });
          if (outcome === 'thrown') throw new Error('It threw.');
          if (outcome.kind === 'retry') {
            expect(Number.isFinite(outcome.delayMs)).toBe(true);
            expect(outcome.delayMs).toBeGreaterThanOrEqual(0);
          }
          if (outcome.kind === 'hold') {
            expect(Number.isFinite(outcome.waitMs)).toBe(true);
            expect(outcome.waitMs).toBeGreaterThanOrEqual(0);
          }
          expect(['done', 'retry', 'hold', 'failed']).toContain(outcome.kind);
          expect(effects.includes(RECORDED)).toBe(outcome.kind === 'done');
          expect(effects.filter((effect) => effect.startsWith('POST')).length).toBeLessThan(3);
          expect(lines).toHaveLength(1);
        }),
        { numRuns: 500 },
      );
    },
  );
});

describe('the log of a delivery', () => {
  const ABOUT = {
    webhook: 'SALES',
    mentionId: '29439935',
    messageId: 'msg_ObWyoZZv-R8Ep-C4lM0GLS',
    attempt: 2,
  };

  test.each<[string, Situation, Record<string, unknown>]>([
    [
      'of a success tells how long it took since it was spotted and polled',
      {},
      {
        durationMs: 12,
        status: 200,
        polledAt: '2023-11-08T16:04:52.000Z',
        spottedToDeliveredMs: 6_500,
      },
    ],
    [
      'of a success tells nothing about a time that is unknown',
      { delivery: deliveryOf({ spotted: null }, POLLED_MS) },
      { durationMs: 12, status: 200, polledAt: '2023-11-08T16:04:52.000Z' },
    ],
    [
      'of a success tells no time below nought where a clock was fast',
      { delivery: deliveryOf({ spotted: '1699459999' }, POLLED_MS) },
      {
        durationMs: 12,
        status: 200,
        polledAt: '2023-11-08T16:04:52.000Z',
        spottedToDeliveredMs: 0,
      },
    ],
    ['of a repeat tells nothing of a POST', { deliveredBefore: true }, {}],
    [
      'of a retry tells the reason and when it comes back',
      { answers: [answer(502)] },
      { durationMs: 12, status: 502, reason: 'status 502', retryInMs: 30_000 },
    ],
    [
      'of no answer tells a code and no status',
      { answers: [unanswered('ETIMEDOUT')] },
      { durationMs: 15, reason: 'ETIMEDOUT', retryInMs: 30_000 },
    ],
    [
      'of a failure tells the reason',
      { answers: [answer(422)] },
      { durationMs: 12, status: 422, reason: 'status 422' },
    ],
    [
      'of a pause tells how long it is',
      { answers: [answer(429, '', { 'retry-after': '3' })] },
      { durationMs: 12, status: 429, reason: 'status 429', waitMs: 3_000 },
    ],
  ])('%s', async (_, situation, fields) => {
    const { lines } = await turn({ ...situation, attempt: 2 });
    const messageId = `msg_${(situation.delivery ?? DELIVERY).key}`;
    expect(lines.map((line) => line.fields)).toEqual([{ ...ABOUT, messageId, ...fields }]);
  });

  test('holds no content, no name and no word of the receiver at info and above', async () => {
    const content = 'Content of a stranger';
    const delivery = deliveryOf({ content, owner: { id: '1', name: 'Name of a stranger' } });
    const known = await turn({ delivery, deliveredBefore: true });
    expect(known.shown).toContain('29439935');
    for (const status of [200, 301, 400, 404, 418, 429, 500, 503]) {
      const { shown } = await turn({ delivery, answers: [answer(status)] });
      expect(shown).toContain('29439935');
      for (const words of [content, 'Name of a stranger', FOREIGN]) {
        expect(shown + known.shown).not.toContain(words);
      }
    }
  });
});
