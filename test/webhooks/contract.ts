import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeEntities } from '../../src/domain/foreign/decoded-text.ts';
import type { Delivery, DeliveryKind } from '../../src/domain/delivery.ts';
import type { JsonObject } from '../../src/domain/mention.ts';
import { WEBHOOK_TYPES, type Ping, type Webhook } from '../../src/domain/webhook.ts';
import type { WebhookRequest, WebhookType } from '../../src/webhooks/webhook-type.ts';
import {
  anyDelivery,
  contextOf,
  deliveryOf,
  HEADER_SECRET,
  HOSTILE_TEXTS,
  SIGNING_SECRETS,
  URL_SECRET,
  webhookOf,
  withOthers,
} from './delivery-samples.ts';
import {
  alertOf,
  anyAlert,
  anyRecovered,
  LEFT,
  recoveredOf,
} from './recovered-and-alert-samples.ts';

/** Asserts the rules of one type for a body, beyond those of all types. It must ping just as told. */
export type CheckBody = (
  body: string,
  deliveries: readonly Delivery[],
  ping: Ping | undefined,
  form: 'message' | 'digest',
) => void;

// Every form of every type is asked for the same deliveries, which never change: made once, their
// words are read once.

/** A field, and an item of the API in which a text stands there. */
type Field = readonly [string, (text: string) => JsonObject];

const FIELDS: readonly Field[] = [
  ['keyword', (keyword) => ({ keyword })],
  ['position', (position) => ({ position })],
  ['content', (content) => ({ content })],
  ['link', (link) => ({ link })],
  ["owner's name", (name) => ({ owner: { id: '1', name, link: '' } })],
  ["group's name", (name) => ({ group: { id: '1', name } })],
  ["group's id", (id) => ({ group: { id, name: '' } })],
  ['spotted time', (spotted) => ({ spotted })],
  ['unknown field', (text) => ({ [text]: text, other: [text, { text }] })],
];

const POST_FIELDS: readonly Field[] = [
  ['keyword', (keyword) => ({ keyword })],
  ['link', (link) => ({ link })],
  ["owner's name", (name) => ({ owner: { id: '1', name } })],
  ['spotted time', (spotted) => ({ timestamps: { spotted } })],
  ['unknown field', (text) => ({ [text]: text, content: text, group: { text } })],
];

/** The fields of a mention, with one mention for each hostile text that stands there. */
export const HOSTILE_MENTIONS = FIELDS.map(
  ([field, item]) => [field, HOSTILE_TEXTS.map((text) => deliveryOf(item(text)))] as const,
);

/** The same of a recovered mention. */
export const HOSTILE_RECOVERED = POST_FIELDS.map(
  ([field, post]) => [field, HOSTILE_TEXTS.map((text) => recoveredOf(post(text)))] as const,
);

const HOSTILE_OTHERS = FIELDS.map(([, item]) => withOthers(deliveryOf(), HOSTILE_TEXTS.map(item)));

const HOSTILE_ALERTS = ['', ...HOSTILE_TEXTS, 'x'.repeat(1_000_000)].flatMap((text) => [
  alertOf({ ...LEFT, groupId: text, groupName: text, status: text }),
  alertOf({ ...LEFT, groupId: text, groupName: null }),
]);

const ENCODINGS = [
  (text: string) => text.replaceAll('&', '&amp;'),
  (text: string) => text.replace(/[&<>"'@[\]()*`|]/g, (mark) => `&#${mark.charCodeAt(0)};`),
];

/** Deliveries of each hostile text, with its `&` alone and with all of its marks as entities. */
const ENCODED = HOSTILE_TEXTS.map(decodeEntities).map((text) =>
  ENCODINGS.map((encode): readonly Delivery[] => {
    const name = encode(text);
    const link = `https://facebook.com/?a=1&amp;b=${encode(text.toWellFormed())}`;
    const item = { keyword: name, content: name, position: name, link };
    const owner = { id: '1', name, link };
    const group = { id: '1', name };
    return [
      deliveryOf({ ...item, owner, group }),
      recoveredOf({ ...item, owner }, group),
      alertOf({ ...LEFT, groupName: name, status: name }),
    ];
  }),
);

/** Mentions in which every field is far beyond all limits. */
const HUGE_MENTIONS = [
  ...['x', '&', '\u0301', '😀', '\u200d', ' \n'].map((unit) => unit.repeat(100_000 / unit.length)),
  '&'.repeat(1_000_000),
].map((text) => {
  const [id, name, link] = [text, text, `https://facebook.com/${text}`];
  const people = { owner: { id, name, link }, group: { id, name } };
  return deliveryOf({ id, keyword: text, position: text, content: text, link, ...people });
});

const HUGE_OTHERS = ((keyword: string, name: string) =>
  withOthers(deliveryOf(), [{ keyword, link: name, group: { id: name, name } }]))(
  '&'.repeat(100_000),
  '😀'.repeat(50_000),
);

/** Mentions of which a full batch can not be whole, but for their links. */
const LONG_MENTIONS = ['x', '"', '\\', '&', '日', '😀', 'k '].flatMap((unit) => {
  const text = unit.repeat(2_000 / unit.length);
  return [145, 160, 390, 490, 4_000].flatMap((length) => {
    const link = `https://facebook.com/${'x'.repeat(length - 21)}`;
    const people = { owner: { id: '1', name: text, link }, group: { id: '1', name: text } };
    // A keyword that stands in the content again and again, beside a short and a long link.
    const again = [145, 490].includes(length) ? [unit.trim()] : [];
    return [text, ...again].map((keyword) =>
      deliveryOf({ keyword, position: text, content: text, link, ...people }),
    );
  });
});

/** Mentions of which each lists many others, all beyond all limits. */
const LONG_OTHERS = ['"', '\\', '&', '日'].flatMap((unit) => {
  const text = unit.repeat(200);
  const items = Array.from({ length: 9 }, (_item, at) => {
    return { keyword: `${at} ${text}`, group: { id: '2', name: `${at} ${text}` } };
  });
  return [145, 490].map((length) => {
    const link = `https://facebook.com/${'x'.repeat(length - 21)}`;
    const people = { owner: { id: '1', name: text, link }, group: { id: '1', name: text } };
    const item = { keyword: text, position: text, content: text.repeat(9), link, ...people };
    return withOthers(deliveryOf(item), items);
  });
});

const ANY: Readonly<Record<DeliveryKind, fc.Arbitrary<Delivery>>> = {
  mention: anyDelivery,
  recovered: anyRecovered,
  alert: anyAlert,
};

/**
 * Tests the promises of every webhook type, for its usual and its simplified request. Only the usual
 * one pings, with mentions. Each type's own tests add what its receivers see.
 */
export function describeWebhookType(
  type: WebhookType,
  checkBody: CheckBody,
  settings: Partial<Webhook> = {},
): void {
  const webhookWith = (changes: Partial<Webhook> = {}) =>
    webhookOf({ ...settings, type: type.name, ...changes });
  const context = contextOf({ webhook: webhookWith() });
  const called = [type.name, ...(context.webhook.plain ? ['plain'] : [])].join(' ');
  const forms: (readonly [string, WebhookType['request']])[] = [['request', type.request]];
  if (type.simplified !== undefined) forms.push(['simplified request', type.simplified]);

  const maxBatchSize = WEBHOOK_TYPES[type.name].maxBatchSize;

  function checkAs(request: WebhookType['request'], deliveries: readonly Delivery[]): void {
    const sent = request(deliveries, context);
    expectSound(sent);
    const pings = request === type.request && deliveries.every(({ kind }) => kind !== 'alert');
    checkBody(sent.body, deliveries, pings ? context.webhook.pings[0] : undefined, 'message');
  }

  describe(`each request of the ${called} webhook`, () => {
    const check = (...deliveries: readonly Delivery[]): void => {
      for (const [, request] of forms) checkAs(request, deliveries);
    };

    test.each(['mention', 'recovered', 'alert'] as const)(
      'is sound for any delivery at all of kind %s',
      (kind) => {
        fc.assert(
          fc.property(ANY[kind], (delivery) => check(delivery)),
          { numRuns: 50 },
        );
      },
    );

    test.each(type.batched)('is sound for any batch at all of kind %s', (kind) => {
      const batch = fc.array(ANY[kind], { minLength: 2, maxLength: maxBatchSize });
      fc.assert(
        fc.property(batch, (deliveries) => check(...deliveries)),
        { numRuns: 20 },
      );
    });
  });

  describe.each(forms)(`the ${called} webhook's %s`, (_form, request) => {
    const check = (...deliveries: readonly Delivery[]): void => checkAs(request, deliveries);

    test.each(HOSTILE_MENTIONS)('is sound whatever a stranger writes as the %s', (_, mentions) => {
      for (const mention of mentions) check(mention);
    });

    test('is sound when every field is empty', () => {
      const none = { keyword: '', position: '', content: '', link: '', spotted: '' };
      check(deliveryOf({ ...none, owner: {}, group: {} }));
      check(deliveryOf({ ...none, owner: null, group: null, keyword: null, content: null }));
    });

    test('is sound when every field is far beyond all limits, up to a megabyte', () => {
      for (const mention of [...HUGE_MENTIONS, HUGE_OTHERS]) check(mention);
    });

    test('is sound whatever strangers write in the other mentions that it lists', () => {
      for (const mention of HOSTILE_OTHERS) check(mention);
    });

    test('lists the keywords and groups of other mentions', () => {
      const others = [{ keyword: 'Second keyword' }, { group: { id: '2', name: 'Second group' } }];
      const { body } = request([withOthers(deliveryOf(), others)], context);
      for (const words of ['Second keyword', 'Second group']) expect(body).toContain(words);
    });

    test.each(HOSTILE_RECOVERED)(
      'is sound whatever a stranger writes as the %s of a recovered mention',
      (_, mentions) => {
        for (const mention of mentions) check(mention);
      },
    );

    test('is sound for a recovered mention of which nothing is known', () => {
      const none = { keyword: null, link: null, owner: null, timestamps: null };
      check(recoveredOf(none, { id: '', name: '' }));
    });

    test('is sound whatever an alert has as name, id and status of a group', () => {
      for (const alert of HOSTILE_ALERTS) check(alert);
    });

    // The JSON of http keeps them.
    if (type.name !== 'http') {
      test('shows text with entities as that which they stand for', () => {
        for (const encodings of ENCODED) {
          const [once, all] = encodings.map((deliveries) =>
            deliveries.map((delivery) => {
              check(delivery);
              return request([delivery], context).body;
            }),
          );
          expect(once).toEqual(all);
        }
      });
    }

    test('is sound for a full batch in which every field is beyond all limits', () => {
      // What has no limits cuts nothing: one batch shows it.
      const mentions = type.name === 'http' ? LONG_MENTIONS.slice(0, 1) : LONG_MENTIONS;
      for (const mention of mentions) check(...Array<Delivery>(maxBatchSize).fill(mention));
    });

    test('is sound for a full batch in which each lists many others, all beyond all limits', () => {
      for (const mention of LONG_OTHERS) check(...Array<Delivery>(maxBatchSize).fill(mention));
    });

    test.each(type.batched)('keeps each delivery of a full batch whole, of kind %s', (kind) => {
      const words = Array.from({ length: maxBatchSize }, (_item, at) => `keyword-${at}-end`);
      const deliveries = words.map((keyword) =>
        kind === 'recovered' ? recoveredOf({ keyword }) : deliveryOf({ keyword, content: keyword }),
      );
      const { body } = request(deliveries, context);
      for (const word of words) expect(body).toContain(word);
    });

    test('is JSON with the user agent and the extra headers, and holds no secret but in them', () => {
      const { body, headers } = request([deliveryOf()], context);
      expectJsonHeaders(headers);
      expectNoSecret(body, headers);
    });

    test('lets extra headers replace neither the content type nor the webhook headers', () => {
      const usual = request([deliveryOf()], context).headers;
      const extra = { 'Content-Type': 'text/html', 'webhook-id': 'x', 'Webhook-Signature': 'x' };
      const webhook = webhookWith({ headers: { ...extra, 'x-api-key': HEADER_SECRET } });
      expect(request([deliveryOf()], { ...context, webhook }).headers).toEqual(usual);
    });

    test('has the same body at every attempt', () => {
      const later = { ...context, nowMs: context.nowMs + 3_600_000 };
      for (const each of [deliveryOf(), recoveredOf(), alertOf()]) {
        expect(request([each], later).body).toBe(request([each], context).body);
      }
    });
  });

  describe(`the ${called} webhook's preview`, () => {
    test('shows keyword, group and content of a mention, and the subject of an alert', () => {
      const shown = (delivery: Delivery) => type.preview(delivery, context.webhook).join('\n');
      const mention = shown(deliveryOf());
      for (const words of ['Keyword name 1', 'Real Estate Referral Network', 'Post content']) {
        expect(mention).toContain(words);
      }
      expect(mention).toContain('https://facebook.com/groups/1617905175110739/permalink/');
      expect(shown(recoveredOf())).toContain('your keyword 1');
      expect(shown(alertOf(LEFT))).toContain('Group name');
    });

    test('has every line on its own, whatever a stranger writes', () => {
      for (const text of HOSTILE_TEXTS) {
        const group = { id: '1', name: text };
        const lines = type.preview(
          deliveryOf({ keyword: text, content: text, group }),
          context.webhook,
        );
        expect(lines.join('')).not.toContain('\n');
      }
    });
  });

  describe.each([
    ['test.ping', type.ping],
    ['probe', type.probe.request],
  ] as const)(`the ${called} webhook's %s`, (_, request) => {
    test('is JSON with the user agent and the extra headers, and holds no secret but in them', () => {
      const { body, headers } = request(context);
      if (body !== '') expect(JSON.parse(body)).toBeTypeOf('object');
      expectJsonHeaders(headers);
      expectNoSecret(body, headers);
    });
  });

  test(`the ${called} webhook's probe takes no foreign text into its reason`, () => {
    for (const text of HOSTILE_TEXTS) {
      for (const status of [403, 404, 410, 429, 500]) {
        const reading = type.probe.read(status, text, webhookOf().url);
        const reason = reading.kind === 'there' ? 'status 0' : reading.reason;
        expect(reason).toMatch(/^status \d+(?:: [a-z_]{1,60})?$/);
      }
    }
  });

  describe(`the ${called} webhook's receivers`, () => {
    test.each([100, 199, 300, 302, 400, 401, 404, 410, 422, 429, 500, 503])(
      'have not taken a message that they answer with %i',
      (status) => {
        expect(type.accepted(status, 'ok', webhookOf().url)).toMatchObject({ accepted: false });
      },
    );

    test('can put no foreign text into a reason', () => {
      for (const text of HOSTILE_TEXTS) {
        for (const body of [text, `${text} https://hooks.example.com/${URL_SECRET}`]) {
          const verdict = type.accepted(500, body, webhookOf().url);
          if (verdict.accepted) throw new Error('A 500 was taken for a success.');
          expect(verdict.reason).toMatch(/^status 500(?:: [a-z_]{1,60})?$/);
        }
      }
    });
  });
}

/** Asserts what holds for each request: a body of JSON in whole characters, headers that can be sent. */
export function expectSound({ body, headers }: WebhookRequest): void {
  const broken: unknown[] = [];
  const parsed: unknown = JSON.parse(body, (name, value: unknown) => {
    broken.push(...[name, value].filter((text) => typeof text === 'string' && isBroken(text)));
    return value;
  });
  expect(parsed, 'a JSON object').toBeTypeOf('object');
  expect(broken, 'whole characters').toEqual([]);
  expect(Buffer.from(body, 'utf8').toString('utf8'), 'survives UTF-8').toBe(body);
  for (const value of Object.values(headers)) {
    expect(value, 'a header value that can be sent').toMatch(/^[\t\u0020-\u007e]*$/);
  }
}

/** Returns true for text with a NUL or half a character, which some receivers refuse. */
function isBroken(text: string): boolean {
  return text.includes('\0') || !text.isWellFormed();
}

/** Asserts the headers of every request. */
export function expectJsonHeaders(headers: Readonly<Record<string, string>>): void {
  expect(headers).toMatchObject({
    'content-type': 'application/json',
    'user-agent': 'mention-relay/1.2.3',
    'x-api-key': HEADER_SECRET,
  });
  for (const name of Object.keys(headers)) expect(name).toBe(name.toLowerCase());
}

/** Asserts that no secret of the webhook is sent, but for the extra headers in their own place. */
export function expectNoSecret(body: string, headers: Readonly<Record<string, string>>): void {
  const { 'x-api-key': _own, ...others } = headers;
  // ntfy takes JSON at its root: the topic, which is the URL's path, stands in the body.
  const sent = body.replace(`"topic":"${URL_SECRET}"`, '') + JSON.stringify(others);
  for (const secret of [URL_SECRET, HEADER_SECRET, ...SIGNING_SECRETS.map((s) => s.slice(6))]) {
    expect(sent).not.toContain(secret);
  }
}
