import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AttemptResult, Delivery } from '../../src/domain/delivery.ts';
import { WEBHOOK_TYPE_NAMES, type WebhookTypeName } from '../../src/domain/webhook.ts';
import { deliver, type DeliverPorts } from '../../src/delivering/deliver.ts';
import type { DeliveryOutcome } from '../../src/queues/delivery-outcome.ts';
import { notifyAll } from '../../src/delivering/delivery-events.ts';
import { deliveryLog } from '../../src/delivering/delivery-log.ts';
import type { Admission, Held } from '../../src/delivering/gate/webhook-gate.ts';
import { webhookTypes } from '../../src/webhooks/registry.ts';
import { recordingLog } from '../helpers/recording-log.ts';
import { deliveryOf } from '../webhooks/delivery-samples.ts';
import { alertOf, LEFT, recoveredOf } from '../webhooks/recovered-and-alert-samples.ts';

const SPOTTED_MS = 1_699_459_488_000;
const POLLED_MS = SPOTTED_MS + 4_000;
const NOW_MS = SPOTTED_MS + 6_500;
const SCHEDULE_MS = [5_000, 30_000];
const FOREIGN = 'Words of a Receiver';
const RECEIVER = new URL('https://receiver.example/path');

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
  /** Deliveries that travel with it. */
  readonly others?: readonly Delivery[];
  readonly attempt?: number;
  readonly scheduleMs?: readonly number[];
  readonly random?: number;
  /** What the webhook has accepted before. */
  readonly deliveredBefore?: readonly Delivery[];
  /** What the gate says instead of `go`, one after the other. */
  readonly gate?: readonly Partial<Admission & { kind: 'go' }>[] | readonly Admission[];
  /** What the gate says of a failed attempt. */
  readonly held?: Held;
  readonly heldForMs?: number;
  /** Shutdown before the attempt, or while the POST of this number (from 1) is under way. */
  readonly stopping?: 'before' | number;
  /** Shutdown begins, with time left for POSTs under way: in the pace's wait, or in the first POST. */
  readonly stopBegins?: 'waiting' | 'POST';
  readonly gateIsAway?: boolean;
  /** How often Redis refuses to record a success; the relay stops at the last time if it `gives up`. */
  readonly recordFails?: number;
  readonly givesUp?: boolean;
}

const GO: Admission = { kind: 'go', delivered: [], probe: false, afterMs: 0 };
const broken = new Error('Redis is away');

/** One turn of deliveries, with the order of all that it did. */
async function turn(situation: Situation) {
  const { type = 'http', answers = [answer(200, 'ok')], stopping } = situation;
  const effects: string[] = [];
  const attempts: string[] = [];
  const { log, lines, told, shown } = recordingLog();
  const stop = new AbortController();
  const stopBegun = new AbortController();
  if (stopping === 'before') stop.abort();
  const before = new Set((situation.deliveredBefore ?? []).map(({ key }) => key));
  const says = [...(situation.gate ?? [])];
  let recordFails = situation.recordFails ?? 0;
  let posts = 0;

  const due = [situation.delivery ?? DELIVERY, ...(situation.others ?? [])].map((delivery) => ({
    delivery,
    attempt: situation.attempt ?? 1,
  }));
  const ports: DeliverPorts = {
    gate: {
      async admit(webhook, keys, turnOf) {
        effects.push(`${turnOf} ${webhook} ${keys.length}`);
        if (situation.gateIsAway) throw broken;
        const delivered = keys.flatMap((key, index) => (before.has(key) ? [index] : []));
        return { ...GO, delivered, ...says.shift() } as Admission;
      },
      async accepted(webhook, keys) {
        effects.push(`record ${webhook} ${keys.length}`);
        if (recordFails > 0) {
          recordFails -= 1;
          if (recordFails === 0 && situation.givesUp) stop.abort();
          throw broken;
        }
        return { heldForMs: situation.heldForMs ?? null };
      },
      async refused(_webhook, { probe }) {
        effects.push(probe ? 'probe refused' : 'refused');
        return situation.held ?? { holdMs: null, begins: false, failuresInARow: 1 };
      },
      async pause(_webhook, durationMs) {
        effects.push(`pause ${durationMs}`);
      },
      release: () => Promise.reject(new Error('Only operators release.')),
      status: () => Promise.reject(new Error('Only those who watch ask.')),
    },
    async send(deliveries, { simplified, signal }) {
      posts += 1;
      const ids = deliveries.length === 1 ? '' : ` ${deliveries.length}`;
      effects.push(`${simplified ? 'POST simplified' : 'POST'}${ids}`);
      if (stopping === posts) stop.abort();
      if (situation.stopBegins === 'POST') stopBegun.abort();
      expect(signal).toBe(stop.signal);
      const result = answers[posts - 1];
      if (result === undefined) throw new Error('One POST too many.');
      return result;
    },
    accepted: (status, body) => webhookTypes[type].accepted(status, body, RECEIVER),
    canSimplify: webhookTypes[type].simplified !== undefined,
    restMs: (headers) => webhookTypes[type].restMs?.(headers) ?? 0,
    async wait(durationMs) {
      effects.push(`wait ${durationMs}`);
      if (situation.stopBegins === 'waiting') stopBegun.abort();
    },
    retryScheduleMs: situation.scheduleMs ?? SCHEDULE_MS,
    events: notifyAll([
      deliveryLog(log, () => NOW_MS),
      { attempted: (webhook, _result, { kind }) => attempts.push(`${webhook} ${kind}`) },
    ]),
    nowMs: () => NOW_MS,
    random: () => situation.random ?? 0.5,
  };
  const ended = deliver(ports, due[0]?.delivery.webhook ?? '', due, {
    begun: AbortSignal.any([stopBegun.signal, stop.signal]),
    overdue: stop.signal,
  });
  const outcomes = await ended.catch((error: unknown) => {
    if (error !== broken) throw error;
    return ['thrown' as const];
  });
  return { outcomes, outcome: outcomes[0], effects, attempts, lines, told: told(), shown: shown() };
}

const ASKED = 'reserve SALES 1';
const RECORDED = 'record SALES 1';
const REFUSED = 'refused';
const other = (id: string) => deliveryOf({ id }, POLLED_MS);

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
      'spares a webhook whose quota its answer tells is used up',
      {
        type: 'discord',
        answers: [
          answer(204, '', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset-after': '1.5' }),
        ],
      },
      { kind: 'done' },
      [ASKED, 'POST', RECORDED, 'pause 1500'],
      ['info delivery.succeeded'],
    ],
    [
      'does not POST what the ledger has',
      { deliveredBefore: [DELIVERY] },
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
      'begins no POST when the relay began to stop while it waited for its pace',
      { stopBegins: 'waiting', gate: [{ afterMs: 3_000 }] },
      { kind: 'interrupted' },
      [ASKED, 'wait 3000'],
      [],
    ],
    [
      'finishes its POST when the relay begins to stop during it',
      { stopBegins: 'POST' },
      { kind: 'done' },
      [ASKED, 'POST', RECORDED],
      ['info delivery.succeeded'],
    ],
    [
      'begins no simpler POST when the relay begins to stop during the first',
      { type: 'slack', stopBegins: 'POST', answers: [answer(400)] },
      { kind: 'interrupted' },
      [ASKED, 'POST', ASKED],
      [],
    ],
    [
      'is done when the relay is stopping and the ledger has it',
      { stopping: 'before', deliveredBefore: [DELIVERY] },
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
      'counts what the receiver said while the relay stops',
      { stopping: 1, attempt: 3, answers: [answer(500)] },
      { kind: 'failed', reason: 'status 500' },
      [ASKED, 'POST', REFUSED],
      ['error delivery.failed'],
    ],
    [
      'sends nothing simpler when the relay stops during the first POST',
      { type: 'slack', stopping: 1, answers: [answer(400)] },
      { kind: 'interrupted' },
      [ASKED, 'POST', ASKED],
      [],
    ],
    [
      'goes back when the relay stops during the simplified POST',
      { type: 'slack', stopping: 2, answers: [answer(400), unanswered('ERR_ABORTED')] },
      { kind: 'interrupted' },
      [ASKED, 'POST', ASKED, 'POST simplified'],
      [],
    ],
    [
      'records its success for as long as Redis refuses, and is sent once',
      { recordFails: 2 },
      { kind: 'done' },
      [ASKED, 'POST', RECORDED, 'wait 1000', RECORDED, 'wait 1000', RECORDED],
      ['error delivery.unrecorded', 'info delivery.succeeded'],
    ],
    [
      'gives up recording its success only when the relay stops',
      { recordFails: 2, givesUp: true },
      'thrown',
      [ASKED, 'POST', RECORDED, 'wait 1000', RECORDED],
      ['error delivery.unrecorded'],
    ],
    ['does not POST when the gate can not be asked', { gateIsAway: true }, 'thrown', [ASKED], []],
    [
      'does not POST to a webhook that is held',
      { gate: [{ kind: 'wait', waitMs: 4_000, because: 'held' }] },
      { kind: 'hold', waitMs: 4_000 },
      [ASKED],
      [],
    ],
    [
      'waits for its moment in the pace, and asks again',
      { gate: [{ afterMs: 700 }, {}] },
      { kind: 'done' },
      [ASKED, 'wait 700', 'reserved SALES 1', 'POST', RECORDED],
      ['info delivery.succeeded'],
    ],
    [
      'does not POST after its moment if the webhook is held by then',
      {
        gate: [{ afterMs: 700 }, { kind: 'wait', waitMs: 4_000, because: 'paused' }] as Admission[],
      },
      { kind: 'hold', waitMs: 4_000 },
      [ASKED, 'wait 700', 'reserved SALES 1'],
      [],
    ],
    [
      'says so when its failure begins a hold, and comes back by the schedule',
      { answers: [answer(500)], held: { holdMs: 5_000, begins: true, failuresInARow: 5 } },
      { kind: 'retry', delayMs: 5_000, reason: 'status 500' },
      [ASKED, 'POST', REFUSED],
      ['error webhook.held', 'warn delivery.retrying'],
    ],
    [
      'uses up no attempt as a probe that fails',
      {
        gate: [{ probe: true }],
        answers: [answer(500)],
        attempt: 99,
        held: { holdMs: 10_000, begins: false, failuresInARow: 6 },
      },
      { kind: 'hold', waitMs: 10_000 },
      [ASKED, 'POST', 'probe refused'],
      ['debug webhook.probe_failed'],
    ],
    [
      'is not failed as a probe by a webhook that is gone',
      {
        gate: [{ probe: true }],
        answers: [answer(404)],
        held: { holdMs: 10_000, begins: false, failuresInARow: 6 },
      },
      { kind: 'hold', waitMs: 10_000 },
      [ASKED, 'POST', 'probe refused'],
      ['debug webhook.probe_failed'],
    ],
    [
      'fails as a probe whose own content is refused, so that the next one can probe',
      {
        gate: [{ probe: true }],
        answers: [answer(400)],
        held: { holdMs: 10_000, begins: false, failuresInARow: 6 },
      },
      { kind: 'failed', reason: 'status 400' },
      [ASKED, 'POST', 'probe refused'],
      ['error delivery.failed'],
    ],
    [
      'lets the webhook go as a probe that succeeds',
      { gate: [{ probe: true }], heldForMs: 60_000 },
      { kind: 'done' },
      [ASKED, 'POST', RECORDED],
      ['info webhook.released', 'info delivery.succeeded'],
    ],
    [
      'comes back by the schedule after a 500',
      { answers: [answer(500)] },
      { kind: 'retry', delayMs: 5_000, reason: 'status 500' },
      [ASKED, 'POST', REFUSED],
      ['warn delivery.retrying'],
    ],
    [
      'comes back by the schedule after no answer',
      { answers: [unanswered('ECONNREFUSED')] },
      { kind: 'retry', delayMs: 5_000, reason: 'ECONNREFUSED' },
      [ASKED, 'POST', REFUSED],
      ['warn delivery.retrying'],
    ],
    [
      'waits by the number of its attempt, and by chance',
      { answers: [answer(500)], attempt: 2, random: 0 },
      { kind: 'retry', delayMs: 24_000, reason: 'status 500' },
      [ASKED, 'POST', REFUSED],
      ['warn delivery.retrying'],
    ],
    [
      'fails when the schedule has run out',
      { answers: [answer(500)], attempt: 3 },
      { kind: 'failed', reason: 'status 500' },
      [ASKED, 'POST', REFUSED],
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
      { kind: 'hold', waitMs: 7_000 },
      [ASKED, 'POST', 'pause 7000'],
      ['warn webhook.paused'],
    ],
    [
      'holds the webhook after a 429 even if the schedule has run out',
      { answers: [answer(429)], attempt: 99 },
      { kind: 'hold', waitMs: 5_000 },
      [ASKED, 'POST', 'pause 5000'],
      ['warn webhook.paused'],
    ],
    [
      'fails at once after a 410',
      { answers: [answer(410)] },
      {
        kind: 'failed',
        reason: 'status 410: the URL is no longer valid, or not allowed',
      },
      [ASKED, 'POST', REFUSED],
      ['error delivery.failed'],
    ],
    [
      'fails at once after a redirect',
      { answers: [answer(301)] },
      { kind: 'failed', reason: 'status 301: redirects are not followed, update the URL' },
      [ASKED, 'POST', REFUSED],
      ['error delivery.failed'],
    ],
    [
      'fails at once after a 400 from a type that has nothing simpler',
      { answers: [answer(400)] },
      { kind: 'failed', reason: 'status 400' },
      [ASKED, 'POST', REFUSED],
      ['error delivery.failed'],
    ],
    [
      'is sent once more, simpler, after a 400 from Slack',
      { type: 'slack', answers: [answer(400, 'invalid_blocks'), answer(200, 'ok')] },
      { kind: 'done' },
      [ASKED, 'POST', ASKED, 'POST simplified', RECORDED],
      ['info delivery.succeeded'],
    ],
    [
      'fails when the simpler one is refused too, with the second reason',
      { type: 'slack', answers: [answer(400, 'invalid_blocks'), answer(413, 'too_big')] },
      { kind: 'failed', reason: 'status 413: too_big' },
      [ASKED, 'POST', ASKED, 'POST simplified', REFUSED],
      ['error delivery.failed'],
    ],
    [
      'comes back by the schedule when the simpler one meets a 500',
      { type: 'slack', answers: [answer(400), answer(500)] },
      { kind: 'retry', delayMs: 5_000, reason: 'status 500' },
      [ASKED, 'POST', ASKED, 'POST simplified', REFUSED],
      ['warn delivery.retrying'],
    ],
    [
      'holds the webhook when the simpler one meets a 429',
      { type: 'slack', answers: [answer(400), answer(429)] },
      { kind: 'hold', waitMs: 5_000 },
      [ASKED, 'POST', ASKED, 'POST simplified', 'pause 5000'],
      ['warn webhook.paused'],
    ],
    [
      'is not done where Slack answers 200 without ok',
      { type: 'slack', answers: [answer(200)] },
      { kind: 'retry', delayMs: 5_000, reason: 'status 200 without ok' },
      [ASKED, 'POST', REFUSED],
      ['warn delivery.retrying'],
    ],
  ])('%s', async (_, situation, outcome, effects, told) => {
    expect(await turn(situation)).toMatchObject({ outcome, effects, told });
  });

  test('asks, sends and records in the name of its own webhook', async () => {
    const { effects } = await turn({ delivery: { ...DELIVERY, webhook: 'CRM' } });
    expect(effects).toEqual(['reserve CRM 1', 'POST', 'record CRM 1']);
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
          if (outcome === undefined || outcome === 'thrown') throw new Error('It threw.');
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

describe('a batch', () => {
  const [two, three, four] = [other('2'), other('3'), other('4')];
  const done: DeliveryOutcome = { kind: 'done' };

  test('travels in one POST, and each has an outcome and a log line of its own', async () => {
    const { outcomes, effects, lines } = await turn({ others: [two, three] });
    expect(outcomes).toEqual([done, done, done]);
    expect(effects).toEqual(['reserve SALES 3', 'POST 3', 'record SALES 3']);
    expect(lines.map(({ fields }) => [fields['mentionId'], fields['batchSize']])).toEqual([
      ['29439935', 3],
      ['2', 3],
      ['3', 3],
    ]);
  });

  test('leaves out what was delivered before, and keeps the order of the outcomes', async () => {
    const { outcomes, effects } = await turn({
      others: [two, three],
      deliveredBefore: [two],
      answers: [answer(410)],
    });
    expect(outcomes.map((outcome) => (outcome === 'thrown' ? outcome : outcome.kind))).toEqual([
      'failed',
      'done',
      'failed',
    ]);
    expect(effects).toEqual(['reserve SALES 3', 'POST 2', REFUSED]);
  });

  test('that is refused for its content is split until the bad one stands alone', async () => {
    const refused = answer(400);
    const taken = answer(200, 'ok');
    // All four; the first two; the first; the second, which is bad; the last two.
    const { outcomes, effects } = await turn({
      others: [two, three, four],
      answers: [refused, refused, taken, refused, taken],
    });
    expect(outcomes).toEqual([done, { kind: 'failed', reason: 'status 400' }, done, done]);
    expect(effects.filter((effect) => effect.startsWith('POST'))).toEqual([
      'POST 4',
      'POST 2',
      'POST',
      'POST',
      'POST 2',
    ]);
    expect(effects.filter((effect) => effect === REFUSED)).toHaveLength(1);
  });

  test('whose webhook is held in the middle of being split goes back where it was not sent', async () => {
    const { outcomes } = await turn({
      others: [two],
      answers: [answer(400), answer(200, 'ok')],
      gate: [{}, {}, { kind: 'wait', waitMs: 4_000, because: 'held' }] as Admission[],
    });
    expect(outcomes).toEqual([done, { kind: 'hold', waitMs: 4_000 }]);
  });

  test.each<[string, Situation, string]>([
    ['that meets a 500 comes back whole', { answers: [answer(500)] }, 'retry'],
    ['that meets a 429 goes back whole', { answers: [answer(429)] }, 'hold'],
    ['that meets a 404 fails whole', { answers: [answer(404)] }, 'failed'],
    ['under way when the relay stops goes back whole', { stopping: 'before' }, 'interrupted'],
  ])('%s', async (_, situation, kind) => {
    const { outcomes } = await turn({ ...situation, others: [two, three] });
    expect(outcomes).toMatchObject([{ kind }, { kind }, { kind }]);
  });
});

describe('each POST is told', () => {
  test.each<[string, Situation, string[]]>([
    ['of a success', {}, ['SALES delivered']],
    ['of a success before it is recorded', { recordFails: 1, givesUp: true }, ['SALES delivered']],
    ['of a failure', { answers: [answer(500)] }, ['SALES retry']],
    ['of a 429', { answers: [answer(429)] }, ['SALES hold']],
    [
      'of both the usual message and the simpler one',
      { type: 'slack', answers: [answer(400), answer(404)] },
      ['SALES content-refused', 'SALES fail'],
    ],
    ['of a batch, once', { others: [other('2'), other('3')] }, ['SALES delivered']],
    [
      'but none that was broken off by the relay itself',
      { stopping: 1, answers: [unanswered('ERR_ABORTED')] },
      [],
    ],
    ['but none that was not made', { deliveredBefore: [DELIVERY] }, []],
  ])('%s', async (_, situation, told) => {
    expect((await turn(situation)).attempts).toEqual(told);
  });
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
    [
      'of a recovered mention tells the number in its link, and no time that would spoil a measure',
      { delivery: recoveredOf() },
      {
        kind: 'recovered',
        mentionId: '6719635918091537',
        durationMs: 12,
        status: 200,
        polledAt: '2023-11-08T16:05:00.000Z',
      },
    ],
    [
      'of a recovered mention without a link tells no number',
      { delivery: recoveredOf({ link: null }), answers: [answer(422)] },
      {
        kind: 'recovered',
        mentionId: undefined,
        durationMs: 12,
        status: 422,
        reason: 'status 422',
      },
    ],
    [
      'of an alert tells which',
      { delivery: alertOf(LEFT) },
      {
        kind: 'alert',
        alertType: 'group.coverage_changed',
        mentionId: undefined,
        durationMs: 12,
        status: 200,
      },
    ],
    ['of a repeat tells nothing of a POST', { deliveredBefore: [DELIVERY] }, {}],
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
      'of a pause tells how long it is, and which mentions were not taken',
      { answers: [answer(429, '', { 'retry-after': '3' })], others: [deliveryOf({ id: '2' })] },
      { mentionIds: ['29439935', '2'], reason: 'status 429', waitMs: 3_000 },
    ],
    [
      'of a probe that fails tells which mentions were not taken',
      {
        gate: [{ probe: true }],
        answers: [answer(500)],
        held: { holdMs: 10_000, begins: false, failuresInARow: 6 },
      },
      { mentionIds: ['29439935'], reason: 'status 500', holdMs: 10_000 },
    ],
  ])('%s', async (_, situation, fields) => {
    const { lines } = await turn({ ...situation, attempt: 2 });
    const messageId = `msg_${(situation.delivery ?? DELIVERY).key}`;
    const { webhook } = ABOUT;
    const told = lines.map((line) => line.fields);
    expect(told).toEqual([
      { ...('mentionIds' in fields ? { webhook } : { ...ABOUT, messageId }), ...fields },
    ]);
  });

  test('holds no content, no name and no word of the receiver at info and above', async () => {
    const content = 'Content of a stranger';
    const delivery = deliveryOf({ content, owner: { id: '1', name: 'Name of a stranger' } });
    const known = await turn({ delivery, deliveredBefore: [delivery] });
    const name = 'Name of a stranger';
    for (const each of [
      recoveredOf({ owner: { id: '1', name } }),
      alertOf({ ...LEFT, groupName: name, status: name }),
    ]) {
      expect((await turn({ delivery: each })).shown).not.toContain(name);
    }
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
