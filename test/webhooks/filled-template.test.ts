import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { Webhook as Verifier } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config/env.ts';
import type { Delivery } from '../../src/domain/delivery.ts';
import { TEMPLATE_FIELDS, type Template } from '../../src/domain/template.ts';
import { formatHttp, httpWebhook } from '../../src/webhooks/http/http.ts';
import type { AnyMention } from '../../src/webhooks/mention-words.ts';
import { httpLink } from '../../src/webhooks/readable-text.ts';
import type { WebhookRequest } from '../../src/webhooks/webhook-type.ts';
import { filledIn } from '../helpers/filled-in.ts';
import { valueOf } from '../helpers/value-of.ts';
import {
  anyDelivery,
  contextOf,
  deliveryOf,
  HOSTILE_TEXTS,
  SIGNING_SECRETS,
  webhookOf,
} from './delivery-samples.ts';
import {
  answerAsService,
  HUBSPOT_TOKEN,
  N8N_TOKEN,
  PUSHOVER_TOKEN,
  PUSHOVER_USER,
  SERVICES,
} from './http/services.ts';
import { alertOf, anyRecovered, LEFT, recoveredOf } from './recovered-and-alert-samples.ts';

const FOLDER = 'config/templates';

function templateOf(text: string): Template {
  const env = {
    GROOUPLY_API_KEY: 'key',
    WEBHOOK_A_URL: 'https://a.example/',
    WEBHOOK_A_TEMPLATE_FILE: 'a.json',
  };
  const config = valueOf(readConfig(env, { readFile: () => text, stdoutIsTty: false }));
  const template = config.webhooks[0]?.template;
  if (!template) throw new Error('There is no template.');
  return template;
}

function contextWith(text: string, headers = {}) {
  return contextOf({ webhook: webhookOf({ template: templateOf(text), headers }) });
}

function filled(text: string, delivery: Delivery): unknown {
  return JSON.parse(formatHttp([delivery], contextWith(text)).body);
}

/** A template with each field in a property of its name. */
const ALL = JSON.stringify(
  Object.fromEntries(TEMPLATE_FIELDS.map((field) => [field, `{{${field}}}`])),
);

describe('the fields', () => {
  test('of a mention', () => {
    expect(filled(ALL, deliveryOf({ content: 'Post &amp; content\n <b>' }))).toEqual({
      keyword: 'Keyword name 1',
      content: 'Post & content\n <b>',
      position: 'post',
      link: 'https://facebook.com/groups/1617905175110739/permalink/3805136229720945',
      'owner.id': '100073695043540',
      'owner.name': 'Post owner name',
      'owner.link': 'https://facebook.com/profile.php?id=100073695043540',
      'group.id': '1617905175110739',
      'group.name': 'Real Estate Referral Network',
      id: '29439935',
      title: 'Keyword name 1 in Real Estate Referral Network',
      excerpt: 'Post & content\n<b>',
      author: 'Post owner name',
      alsoFound: '',
      spotted: '2023-11-08T16:04:48.000Z',
      spottedSeconds: '1699459488',
      messageId: formatHttp([deliveryOf()], contextOf()).headers['webhook-id'],
    });
  });

  test('of a mention with others of its post or lead', () => {
    const names = Array.from({ length: 30 }, (_, at) => `Group ${at} of many`);
    const others = names.map((name) => deliveryOf({ group: { id: '1', name } }).mention);
    const { alsoFound } = filled(ALL, { ...deliveryOf(), others }) as { alsoFound: string };
    expect(alsoFound).toMatch(/^Also found: in Group 0 of many · .* · \d+ more$/);
    expect(alsoFound.length).toBeLessThanOrEqual(200);
  });

  test('of a recovered mention, without those that are not known', () => {
    expect(filled(ALL, recoveredOf())).toMatchObject({
      keyword: 'your keyword 1',
      content: '',
      position: '',
      link: 'https://facebook.com/groups/965673390154514/permalink/6719635918091537',
      'owner.link': '',
      'group.name': 'Group name',
      id: '',
      excerpt: 'Recovered after a gap: open the post to read it.',
      messageId: 'msg_recovered-mention-key0',
    });
  });

  test.each([
    [
      'a link without its scheme',
      { link: 'facebook.com/groups/1' },
      'https://facebook.com/groups/1',
    ],
    ['a link that is none', { link: 'javascript:alert(1)' }, ''],
    ['a link of 3,000 characters', { link: `https://facebook.com/${'x'.repeat(3_000)}` }, ''],
  ])('of a mention with %s', (_, item, link) => {
    expect(filled('{"link": "{{link}}"}', deliveryOf(item))).toEqual({ link });
  });

  test('are times of the poll if a mention has none', () => {
    expect(filled(ALL, deliveryOf({ spotted: 'soon' }, 1_700_000_000_000))).toMatchObject({
      spotted: '2023-11-14T22:13:20.000Z',
      spottedSeconds: '1700000000',
    });
  });
});

describe('a section', () => {
  const TEXT = '{"a": "{{#author}}by {{author}}{{/author}}{{^author}}\\"nobody\\"{{/author}}"}';

  test.each([
    ['a value', { owner: { id: '1', name: 'Dana "R."' } }, 'by Dana "R."'],
    ['none', { owner: null }, '"nobody"'],
    // Names that JavaScript's texts have too: mentions are no objects to look into.
    ['a name of code', { owner: { id: '1', name: 'constructor' } }, 'by constructor'],
  ])('depends on %s', (_, item, a) => {
    expect(filled(TEXT, deliveryOf(item))).toEqual({ a });
  });
});

/** Returns a text with U+FFFD for every NUL and every half of a character. */
function whole(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\ufffd');
}

test('the body has just the fields of its mention, whatever a stranger wrote and however much', () => {
  const context = contextWith(ALL);
  const check = (delivery: AnyMention): void => {
    const { body } = formatHttp([delivery], context);
    expect(Buffer.from(body, 'utf8').toString('utf8'), 'survives UTF-8').toBe(body);
    const fields = JSON.parse(body) as Readonly<Record<string, string>>;
    expect(Object.keys(fields)).toEqual([...TEMPLATE_FIELDS]);
    for (const value of Object.values(fields)) expect(value).toBe(whole(value));
    const { mention } = delivery;
    expect(fields).toMatchObject({
      keyword: whole(mention.keyword),
      content: delivery.kind === 'mention' ? whole(delivery.mention.content) : '',
      position: delivery.kind === 'mention' ? whole(delivery.mention.position) : '',
      'owner.name': whole(mention.owner.name),
      'group.id': whole(mention.group.id),
      'group.name': whole(mention.group.name),
    });
    const limits = { title: 150, excerpt: 600, author: 80, link: 2_000, 'owner.link': 2_000 };
    for (const [field, limit] of Object.entries(limits)) {
      expect(fields[field]?.length, field).toBeLessThanOrEqual(limit);
    }
  };
  for (const text of [...HOSTILE_TEXTS, '"\\'.repeat(500_000)]) {
    const [name, link] = [text, text];
    const people = { owner: { id: '1', name, link }, group: { id: text, name } };
    check(deliveryOf({ keyword: text, position: text, content: text, link, ...people }));
  }
  fc.assert(fc.property(fc.oneof(anyDelivery, anyRecovered), check), { numRuns: 200 });
});

test('a value is a text, whatever it looks like, and no part of it is read as a tag', () => {
  const delivery = deliveryOf({ keyword: '{{owner.id}}', content: '"}, {"a": null, \\u0022' });
  expect(filled('["{{keyword}}{{content}}", "{{spottedSeconds}}", 1]', delivery)).toEqual([
    '{{owner.id}}"}, {"a": null, \\u0022',
    '1699459488',
    1,
  ]);
});

test('a request with a template is signed over its own body', () => {
  const { body, headers } = formatHttp([deliveryOf()], {
    ...contextWith(ALL),
    nowMs: Date.now(),
  });
  const [secret] = SIGNING_SECRETS;
  expect(new Verifier(secret).verify(body, { ...headers })).toMatchObject({ id: '29439935' });
});

test('an alert that was queued before there was a template is the usual event', () => {
  const body = formatHttp([alertOf(LEFT)], contextWith(ALL)).body;
  expect(body).toBe(formatHttp([alertOf(LEFT)], contextOf()).body);
});

test('a test.ping is a mention with a value in every field, signed under its own id', () => {
  const { body, headers } = httpWebhook.ping(contextWith(ALL));
  const fields = JSON.parse(body) as Readonly<Record<string, string>>;
  expect(Object.keys(fields)).toEqual([...TEMPLATE_FIELDS]);
  expect(Object.values(fields)).not.toContain('');
  expect(fields).toMatchObject({
    keyword: 'test.ping',
    spotted: '2023-11-08T16:06:07.890Z',
    messageId: headers['webhook-id'],
  });
  expect(fields['excerpt']).toContain('mentions for the webhook SALES will arrive here');
});

test('the preview has the lines of the template, and hides what may be a token', () => {
  const text = '{\r\n  "token": "hidden",\n  "n": 12345678901234567890, "a": "{{keyword}}"\n}';
  const webhook = webhookOf({ template: templateOf(text) });
  expect(httpWebhook.preview(deliveryOf({ keyword: 'a\nb' }), webhook)).toEqual([
    '{',
    '  "token": "***",',
    '  "n": 12345678901234567890, "a": "a\\nb"',
    '}',
  ]);
});

describe('the template of', () => {
  const names = readdirSync(FOLDER).map((file) => file.replace('.json', ''));
  const headers = { authorization: `Bearer ${HUBSPOT_TOKEN}`, 'x-relay-token': N8N_TOKEN };

  test.each(names)(
    '%s makes requests that the service accepts, whatever a stranger wrote',
    (name) => {
      const text = readFileSync(join(FOLDER, `${name}.json`), 'utf8')
        .replace('your-application-token', PUSHOVER_TOKEN)
        .replace('your-user-key', PUSHOVER_USER);
      const context = contextWith(text, headers);
      const check = ({ body, headers: sent }: WebhookRequest) => {
        const path = SERVICES[name]?.path ?? '';
        const { status } = answerAsService({ path, headers: { ...sent }, text: body });
        expect(status, body).toBe(name === 'hubspot' ? 201 : 200);
      };
      check(httpWebhook.ping(context));
      check(formatHttp([recoveredOf({ owner: null })], context));
      fc.assert(
        fc.property(fc.oneof(anyDelivery, anyRecovered), (delivery) => {
          // The longest post of Facebook; Pushover takes no longer link.
          fc.pre(delivery.kind === 'recovered' || delivery.mention.content.length <= 63_206);
          fc.pre(
            name !== 'pushover' || (httpLink(delivery.mention.link, 2_000) ?? '').length <= 512,
          );
          check(formatHttp([delivery], context));
        }),
        { numRuns: 100 },
      );
    },
  );

  test.each(names)('%s is valid once its placeholders are filled in', (name) => {
    const text = readFileSync(join(FOLDER, `${name}.json`), 'utf8');
    expect(templateOf(filledIn(text)).fields.length).toBeGreaterThan(3);
    expect(names.toSorted()).toEqual(Object.keys(SERVICES).toSorted());
  });
});
