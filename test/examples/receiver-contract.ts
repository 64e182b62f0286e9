import { describe, expect, test } from 'vitest';
import type { Delivery } from '../../src/domain/delivery.ts';
import { mentionKey } from '../../src/domain/mention.ts';
import { formatHttp } from '../../src/webhooks/http/http.ts';
import { signatureHeaders } from '../../src/webhooks/http/standard-webhooks.ts';
import { relayBench } from '../helpers/relay-bench.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import {
  contextOf,
  deliveryOf,
  HOSTILE_TEXTS,
  SIGNING_SECRETS,
  webhookOf,
} from '../webhooks/delivery-samples.ts';
import { alertOf, GAP, LEFT, recoveredOf } from '../webhooks/recovered-and-alert-samples.ts';
import {
  failedStart,
  startExample,
  type ReceiverLine,
  type ReceiverProgram,
  type RunningReceiver,
} from './running-receiver.ts';

const [SECRET, OTHER_SECRET] = SIGNING_SECRETS;
const MAX_BODY_BYTES = 1_000_000;

/** A request as it reaches a receiver. */
interface Request {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Returns mentions with these ids, alone or as a batch, as the relay sends them. */
function sent(
  ids: readonly string[],
  { secrets = [SECRET], ageSeconds = 0 }: { secrets?: readonly string[]; ageSeconds?: number } = {},
): Request {
  const content = 'Grüße from 東京 & <b>others</b> 😀';
  return formatHttp(
    ids.map((id) => deliveryOf({ id, content })),
    contextOf({
      webhook: webhookOf({ signingSecrets: secrets, headers: {} }),
      nowMs: Date.now() - ageSeconds * 1000,
    }),
  );
}

/** Returns a delivery of any kind as the relay sends it. */
function sentAs(delivery: Delivery): Request {
  const webhook = webhookOf({ signingSecrets: [SECRET], headers: {} });
  return formatHttp([delivery], contextOf({ webhook, nowMs: Date.now() }));
}

/** Returns any body with the relay's signature. */
function signed(body: string, messageId = 'msg_of_this_test', secret: string = SECRET): Request {
  const timestampSeconds = Math.floor(Date.now() / 1000);
  return {
    headers: signatureHeaders({ messageId, timestampSeconds, body, secrets: [secret] }),
    body,
  };
}

/** Returns a post of 63,206 characters, each as long as JSON can write it. */
function longestPost(): Request {
  const content = '\u0001'.repeat(63_206);
  const data = deliveryOf({ content }).mention.raw;
  return signed(JSON.stringify({ type: 'mention.created', data }));
}

function withHeader(request: Request, name: string, value: string | undefined): Request {
  const { [name]: _replaced, ...others } = request.headers;
  return { ...request, headers: value === undefined ? others : { ...others, [name]: value } };
}

async function post(url: string, request: Request): Promise<number> {
  const response = await fetch(url, { method: 'POST', ...request });
  await response.body?.cancel();
  return response.status;
}

/** Returns the mentions that a receiver has handled, after a ping that it handles last. */
async function handledBy(
  receiver: RunningReceiver,
  secret: string = SECRET,
): Promise<readonly ReceiverLine[]> {
  const ping = signed('{"type":"test.ping","data":"the last"}', 'msg_the_last', secret);
  expect(await post(receiver.url, ping)).toBe(200);
  await waitUntil('the ping', () => receiver.pings().includes('the last'));
  return receiver.mentions();
}

const usual = sent(['1']);
const signature = usual.headers['webhook-signature'] ?? '';

const ACCEPTED: readonly (readonly [string, Request])[] = [
  ['a signed mention', usual],
  ['the first of two signatures', sent(['1'], { secrets: [SECRET, OTHER_SECRET] })],
  ['the second of two signatures', sent(['1'], { secrets: [OTHER_SECRET, SECRET] })],
  ['an attempt of 4 minutes ago', sent(['1'], { ageSeconds: 240 })],
  ['the longest post that Facebook allows', longestPost()],
  ['a recovered mention', sentAs(recoveredOf())],
];

const REFUSED: readonly (readonly [string, number, Request])[] = [
  ['no signature', 401, withHeader(usual, 'webhook-signature', undefined)],
  ['no id', 401, withHeader(usual, 'webhook-id', undefined)],
  ['no time', 401, withHeader(usual, 'webhook-timestamp', undefined)],
  ['a signature with another secret', 401, sent(['1'], { secrets: [OTHER_SECRET] })],
  ['an empty signature', 401, withHeader(usual, 'webhook-signature', 'v1,')],
  ['a signature cut short', 401, withHeader(usual, 'webhook-signature', signature.slice(0, -1))],
  [
    'a signature of another version',
    401,
    withHeader(usual, 'webhook-signature', signature.replace('v1,', 'v2,')),
  ],
  ['a signature that is not ASCII', 401, withHeader(usual, 'webhook-signature', 'v1,\u00e9')],
  ['a changed body', 401, { ...usual, body: `${usual.body} ` }],
  ['a changed id', 401, withHeader(usual, 'webhook-id', 'msg_other')],
  ['an attempt of 6 minutes ago', 401, sent(['1'], { ageSeconds: 360 })],
  ['an attempt in 6 minutes', 401, sent(['1'], { ageSeconds: -360 })],
  ['an invalid time', 401, withHeader(usual, 'webhook-timestamp', 'now')],
  ['an endless time', 401, withHeader(usual, 'webhook-timestamp', '9'.repeat(5_000))],
  ['a body that is not JSON', 400, signed('{"type":')],
  ['a body that is not an object', 400, signed('[]')],
  ['an empty body', 400, signed('')],
  ['a body of nothing but brackets', 400, signed('['.repeat(100_000))],
  ['a body that is too long', 413, signed('x'.repeat(MAX_BODY_BYTES + 1))],
];

/** Tests the promises of the receivers in docs/examples/, each as a real process. */
export function describeReceiver(program: ReceiverProgram): void {
  describe(`docs/examples/${program.file}`, () => {
    test('gets mentions of a relay, one alone and then a batch, each once', async () => {
      await using receiver = await startExample(program, SECRET);
      await using bench = await relayBench();
      const [first] = bench.sandbox.spot(1);
      const relay = bench.relay({
        WEBHOOK_A_URL: receiver.url,
        WEBHOOK_A_SECRET: SECRET,
        WEBHOOK_A_BATCH_SIZE: '10',
      });
      await relay.waitForEvent('delivery.succeeded');
      const later = bench.sandbox.spot(12);
      await relay.waitForEvent('delivery.succeeded', 13);

      expect((await handledBy(receiver)).map(({ id }) => id)).toEqual(
        [first, ...later].map((mention) => mention?.id),
      );
      const sizes = relay.events('delivery.succeeded').map(({ batchSize }) => batchSize);
      expect(sizes[0]).toBeUndefined();
      expect(sizes.at(-1)).toBeGreaterThan(1);
      expect(relay.events('delivery.retrying')).toEqual([]);
    });

    test('refuses a relay that has another secret', async () => {
      await using receiver = await startExample(program, OTHER_SECRET);
      await using bench = await relayBench();
      bench.sandbox.spot(1);
      const relay = bench.relay({ WEBHOOK_A_URL: receiver.url, WEBHOOK_A_SECRET: SECRET });
      expect(await relay.waitForEvent('delivery.failed')).toMatchObject({ status: 401 });
      expect(await handledBy(receiver, OTHER_SECRET)).toEqual([]);
    });

    test.each(ACCEPTED)('accepts %s', async (_what, request) => {
      await using receiver = await startExample(program, SECRET);
      expect(await post(receiver.url, request)).toBe(200);
      expect(await handledBy(receiver)).toEqual([JSON.parse(request.body).data]);
    });

    test('answers each request that is not genuine or not sound by its status, and handles none', async () => {
      await using receiver = await startExample(program, SECRET);
      const answers: Record<string, number> = {};
      for (const [what, , request] of REFUSED) answers[what] = await post(receiver.url, request);
      expect(answers).toEqual(Object.fromEntries(REFUSED.map(([what, status]) => [what, status])));
      expect(await handledBy(receiver)).toEqual([]);
      expect(receiver.stderr()).toBe('');
    });

    test('accepts several secrets, while one replaces another', async () => {
      await using receiver = await startExample(program, `${OTHER_SECRET} ${SECRET}`);
      expect(await post(receiver.url, sent(['1'], { secrets: [SECRET] }))).toBe(200);
      expect(await post(receiver.url, sent(['2'], { secrets: [OTHER_SECRET] }))).toBe(200);
      expect(await handledBy(receiver)).toHaveLength(2);
    });

    test('handles a mention once, however often it comes, alone or in other batches', async () => {
      await using receiver = await startExample(program, SECRET);
      for (const ids of [['1'], ['1'], ['1', '2'], ['1', '2'], ['2', '3']]) {
        expect(await post(receiver.url, sent(ids))).toBe(200);
      }
      expect((await handledBy(receiver)).map(({ id }) => id)).toEqual(['1', '2', '3']);
    });

    test('handles each mention of a post that was spotted several times', async () => {
      await using receiver = await startExample(program, SECRET);
      const spotted = [{}, { keyword: 'another' }, { position: 'comment' }, { owner: { id: '7' } }];
      for (const item of spotted) {
        const delivery = deliveryOf(item);
        const body = JSON.stringify({ type: 'mention.created', data: delivery.mention.raw });
        const key = mentionKey(delivery.mention, 'mention');
        expect(await post(receiver.url, signed(body, `msg_${key}`))).toBe(200);
      }
      expect(await handledBy(receiver)).toHaveLength(spotted.length);
    });

    test('accepts a ping once by its id, and ignores unknown types', async () => {
      await using receiver = await startExample(program, SECRET);
      const data = { webhook: 'CRM', message: 'A test.' };
      const ping = { type: 'test.ping', timestamp: '2026-11-23T08:00:00.000Z', data };
      expect(await post(receiver.url, signed(JSON.stringify(ping), 'msg_1'))).toBe(200);
      expect(await post(receiver.url, signed(JSON.stringify(ping), 'msg_1'))).toBe(200);
      for (const alert of [GAP, LEFT]) {
        expect(await post(receiver.url, sentAs(alertOf(alert)))).toBe(200);
      }
      expect(await post(receiver.url, signed('{}', 'msg_3'))).toBe(200);
      expect(await handledBy(receiver)).toEqual([]);
      expect(receiver.pings()).toEqual([data, 'the last']);
    });

    test('asks for a retry of a request that it could not handle', async () => {
      await using receiver = await startExample(program, SECRET);
      const broken = signed('{"type":"mention.batch","data":[null]}');
      expect(await post(receiver.url, broken)).toBe(500);
      expect(await post(receiver.url, broken)).toBe(500);
    });

    test('prints what strangers wrote in one line of plain ASCII', async () => {
      await using receiver = await startExample(program, SECRET);
      for (const [index, content] of HOSTILE_TEXTS.entries()) {
        const data = deliveryOf({ id: String(index), content }).mention.raw;
        const body = JSON.stringify({ type: 'mention.created', data });
        expect(await post(receiver.url, signed(body, `msg_${index}`))).toBe(200);
      }
      const contents = (await handledBy(receiver)).map(({ content }) => content);
      expect(contents).toEqual(HOSTILE_TEXTS);
      expect(receiver.stdout()).toMatch(/^[\x20-\x7e\n]+$/);
    });

    test('accepts nothing but POST', async () => {
      await using receiver = await startExample(program, SECRET);
      const response = await fetch(receiver.url);
      expect(response.status).toBe(405);
      await response.body?.cancel();
    });

    test.each(['', 'secret', 'whsec_', 'whsec_no base64', `${SECRET} other`])(
      'does not start with "%s" for a secret, and does not repeat it',
      async (secrets) => {
        const { code, stderr } = await failedStart(program, secrets);
        expect(code).toBe(1);
        expect(stderr).toMatch(/^SIGNING_SECRET must be .+\n$/);
        expect(stderr).not.toContain(SECRET);
      },
    );
  });
}
