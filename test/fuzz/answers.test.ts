import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createGroouplyApi, MAX_REQUEST_MS } from '../../src/groouply/groouply-api.io.ts';
import { GroouplyError } from '../../src/groouply/groouply-shapes.ts';
import { createQueues, type Queues } from '../../src/queues/queues.ts';
import { redisKeys } from '../../src/redis/redis-keys.ts';
import { createRequestBudget } from '../../src/groouply/request-budget.io.ts';
import { createLeads } from '../../src/state/leads/leads.io.ts';
import { createSeenMentions } from '../../src/state/seen-mentions.io.ts';
import { deliveryJobId } from '../../src/domain/delivery.ts';
import { mentionKey } from '../../src/domain/mention.ts';
import { createMalformedItemsLog } from '../../src/polling/poll-log.ts';
import { createPollRun } from '../../src/polling/poll-run.ts';
import { poll } from '../../src/polling/poll.ts';
import { mention } from '../helpers/mentions.ts';
import { startPrivateRedis, type PrivateRedis } from '../helpers/private-redis.ts';
import { webhookOf } from '../webhooks/delivery-samples.ts';
import { anyBody } from './foreign-json.ts';
import { capturedLog, expectLogLines } from './log-lines.ts';

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly wire: 'whole' | 'cut' | 'reset' | 'no HTTP';
}

const API_KEY = 'the-api-key-7Q9';
const TIME_LIMIT_MS = 6_000;
// Each bad answer costs a pause of a second or two, so many are given at the same time.
const AT_ONCE = 60;
const MAX_POLLS = 5;
// A rejected key is tried again after 5 minutes.
const POLL_GAP_MS = 400_000;

const headerText = fc.string({
  unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
  maxLength: 30,
});
const anyAnswer: fc.Arbitrary<Answer> = fc.record({
  status: fc.oneof(
    fc.constant(200),
    fc.constantFrom(400, 401, 403, 404, 408, 425, 429, 500, 503),
    fc.integer({ min: 200, max: 599 }),
  ),
  headers: fc.dictionary(
    fc.constantFrom('retry-after', 'content-type', 'content-encoding', 'location', 'set-cookie'),
    fc.oneof(headerText, fc.constantFrom('0', '-1', '1e9', '9'.repeat(40), 'gzip', 'NaN')),
  ),
  body: anyBody,
  wire: fc.oneof(
    { weight: 8, arbitrary: fc.constant('whole' as const) },
    { weight: 1, arbitrary: fc.constantFrom('cut' as const, 'reset' as const, 'no HTTP' as const) },
  ),
});

/** The next answer of the API, by the first part of the path; by default a good window. */
const bad = new Map<string, Answer>();
const good = (number: number) => JSON.stringify({ code: 1, mentions: [mention(number).raw] });
const server = createServer((request, response) => {
  request.resume();
  const [, number = ''] = (request.url ?? '').split('/');
  const answer = bad.get(number);
  bad.delete(number);
  if (answer === undefined) response.end(good(Number(number)));
  else give(answer, response);
});

function give({ status, headers, body, wire }: Answer, response: ServerResponse): void {
  const { socket } = response;
  if (wire === 'reset') {
    socket?.resetAndDestroy();
  } else if (wire === 'no HTTP') {
    socket?.end(body);
  } else if (wire === 'cut') {
    response.writeHead(status, { ...headers, 'content-length': body.length + 1 });
    response.write(body, () => socket?.destroy());
  } else {
    response.writeHead(status, headers).end(body);
  }
}

const { log, written } = await capturedLog();
let redis: PrivateRedis;
let queues: Queues;

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  redis = await startPrivateRedis();
  queues = createQueues({
    redis: redis.client,
    prefix: redisKeys('fuzz').queues,
    onError: (error) => {
      throw error;
    },
  });
});

afterAll(async () => {
  await queues.close(0);
  await redis.stop();
  server.closeAllConnections();
  server.close();
});

/** Returns a relay's poll. Everything in it is real but the clock that measures 5 minutes. */
function pollsOf(number: number) {
  const keys = redisKeys(`fuzz-${number}`);
  const budget = keys.budget(API_KEY);
  let monotonicMs = 0;
  const api = createGroouplyApi({
    apiUrl: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/${number}`),
    apiKey: API_KEY,
    userAgent: 'mention-relay/1.2.3',
    budget: createRequestBudget({
      redis: redis.client,
      keys: budget,
      requestsPerWindow: 60,
      backgroundBelow: 1,
      backgroundWhileBusy: 1,
      windowMs: 60_000,
      maxRequestMs: MAX_REQUEST_MS,
      mayStillArrive: () => true,
      onWaited: () => undefined,
      onReturnFailed: () => undefined,
      monotonicMs: () => performance.now(),
    }),
    onRetry: ({ endpoint, attempt, error }) => {
      log.debug('poll.retrying', { endpoint, attempt, reason: error.message }, 'again');
      // Ends the pause that a 429 asked for.
      redis.client.del(budget.blocked).catch(() => undefined);
    },
    nowMs: Date.now,
  });
  const logMalformed = createMalformedItemsLog(log);
  const run = createPollRun({
    poll: (signal) =>
      poll(
        {
          async fetchWindow() {
            const { mentions, malformed } = await api.mentions(signal);
            logMalformed(malformed);
            return { mentions, malformed: malformed.length, receivedAtMs: Date.now() };
          },
          seen: createSeenMentions({
            redis: redis.client,
            keys,
            generationSize: 200,
            dedupeBy: 'mention',
          }),
          leads: createLeads({ redis: redis.client, keys, generationSize: 200 }),
          enqueue: (webhook, deliveries) => queues.enqueue(webhook, deliveries),
          alert: () => Promise.resolve(),
          hadState: () => false,
          onEmptyState: () => Promise.resolve(),
          log,
        },
        { webhooks: [webhookOf()], dedupeBy: 'mention', backlog: { kind: 'all' } },
        signal,
      ),
    explain: (error) => ({
      keyRejected: error instanceof GroouplyError && error.kind === 'key-rejected',
      reason: error instanceof GroouplyError ? error.message : (error as Error).name,
    }),
    onResult: () => undefined,
    log,
    monotonicMs: () => monotonicMs,
  });
  return async () => {
    monotonicMs += POLL_GAP_MS;
    await redis.client.del(budget.blocked);
    await run(new AbortController().signal);
  };
}

async function isQueued(number: number): Promise<boolean> {
  const jobId = deliveryJobId(mentionKey(mention(number), 'mention'));
  return (await redis.client.keys(`{fuzz}:*:${jobId}`)).length > 0;
}

test('whatever the API answers, the relay keeps running and reads the next good window', async () => {
  let number = 1_000_000;
  const recovers = async (answer: Answer): Promise<string | null> => {
    number += 1;
    const own = number;
    bad.set(String(own), answer);
    const pollOnce = pollsOf(own);
    for (let polls = 1; polls <= MAX_POLLS; polls++) {
      await pollOnce();
      if (await isQueued(own)) return null;
    }
    return `not queued after ${answer.wire} ${answer.status} ${JSON.stringify(answer.headers)} ${answer.body.toString('utf8').slice(0, 500)}`;
  };
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyAnswer, { minLength: AT_ONCE, maxLength: AT_ONCE }),
      async (answers) => {
        expect((await Promise.all(answers.map(recovers))).filter((why) => why !== null)).toEqual(
          [],
        );
      },
    ),
    { numRuns: 4, interruptAfterTimeLimit: TIME_LIMIT_MS, endOnFailure: true },
  );
  expect(number).toBeGreaterThan(1_000_000);
  expect(Object.keys(Object.prototype)).toEqual([]);
  expectLogLines(written);
  expect(written.join('')).not.toContain(API_KEY);
});
