import { Webhook as Verifier } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import type { Delivery } from '../../../src/domain/delivery.ts';
import type { RequestContext } from '../../../src/webhooks/webhook-type.ts';
import { formatHttp as format, httpWebhook } from '../../../src/webhooks/http/http.ts';
import {
  contextOf,
  deliveryOf,
  DOCUMENTED_ITEM,
  SIGNING_SECRETS,
  webhookOf,
} from '../delivery-samples.ts';
import { expectEvent, expectMentionCreated, expectTestPing, schemaErrors } from './http-payload.ts';
import {
  alertOf,
  DOCUMENTED_POST,
  GAP,
  GROUP,
  LEFT,
  recoveredOf,
} from '../recovered-and-alert-samples.ts';

const formatHttp = (delivery: Delivery, context: RequestContext) => format([delivery], context);

describe('the body', () => {
  test('is an event with the mention just as the API gave it', () => {
    expect(JSON.parse(formatHttp(deliveryOf(), contextOf()).body)).toEqual({
      type: 'mention.created',
      timestamp: '2023-11-08T16:04:48.000Z',
      data: DOCUMENTED_ITEM,
    });
  });

  test('passes on fields that nobody knows yet, and values of unusual types', () => {
    const item = { language: 'en', tags: ['a', { b: null }], spotted: 1699459488, keyword: 7 };
    const { body } = formatHttp(deliveryOf(item), contextOf());
    expect(expectMentionCreated(body)['data']).toEqual({ ...DOCUMENTED_ITEM, ...item });
  });

  test('has ids as strings where the API gave numbers', () => {
    const item = { id: 1, owner: { id: 2, name: 'A' }, group: { id: 3, name: 'B' } };
    const { body } = formatHttp(deliveryOf(item), contextOf());
    expect(expectMentionCreated(body)['data']).toMatchObject({
      id: '1',
      owner: { id: '2' },
      group: { id: '3' },
    });
  });

  test('passes foreign text on unchanged', () => {
    const content = '<!channel> \u0000 \u202e "\\" \ud800 😀';
    const { body } = formatHttp(deliveryOf({ content }), contextOf());
    expect(expectMentionCreated(body)['data']).toMatchObject({ content });
  });

  test.each([
    ['is empty', ''],
    ['is missing', null],
    ['is no time', 'yesterday-ish'],
    ['is beyond the year 9999', '8640000000000000'],
    ['is before the year 0', '-8640000000000000'],
  ])('has the time of the poll where the spotted time %s', (_, spotted) => {
    const polledAtMs = Date.parse('2024-01-02T03:04:05.678Z');
    const { body } = formatHttp(deliveryOf({ spotted }, polledAtMs), contextOf());
    expect(expectMentionCreated(body)['timestamp']).toBe('2024-01-02T03:04:05.678Z');
  });

  test.each([['1970-01-01T00:00:00.001Z'], ['9999-12-31T23:59:59.999Z']])(
    'has the spotted time %s',
    (spotted) => {
      const { body } = formatHttp(deliveryOf({ spotted }), contextOf());
      expect(expectMentionCreated(body)['timestamp']).toBe(spotted);
    },
  );
});

describe('the body of what is no ordinary mention', () => {
  const bodyOf = (delivery: Delivery) => expectEvent(formatHttp(delivery, contextOf()).body);

  test('is of a recovered mention its post as the API gave it, with its group and no content', () => {
    expect(bodyOf(recoveredOf({ language: 'en' }))).toEqual({
      type: 'mention.recovered',
      timestamp: '2023-11-08T14:20:17.000Z',
      data: { ...DOCUMENTED_POST, language: 'en', group: GROUP, content: null },
    });
  });

  test('has the time at which it was found where the time of a recovered mention is unreadable', () => {
    expect(bodyOf(recoveredOf({ timestamps: null }))).toMatchObject({
      timestamp: '2023-11-08T16:05:00.000Z',
    });
  });

  test('is of a gap the time in which mentions may be missing', () => {
    expect(bodyOf(alertOf(GAP))).toEqual({
      type: 'gap.detected',
      timestamp: '2023-11-08T16:05:00.000Z',
      data: { missingFrom: '2023-11-08T14:00:00.000Z', missingTo: '2023-11-08T15:30:00.000Z' },
    });
    expect(bodyOf(alertOf({ ...GAP, fromMs: null, toMs: 8.64e15 }))).toMatchObject({
      data: { missingFrom: null, missingTo: null },
    });
  });

  test('is of a change of a group the group, what became of it, and its status', () => {
    expect(bodyOf(alertOf(LEFT))).toEqual({
      type: 'group.coverage_changed',
      timestamp: '2023-11-08T16:05:00.000Z',
      data: {
        group: { id: '2044902829088090', name: 'Group name' },
        change: 'left',
        status: 'pending access',
      },
    });
  });

  test('has an id by the delivery alone, and a signature, as that of a mention', () => {
    for (const delivery of [recoveredOf(), alertOf()]) {
      expect(formatHttp(delivery, contextOf()).headers).toMatchObject({
        'webhook-id': `msg_${delivery.key}`,
        'webhook-signature': expect.stringMatching(/^v1,/),
      });
    }
  });
});

describe('the headers', () => {
  test('are those of Standard Webhooks, with the time of the attempt in whole seconds', () => {
    const delivery = deliveryOf();
    const context = contextOf({ nowMs: 1_700_000_000_999 });
    expect(formatHttp(delivery, context).headers).toEqual({
      'content-type': 'application/json',
      'user-agent': 'mention-relay/1.2.3',
      'x-api-key': 'header-secret-value',
      'webhook-id': `msg_${delivery.key}`,
      'webhook-timestamp': '1700000000',
      'webhook-signature': expect.stringMatching(/^v1,[\w+/]{43}= v1,[\w+/]{43}=$/),
    });
  });

  test('hold no signature without a secret', () => {
    const context = contextOf({ webhook: webhookOf({ signingSecrets: [] }) });
    const names = Object.keys(formatHttp(deliveryOf(), context).headers);
    expect(names).toContain('webhook-id');
    expect(names).not.toContain('webhook-signature');
  });

  test.each(SIGNING_SECRETS)('convince a receiver that holds either secret', (secret) => {
    const nowMs = Date.now();
    const { body, headers } = formatHttp(
      deliveryOf({ content: 'é 😀 \ud800' }),
      contextOf({ nowMs }),
    );
    expect(new Verifier(secret).verify(body, { ...headers })).toEqual(JSON.parse(body));
  });

  test('let the operator choose another user agent', () => {
    const context = contextOf({ webhook: webhookOf({ headers: { 'user-agent': 'mine' } }) });
    expect(formatHttp(deliveryOf(), context).headers).toMatchObject({ 'user-agent': 'mine' });
  });
});

test.each([200, 201, 202, 204, 299])(
  'a receiver takes a message with %i, whatever it says',
  (status) => {
    expect(httpWebhook.accepted(status, '<html>', webhookOf().url)).toEqual({ accepted: true });
  },
);

describe('a receiver that answers 400', () => {
  const FULL = { accepted: false, reason: 'status 400: queue_is_full', full: true };
  const REFUSED = { accepted: false, reason: 'status 400' };

  test.each([
    ['Make, whose queue is full', 'hook.eu1.make.com', 'Queue is full', FULL],
    ['Make with a full stop and a line break', 'hook.us2.make.com', 'Queue is full.\n', FULL],
    ['Make without a zone', 'hook.make.com', 'Queue is full.', FULL],
    ['Make of Celonis', 'hook.eu1.make.celonis.com', 'Queue is full', FULL],
    ['Make with its host name complete', 'hook.eu1.make.com.', 'Queue is full', FULL],
    ['Make, of a message that is wrong', 'hook.eu1.make.com', 'Invalid JSON', REFUSED],
    ['Make, at greater length', 'hook.eu1.make.com', 'Queue is full of cats', REFUSED],
    ['somebody else', 'hooks.example.com', 'Queue is full', REFUSED],
    ["somebody with Make's name in theirs", 'hook.make.com.example.com', 'Queue is full', REFUSED],
    ['somebody whose name ends like it', 'hook.notmake.com', 'Queue is full', REFUSED],
  ])('is %s', (_, host, body, expected) => {
    const url = new URL(`https://${host}/secret-path`);
    expect(httpWebhook.accepted(400, body, url)).toEqual(expected);
  });

  test.each([401, 410, 413, 422])('is full with no other status: %i', (status) => {
    const url = new URL('https://hook.eu1.make.com/secret-path');
    const reason = `status ${status}`;
    expect(httpWebhook.accepted(status, 'Queue is full', url)).toEqual({ accepted: false, reason });
  });
});

describe('the schema refuses', () => {
  const payload = expectMentionCreated(formatHttp(deliveryOf(), contextOf()).body);

  test.each([
    ['another type', { ...payload, type: 'mention.deleted' }, '/type const'],
    [
      'a time that is none',
      { ...payload, timestamp: '2023-13-08T16:04:48.000Z' },
      '/timestamp format',
    ],
    ['a number as a time', { ...payload, timestamp: 1 }, '/timestamp type'],
    ['no data', { type: payload['type'], timestamp: payload['timestamp'] }, ' required'],
    ['data without an id', { ...payload, data: {} }, '/data required'],
    ['a number as an id', { ...payload, data: { id: 1 } }, '/data/id type'],
    ['an empty id', { ...payload, data: { id: '' } }, '/data/id minLength'],
    [
      'a number as the id of a group',
      { ...payload, data: { id: '1', group: { id: 1 } } },
      '/data/group/id type',
    ],
  ])('%s', (_, wrong, error) => {
    expect(schemaErrors(wrong)).toContain(error);
  });
});

describe('a test.ping', () => {
  test('fits its schema, names the webhook, and is signed as every other event', () => {
    const { body, headers } = httpWebhook.ping(contextOf());
    expect(expectTestPing(body)).toMatchObject({
      timestamp: '2023-11-08T16:06:07.890Z',
      data: { webhook: 'SALES' },
    });
    const ops = httpWebhook.ping(contextOf({ webhook: webhookOf({ events: 'alerts' }) }));
    expect(ops.body).toContain('alerts for the webhook SALES will arrive here');
    for (const secret of SIGNING_SECRETS) {
      const signature = headers['webhook-signature'] ?? '';
      expect(signature.split(' ')).toContain(
        new Verifier(secret).sign(headers['webhook-id'] ?? '', new Date(1_699_459_567_000), body),
      );
    }
  });

  test('has an id of its own each time', () => {
    const idAt = (nowMs: number) => httpWebhook.ping(contextOf({ nowMs })).headers['webhook-id'];
    expect(idAt(1)).toMatch(/^msg_[\w-]{22}$/);
    expect(idAt(1)).not.toBe(idAt(2));
  });
});
