import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deliver, type DeliverPorts } from '../../src/delivering/deliver.ts';
import { notifyAll } from '../../src/delivering/delivery-events.ts';
import { deliveryLog } from '../../src/delivering/delivery-log.ts';
import type { Admission, Held } from '../../src/delivering/gate/webhook-gate.io.ts';
import type { AttemptResult, Delivery } from '../../src/domain/delivery.ts';
import { WEBHOOK_TYPE_NAMES, type WebhookTypeName } from '../../src/domain/webhook.ts';
import type { DeliveryOutcome, DueDelivery } from '../../src/queues/taken-deliveries.ts';
import { webhookTypes } from '../../src/webhooks/registry.ts';
import { recordingLog } from '../helpers/recording-log.ts';
import { deliveryOf } from '../webhooks/delivery-samples.ts';
import { alertOf, LEFT, recoveredOf } from '../webhooks/recovered-and-alert-samples.ts';

const RECEIVER = new URL('https://receiver.example/path');
const FOREIGN = 'Words of a Receiver';
const BROKEN = new Error('Redis is away');

type Answer =
  number | readonly [status: number, body: string, headers?: Record<string, string>] | string;

interface Situation {
  readonly type?: WebhookTypeName;
  /** The receiver's answers, in order: a status, or with a body and headers, or an error's code. */
  readonly answers?: readonly Answer[];
  readonly run?: readonly Delivery[];
  readonly attempt?: number;
  readonly scheduleMs?: readonly number[];
  readonly random?: number;
  /** Indexes of the run that the webhook has accepted before. */
  readonly delivered?: readonly number[];
  /** True for a digest. */
  readonly keepsTogether?: true;
  /** Changes to the gate's answers, which are `go`. The first is the admission of the run. */
  readonly gate?: readonly (Partial<Extract<Admission, { kind: 'go' }>> | { kind: 'wait' })[];
  readonly held?: Held;
  /** Another attempt was refused at the same time, and has paused the webhook. */
  readonly pausedBefore?: boolean;
  /** The stop begins before the run, in the wait for the pace, or in the POST of this number. */
  readonly begins?: 'before' | 'waiting' | number;
  /** The working hours end in the wait for the pace. */
  readonly closes?: true;
  /** The stop is overdue in the POST of this number. */
  readonly overdue?: number;
  /** The port of the gate that throws. */
  readonly broken?: 'claim' | 'refused' | 'pause' | 'gone';
}

const OK = [200, 'ok'] as const;
const said = (...answers: Answer[]): Situation => ({ answers });

function resultOf(answer: Answer): AttemptResult {
  if (typeof answer === 'string') return { kind: 'unanswered', code: answer, durationMs: 15 };
  const [status, body, headers = {}] = typeof answer === 'number' ? [answer, FOREIGN] : answer;
  return { kind: 'answered', status, headers, body, durationMs: 12 };
}

/** Delivers one run. The trace is what it did, in order, then the outcomes. */
async function attempt(situation: Situation) {
  const { type = 'http', answers = [OK], broken } = situation;
  const did: string[] = [];
  const attempts: string[] = [];
  const reported: unknown[] = [];
  const { log, shown } = recordingLog();
  const begun = new AbortController();
  const overdue = new AbortController();
  if (situation.begins === 'before') begun.abort();
  const gateSays = [...(situation.gate ?? [])];
  const admission = (delivered: readonly number[]): Admission => {
    const go = { kind: 'go' as const, delivered, probe: false, afterMs: 0 };
    return { ...go, ...gateSays.shift() };
  };
  const refuse = (port: string): void => {
    if (port === broken) throw BROKEN;
  };
  let posts = 0;
  const draws = [situation.random ?? 0.5];
  let untilOpenMs = 0;
  const ports: DeliverPorts = {
    webhook: 'SALES',
    gate: {
      async claim(webhook, runs, kind) {
        expect(webhook).toBe('SALES');
        did.push(`${kind} ${runs.map((run) => run.length).join()}`);
        refuse('claim');
        return [admission([])];
      },
      async refused(_webhook, { probe, key }) {
        expect(run.map(({ delivery }) => delivery.key)).toContain(key);
        did.push(probe ? 'probe refused' : 'refused');
        refuse('refused');
        return situation.held ?? { holdMs: null, begins: false, failuresInARow: 1 };
      },
      async gone(webhook) {
        did.push(`${webhook} gone`);
        refuse('gone');
      },
      async pause(_webhook, durationMs) {
        did.push(`pause ${durationMs}`);
        refuse('pause');
        return situation.pausedBefore !== true;
      },
    },
    async send(deliveries, { simplified, signal }) {
      posts += 1;
      const count = deliveries.length === 1 ? '' : ` ${deliveries.length}`;
      did.push(`${simplified ? 'simpler POST' : 'POST'}${count}`);
      if (situation.begins === posts) begun.abort();
      if (situation.overdue === posts) overdue.abort();
      expect(signal).toBe(overdue.signal);
      const answer = answers[posts - 1];
      if (answer === undefined) throw new Error('One POST too many.');
      return resultOf(answer);
    },
    accepted: (status, body) => webhookTypes[type].accepted(status, body, RECEIVER),
    canSimplify: webhookTypes[type].simplified !== undefined,
    restMs: (headers) => webhookTypes[type].restMs?.(headers) ?? 0,
    async wait(durationMs) {
      did.push(`wait ${durationMs}`);
      if (situation.begins === 'waiting') begun.abort();
      if (situation.closes === true) untilOpenMs = 1;
    },
    keepsTogether: situation.keepsTogether ?? false,
    retryScheduleMs: situation.scheduleMs ?? [5_000, 30_000],
    events: notifyAll([
      deliveryLog(log, () => 0),
      {
        attempted: (webhook, _result, { kind }) => attempts.push(`${webhook} ${kind}`),
        held: () => did.push('held'),
        paused: () => did.push('paused'),
        probeFailed: () => did.push('probe failed'),
        repeated: (item) => reported.push([item, 'repeated']),
        retrying: (item) => reported.push([item, 'retry']),
        failed(item, _result, _reason, gone) {
          reported.push([item, 'failed']);
          if (gone) did.push('failed since it is gone');
        },
      },
    ]),
    stopping: {
      begun: AbortSignal.any([begun.signal, overdue.signal]),
      overdue: overdue.signal,
    },
    untilOpenMs: () => untilOpenMs,
    nowMs: () => 0,
    random: () => draws.shift() ?? 1,
  };
  const run = (situation.run ?? [deliveryOf()]).map((delivery) => ({
    delivery,
    attempt: situation.attempt ?? 1,
  }));
  const ended = new Map<DueDelivery, DeliveryOutcome>();
  try {
    await deliver(ports, run, admission(situation.delivered ?? []), (item, outcome) => {
      expect(ended.has(item)).toBe(false);
      ended.set(item, outcome);
    });
  } catch (error) {
    if (error !== BROKEN) throw error;
    did.push('threw');
  }
  const outcomes = run.map((item) => ended.get(item));
  const own = [...ended].filter(([, { kind }]) => ['repeated', 'retry', 'failed'].includes(kind));
  expect(reported).toEqual(own.map(([item, { kind }]) => [item, kind]));
  const trace = [...did, ...outcomes.flatMap((outcome) => inWords(outcome) ?? [])].join(', ');
  return { trace, outcomes, attempts, posts, shown: shown() };
}

function inWords(outcome: DeliveryOutcome | undefined): string | undefined {
  switch (outcome?.kind) {
    case 'accepted':
      return outcome.batchSize === 1 ? 'accepted' : `accepted of ${outcome.batchSize}`;
    case 'retry':
      return `retry ${outcome.delayMs} ${outcome.reason}`;
    case 'failed':
      return `failed ${outcome.reason}`;
    case 'repeated':
    case 'back':
    case 'behind':
    case undefined:
      return outcome?.kind;
  }
}

const later = { afterMs: 700 };
const opens = { holdMs: 5_000, begins: true, failuresInARow: 5 };
const probe = {
  gate: [{ probe: true }],
  held: { holdMs: 10_000, begins: false, failuresInARow: 6 },
};
const URL_GONE = 'failed status 404: the URL is no longer valid, or not allowed';
const used = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset-after': '1.5' };
const four = ['1', '2', '3', '4'].map((id) => deliveryOf({ id }));
const two = four.slice(0, 2);

describe.each<[string, [string, Situation, string][]]>([
  [
    'a delivery',
    [
      ['is POSTed', {}, 'POST, accepted'],
      ['that the ledger has is not POSTed', { delivered: [0] }, 'repeated'],
      ['goes back while its webhook may not be tried', { gate: [{ kind: 'wait' }] }, 'back'],
      ['comes again after a 500', said(500), 'POST, refused, retry 5000 status 500'],
      ['comes again after no answer', said('ECONNRESET'), 'POST, refused, retry 5000 ECONNRESET'],
      [
        'fails at once after an answer that is not HTTP',
        said('HPE_INVALID_CONSTANT'),
        'POST, refused, failed HPE_INVALID_CONSTANT: the answer is not valid HTTP, the message may have arrived',
      ],
      [
        'waits by the number of its attempt, and by chance',
        { ...said(500), attempt: 2, random: 0 },
        'POST, refused, retry 24000 status 500',
      ],
      [
        'fails when the schedule has run out',
        { ...said(500), attempt: 3 },
        'POST, refused, failed status 500',
      ],
      ['can succeed in its last attempt', { attempt: 3 }, 'POST, accepted'],
      ['fails at once after a 404', said(404), `POST, refused, ${URL_GONE}`],
      [
        'fails at once after a redirect',
        said(301),
        'POST, refused, failed status 301: redirects are not followed, update the URL',
      ],
      [
        'fails after a 410, and pauses its webhook',
        said(410),
        `POST, SALES gone, paused, failed since it is gone, ${URL_GONE.replace('404', '410')}`,
      ],
      ['fails where nothing is simpler', said(400), 'POST, refused, failed status 400'],
    ],
  ],
  [
    'a pause',
    [
      [
        'lasts as long as a 429 asks for',
        said([429, '', { 'retry-after': '7' }]),
        'POST, pause 7000, paused, back',
      ],
      ['uses no attempt', { ...said(429), attempt: 99 }, 'POST, pause 5000, paused, back'],
      [
        'is reported once for attempts at the same time',
        { ...said(429), pausedBefore: true },
        'POST, pause 5000, back',
      ],
      [
        'follows an answer that tells that the quota is used up',
        { type: 'discord', ...said([204, '', used]) },
        'POST, pause 1500, accepted',
      ],
      [
        'after a success changes nothing if Redis refuses it',
        { type: 'discord', ...said([204, '', used]), broken: 'pause' },
        'POST, pause 1500, accepted',
      ],
    ],
  ],
  [
    'the pace',
    [
      [
        'is kept, and the gate asked again',
        { gate: [later] },
        'wait 700, reserved 1, POST, accepted',
      ],
      [
        'lets nothing go to a webhook that is held by then',
        { gate: [later, { kind: 'wait' }] },
        'wait 700, reserved 1, back',
      ],
      [
        'is kept by a probe too',
        { gate: [{ ...later, probe: true }] },
        'wait 700, probing 1, POST, accepted',
      ],
    ],
  ],
  [
    'the breaker',
    [
      [
        'opens with a failure, which comes again by the schedule',
        { ...said(500), held: opens },
        'POST, refused, held, retry 5000 status 500',
      ],
      [
        'costs a probe that fails no attempt, and lets another delivery probe next',
        { ...probe, ...said(500), attempt: 99 },
        'POST, probe refused, probe failed, behind',
      ],
      [
        'does not fail a probe whose webhook is gone',
        { ...probe, ...said(404) },
        'POST, probe refused, probe failed, behind',
      ],
      [
        'fails a probe after a 410, and pauses its webhook',
        { ...probe, ...said(410) },
        `POST, SALES gone, paused, failed since it is gone, ${URL_GONE.replace('404', '410')}`,
      ],
      [
        'fails a probe whose own content is refused, so that the next one can probe',
        { ...probe, ...said(400) },
        'POST, probe refused, failed status 400',
      ],
      [
        'fails a probe whose answer is no HTTP, since another would be a copy',
        { ...probe, ...said('HPE_INVALID_CONSTANT') },
        'POST, probe refused, failed HPE_INVALID_CONSTANT: the answer is not valid HTTP, the message may have arrived',
      ],
    ],
  ],
  [
    'a simpler message',
    [
      [
        'follows a 400 from Slack',
        { type: 'slack', ...said([400, 'invalid_blocks'], OK) },
        'POST, reserve 1, simpler POST, accepted',
      ],
      [
        'that is refused too fails with the second reason',
        { type: 'slack', ...said(400, [413, 'too_big']) },
        'POST, reserve 1, simpler POST, refused, failed status 413: too_big',
      ],
      [
        'that meets a 500 comes again',
        { type: 'slack', ...said(400, 500) },
        'POST, reserve 1, simpler POST, refused, retry 5000 status 500',
      ],
      [
        'that meets a 429 pauses the webhook',
        { type: 'slack', ...said(400, 429) },
        'POST, reserve 1, simpler POST, pause 5000, paused, back',
      ],
      [
        'does not follow a 200 with an error',
        { type: 'slack', ...said([200, '{"error":"invalid_blocks"}']) },
        'POST, refused, retry 5000 status 200: invalid_blocks',
      ],
      [
        'is not sent once the relay stops',
        { type: 'slack', ...said(400), begins: 1 },
        'POST, reserve 1, back',
      ],
      [
        'that a stop breaks off goes back',
        { type: 'slack', ...said(400, 'ERR_ABORTED'), overdue: 2 },
        'POST, reserve 1, simpler POST, back',
      ],
    ],
  ],
  [
    'a stop',
    [
      ['lets no POST begin', { begins: 'before' }, 'back'],
      ['ends what the ledger has', { begins: 'before', delivered: [0] }, 'repeated'],
      ['ends the wait for the pace', { begins: 'waiting', gate: [later] }, 'wait 700, back'],
      ['lets a POST end', { begins: 1 }, 'POST, accepted'],
      ['breaks a POST off when overdue', { overdue: 1, ...said('ERR_ABORTED') }, 'POST, back'],
      ['counts a success that came in', { overdue: 1 }, 'POST, accepted'],
      [
        'counts a failure that came in',
        { overdue: 1, attempt: 3, ...said(500) },
        'POST, refused, failed status 500',
      ],
    ],
  ],
  [
    'the end of the working hours',
    [
      ['lets no POST begin after the pace', { closes: true, gate: [later] }, 'wait 700, back'],
      [
        'lets an alert go',
        { closes: true, gate: [later], run: [alertOf()] },
        'wait 700, reserved 1, POST, accepted',
      ],
    ],
  ],
  [
    'a refusal of Redis leaves a delivery without an outcome',
    [
      ['when it fails', { ...said(500), broken: 'refused' }, 'POST, refused, threw'],
      ['when it meets a 410', { ...said(410), broken: 'gone' }, 'POST, SALES gone, threw'],
      ['when it meets a 429', { ...said(429), broken: 'pause' }, 'POST, pause 5000, threw'],
      [
        'when it is to be sent simpler',
        { type: 'slack', ...said(400), broken: 'claim' },
        'POST, reserve 1, threw',
      ],
    ],
  ],
  [
    'a batch',
    [
      ['travels in one POST', { run: two }, 'POST 2, accepted of 2, accepted of 2'],
      [
        'leaves out what was delivered before',
        { run: two, delivered: [1], ...said(422) },
        'POST, refused, failed status 422, repeated',
      ],
      ['needs no POST if all was delivered', { run: two, delivered: [0, 1] }, 'repeated, repeated'],
      [
        'whose content is refused is split until the bad one stands alone',
        { run: four, ...said(400, 400, OK, 400, OK) },
        'POST 4, reserve 2, POST 2, reserve 1, POST, reserve 1, POST, refused, reserve 2, POST 2, ' +
          'accepted, failed status 400, accepted of 2, accepted of 2',
      ],
      [
        'whose webhook is paused while it is split goes back where it was not sent',
        { run: two, ...said(400, OK), gate: [{}, {}, { kind: 'wait' }] },
        'POST 2, reserve 1, POST, reserve 1, accepted, back',
      ],
      [
        'probes with one alone',
        { run: four, ...probe, ...said(OK) },
        'POST, accepted, back, back, back',
      ],
      [
        'that meets a 500 is split until the mention that causes it is alone, and comes again',
        { run: four, ...said(500, 500, OK, 500, OK) },
        'POST 4, refused, reserve 2, POST 2, refused, reserve 1, POST, reserve 1, POST, refused, ' +
          'reserve 2, POST 2, accepted, retry 5000 status 500, accepted of 2, accepted of 2',
      ],
      [
        'that keeps together and meets a 500 is not split',
        { run: two, keepsTogether: true, ...said(500), random: 0.75 },
        'POST 2, refused, retry 5500 status 500, retry 5500 status 500',
      ],
      [
        'that keeps together and meets a 500 again is not split',
        { run: two, keepsTogether: true, attempt: 2, ...said(500) },
        'POST 2, refused, retry 30000 status 500, retry 30000 status 500',
      ],
      [
        'that keeps together is split when it meets a 500 in its last attempt',
        { run: two, keepsTogether: true, attempt: 3, ...said(500, OK, 500) },
        'POST 2, refused, reserve 1, POST, reserve 1, POST, refused, accepted, failed status 500',
      ],
      [
        'that meets an outage is split, and what was split comes again at one time',
        { run: two, ...said(500, 500, 500) },
        'POST 2, refused, reserve 1, POST, refused, reserve 1, POST, refused, ' +
          'retry 5000 status 500, retry 5000 status 500',
      ],
      [
        'that meets a 500 and opens the breaker goes back, with no attempt used',
        { run: two, ...said(500), held: opens, gate: [{}, { kind: 'wait' }, { kind: 'wait' }] },
        'POST 2, refused, held, reserve 1, reserve 1, back, back',
      ],
      [
        'of which one fails as a probe lets another probe next',
        { run: two, ...probe, ...said(500) },
        'POST, probe refused, probe failed, behind, back',
      ],
      [
        'that gets no answer comes again whole',
        { run: two, ...said('ETIMEDOUT') },
        'POST 2, refused, retry 5000 ETIMEDOUT, retry 5000 ETIMEDOUT',
      ],
      [
        'that meets a 429 goes back whole',
        { run: two, ...said(429) },
        'POST 2, pause 5000, paused, back, back',
      ],
      [
        'that meets a 404 fails whole',
        { run: two, ...said(404) },
        `POST 2, refused, ${URL_GONE}, ${URL_GONE}`,
      ],
      ['goes back whole when the relay stops', { run: two, begins: 'before' }, 'back, back'],
      [
        'that breaks off comes again whole',
        { run: two, ...said('ECONNRESET') },
        'POST 2, refused, retry 5000 ECONNRESET, retry 5000 ECONNRESET',
      ],
      [
        'that breaks off again is split until it is small enough',
        { run: four, attempt: 2, ...said('ECONNRESET', 'EPIPE', OK, OK, OK) },
        'POST 4, refused, reserve 2, POST 2, refused, reserve 1, POST, reserve 1, POST, reserve 2, POST 2, ' +
          'accepted, accepted, accepted of 2, accepted of 2',
      ],
      [
        'that is too slow for its receiver again is split, and one alone follows its schedule',
        { run: two, attempt: 2, ...said('ETIMEDOUT', OK, 'ETIMEDOUT') },
        'POST 2, refused, reserve 1, POST, reserve 1, POST, refused, accepted, retry 30000 ETIMEDOUT',
      ],
      [
        'that breaks off again goes back where the webhook is held by then',
        {
          run: four,
          attempt: 2,
          ...said('ECONNRESET'),
          gate: [{}, { kind: 'wait' }, { kind: 'wait' }],
        },
        'POST 4, refused, reserve 2, reserve 2, back, back, back, back',
      ],
      ...['ECONNREFUSED', 'ENOTFOUND', 'PROXY_ECONNRESET', 'CERT_HAS_EXPIRED'].map(
        (code): [string, Situation, string] => [
          `that never left the relay is not split: ${code}`,
          { run: two, attempt: 2, ...said(code) },
          `POST 2, refused, retry 30000 ${code}, retry 30000 ${code}`,
        ],
      ),
      [
        'that meets a 500 again is split again',
        { run: two, attempt: 2, ...said(500, OK, 500) },
        'POST 2, refused, reserve 1, POST, reserve 1, POST, refused, accepted, retry 30000 status 500',
      ],
    ],
  ],
])('%s', (_, rows) => {
  test.each(rows)('%s', async (_name, situation, trace) => {
    expect((await attempt(situation)).trace).toBe(trace);
  });
});

test.each<[string, Situation, string[]]>([
  ['a success', {}, ['SALES delivered']],
  ['a failure', said(500), ['SALES retry']],
  ['a 429', said(429), ['SALES pause']],
  [
    'a refused message and the simpler one',
    { type: 'slack', ...said(400, 404) },
    ['SALES content-refused', 'SALES fail'],
  ],
  ['a batch, once', { run: four }, ['SALES delivered']],
  ['no POST that the relay broke off', { overdue: 1, ...said('ERR_ABORTED') }, []],
  ['no POST that was not made', { delivered: [0] }, []],
])('the attempts that are reported include %s', async (_, situation, attempts) => {
  expect((await attempt(situation)).attempts).toEqual(attempts);
});

test.each(WEBHOOK_TYPE_NAMES)(
  'any answer of a %s receiver gives an outcome for the queue',
  async (type) => {
    const wait = fc.oneof(fc.string(), fc.double().map(String), fc.bigInt().map(String));
    const answer = fc.oneof(
      fc.tuple(
        fc.oneof(fc.integer({ min: 100, max: 999 }), fc.constantFrom(200, 400, 413, 422, 429, 503)),
        fc.oneof(
          fc.constant('ok'),
          fc.string(),
          fc.jsonValue().map((value) => JSON.stringify({ retry_after: value })),
          wait.map((text) => `{"retry_after":${text}}`),
        ),
        fc.dictionary(fc.constant('retry-after'), wait),
      ),
      fc.constantFrom('ECONNRESET', 'ETIMEDOUT'),
    );
    const situation = fc.record({
      answers: fc.tuple(answer, answer),
      attempt: fc.integer({ min: 1, max: 60 }),
      scheduleMs: fc.array(fc.integer({ min: 0, max: 7 * 86_400_000 }), { maxLength: 50 }),
      random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    });
    await fc.assert(
      fc.asyncProperty(situation, async (at) => {
        const { outcomes, posts } = await attempt({ ...at, type });
        const [outcome] = outcomes;
        expect(['accepted', 'retry', 'back', 'failed']).toContain(outcome?.kind);
        if (outcome?.kind === 'retry') {
          expect(Number.isFinite(outcome.delayMs)).toBe(true);
          expect(outcome.delayMs).toBeGreaterThanOrEqual(0);
        }
        expect(posts).toBeLessThan(3);
      }),
      { numRuns: 500 },
    );
  },
);

test('the log has no content, no name and no word of the receiver at info and above', async () => {
  const [content, name] = ['Content of a stranger', 'Name of a stranger'];
  const owner = { id: '1', name };
  for (const delivery of [
    deliveryOf({ content, owner }),
    recoveredOf({ owner }),
    alertOf({ ...LEFT, groupName: name, status: name }),
  ]) {
    for (const status of [301, 400, 404, 418, 429, 500, 503]) {
      const { shown } = await attempt({ run: [delivery], ...said(status) });
      expect(shown).not.toBe('[]');
      for (const words of [content, name, FOREIGN]) expect(shown).not.toContain(words);
    }
  }
});
