import { Webhook as Verifier } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import type { Delivery } from '../../../src/domain/delivery.ts';
import type { JsonObject } from '../../../src/domain/mention.ts';
import type { RequestContext } from '../../../src/webhooks/webhook-type.ts';
import { formatHttp as format, httpWebhook } from '../../../src/webhooks/http/http.ts';
import {
  contextOf,
  deliveryOf,
  DOCUMENTED_ITEM,
  SIGNING_SECRETS,
  webhookOf,
  withOthers,
} from '../delivery-samples.ts';
import { expectEvent, schemaErrors } from './http-payload.ts';
import {
  ACCEPTED,
  alertOf,
  DOCUMENTED_POST,
  GAP,
  GROUP,
  LEFT,
  recoveredOf,
  REJECTED,
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

  test.each<[string, JsonObject, JsonObject]>([
    [
      'unknown fields and values of unusual types unchanged',
      { language: 'en', tags: ['a', { b: null }], spotted: 1699459488, keyword: 7 },
      { language: 'en', tags: ['a', { b: null }], spotted: 1699459488, keyword: 7 },
    ],
    [
      'ids as strings',
      { id: 1, owner: { id: 2, name: 'A' }, group: { id: 3, name: 'B' } },
      { id: '1', owner: { id: '2', name: 'A' }, group: { id: '3', name: 'B' } },
    ],
    [
      'foreign text unchanged, entities too',
      { content: '<!channel> \u0001 \u202e "\\" 😀 It&#039;s &amp; ' },
      { content: '<!channel> \u0001 \u202e "\\" 😀 It&#039;s &amp; ' },
    ],
    [
      'a stand-in for NUL and for half a character',
      { content: '\ud83d a\u0000b \ude00 😀\ud83d', owner: { id: '1', name: '\udc00' } },
      { content: '\ufffd a\ufffdb \ufffd 😀\ufffd', owner: { id: '1', name: '\ufffd' } },
    ],
    [
      'the same stand-in in unknown fields and in names',
      { 'a\u0000\ud800': { 'b\udfff': ['c\u0000', { d: '\ud800' }] } },
      { 'a\ufffd\ufffd': { 'b\ufffd': ['c\ufffd', { d: '\ufffd' }] } },
    ],
    [
      'text that only looks like an escape',
      { content: '\\u0000 \\\\ud800 \\\u0000 C:\\users\\udf00' },
      { content: '\\u0000 \\\\ud800 \\\ufffd C:\\users\\udf00' },
    ],
    [
      'null for whatever PHP writes for nothing',
      { keyword: false, content: [], owner: [], group: '', spotted: false, position: {} },
      { keyword: null, content: null, owner: null, group: null, spotted: null, position: null },
    ],
    ['an empty id if only the link names the post', { id: false }, { id: '' }],
    ['the JSON of a text in another shape', { content: { a: [1] } }, { content: '{"a":[1]}' }],
  ])('has %s', (_, item, expected) => {
    const { body } = formatHttp(deliveryOf(item), contextOf());
    expect(expectEvent(body)['data']).toEqual({ ...DOCUMENTED_ITEM, ...expected });
  });

  test.each([
    ['is empty', ''],
    ['is missing', null],
    ['is no time', 'yesterday-ish'],
    ['is beyond the year 9999', '8640000000000000'],
    ['is before the year 0', '-8640000000000000'],
  ])('has the time of the poll if the spotted time %s', (_, spotted) => {
    const polledAtMs = Date.parse('2024-01-02T03:04:05.678Z');
    const { body } = formatHttp(deliveryOf({ spotted }, polledAtMs), contextOf());
    expect(expectEvent(body)['timestamp']).toBe('2024-01-02T03:04:05.678Z');
  });
});

test('names that the stand-in would make equal occur once', () => {
  const item = { 'a\u0000': 1, 'a\ud800': 2 };
  const { body } = formatHttp(deliveryOf(item), contextOf());
  expect(body.match(/"a\ufffd":/g)).toHaveLength(1);
  expect(expectEvent(body)['data']).toEqual({ ...DOCUMENTED_ITEM, 'a\ufffd': 2 });
});

test('the signature is that of the body with the stand-in', () => {
  const { body, headers } = formatHttp(deliveryOf({ content: 'a\u0000\ud800' }), contextOf());
  const nowSeconds = new Date(Number(headers['webhook-timestamp']) * 1000);
  const id = headers['webhook-id'] ?? '';
  for (const secret of SIGNING_SECRETS) {
    expect(headers['webhook-signature']?.split(' ')).toContain(
      new Verifier(secret).sign(id, nowSeconds, body),
    );
  }
  expect(body).toContain('a\ufffd\ufffd');
});

test('the other mentions of its post or lead stand in the mention, in a batch too', () => {
  const other = { keyword: 'erp', group: { id: 2, name: 'B' }, language: 'en' };
  const { content: _content, ...listed } = DOCUMENTED_ITEM;
  const merged = { ...listed, keyword: 'erp', group: { id: '2', name: 'B' } };
  const delivery = withOthers(deliveryOf(), [other]);
  const data = { ...DOCUMENTED_ITEM, merged: [merged] };
  expect(expectEvent(formatHttp(delivery, contextOf()).body)['data']).toEqual(data);
  const { body } = format([deliveryOf(), delivery], contextOf());
  expect(expectEvent(body)['data']).toEqual([DOCUMENTED_ITEM, data]);
});

describe('the body of other deliveries', () => {
  const bodyOf = (delivery: Delivery) => expectEvent(formatHttp(delivery, contextOf()).body);

  test('of a recovered mention has its post as the API gave it, with its group and no content', () => {
    expect(bodyOf(recoveredOf({ language: 'en' }))).toEqual({
      type: 'mention.recovered',
      timestamp: '2023-11-08T14:20:17.000Z',
      data: { ...DOCUMENTED_POST, language: 'en', group: GROUP, content: null },
    });
  });

  test('has the entities that the API gave, and only whole characters', () => {
    const group = { id: '1', name: 'A &amp; B\u0000' };
    const recovered = recoveredOf({ keyword: '&lt;\ud800' }, group);
    expect(bodyOf(recovered)['data']).toMatchObject({
      keyword: '&lt;\ufffd',
      group: { id: '1', name: 'A &amp; B\ufffd' },
    });
    const alert = alertOf({ ...LEFT, groupName: 'A &amp; B\udc00', status: '\u0000' });
    expect(bodyOf(alert)['data']).toMatchObject({
      group: { name: 'A &amp; B\ufffd' },
      status: '\ufffd',
    });
  });

  test('has the time of the poll if the time of a recovered mention is unreadable', () => {
    expect(bodyOf(recoveredOf({ timestamps: null }))).toMatchObject({
      timestamp: '2023-11-08T16:05:00.000Z',
    });
  });

  test('of a gap has the time in which mentions may be missing', () => {
    expect(bodyOf(alertOf(GAP))).toEqual({
      type: 'gap.detected',
      timestamp: '2023-11-08T16:05:00.000Z',
      data: { missingFrom: '2023-11-08T14:00:00.000Z', missingTo: '2023-11-08T15:30:00.000Z' },
    });
    expect(bodyOf(alertOf({ ...GAP, fromMs: null, toMs: 8.64e15 }))).toMatchObject({
      data: { missingFrom: null, missingTo: null },
    });
  });

  test('of a change of a group has the group, the change, and its status', () => {
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

  test('of a trouble has its name, and `resolved` in the all-clear alone', () => {
    const trouble = { trouble: 'key_rejected', webhook: null };
    expect(bodyOf(alertOf(REJECTED))).toEqual({
      type: 'relay.trouble',
      timestamp: '2023-11-08T16:05:00.000Z',
      data: trouble,
    });
    expect(bodyOf(alertOf(ACCEPTED))).toEqual({
      type: 'relay.trouble',
      timestamp: '2023-11-08T17:05:00.000Z',
      data: { ...trouble, resolved: true },
    });
  });

  test('has an id that depends on the delivery alone, and a signature, like a mention', () => {
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

  test('let the operator choose another user agent', () => {
    const context = contextOf({ webhook: webhookOf({ headers: { 'user-agent': 'mine' } }) });
    expect(formatHttp(deliveryOf(), context).headers).toMatchObject({ 'user-agent': 'mine' });
  });
});

test.each([200, 201, 202, 204, 299])(
  'a receiver accepts a message with %i, whatever its body is',
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
  const payload = expectEvent(formatHttp(deliveryOf(), contextOf()).body);
  const { data: _data, ...without } = payload;

  test.each([
    ['another type', { ...payload, type: 'mention.deleted' }, '/type const'],
    ['an invalid time', { ...payload, timestamp: '2023-13-08T16:04:48.000Z' }, '/timestamp format'],
    ['a number as a time', { ...payload, timestamp: 1 }, '/timestamp type'],
    ['no data', without, ' required'],
    ['data without an id', { ...payload, data: {} }, '/data required'],
    ['a number as an id', { ...payload, data: { id: 1 } }, '/data/id type'],
    [
      'merged mentions without any',
      { ...payload, data: { id: '1', merged: [] } },
      '/data/merged minItems',
    ],
  ])('%s', (_, wrong, error) => {
    expect(schemaErrors(wrong)).toContain(error);
  });
});

describe('a test.ping', () => {
  test('fits its schema, names the webhook, and is signed as every other event', () => {
    const { body, headers } = httpWebhook.ping(contextOf());
    expect(expectEvent(body, 'test.ping')).toMatchObject({
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
