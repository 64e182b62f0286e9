import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { AttemptResult, MentionDelivery } from '../../src/domain/delivery.ts';
import { mentionKey, parseMention } from '../../src/domain/mention.ts';
import { judge } from '../../src/delivering/verdict.ts';
import { WEBHOOK_TYPE_NAMES, type WebhookTypeName } from '../../src/domain/webhook.ts';
import { formatHttp } from '../../src/webhooks/http/http.ts';
import { webhookTypes } from '../../src/webhooks/registry.ts';
import type { WebhookType } from '../../src/webhooks/webhook-type.ts';
import { contextOf, deliveryOf, SIGNING_SECRETS, webhookOf } from '../webhooks/delivery-samples.ts';
import { EVENT_TYPES, expectEvent } from '../webhooks/http/http-payload.ts';
import {
  alertOf,
  LEFT,
  recoveredOf,
  type DOCUMENTED_POST,
} from '../webhooks/recovered-and-alert-samples.ts';
import { codeBlock, codeBlocks, read, ROOT, tables } from './markdown.ts';

const page = read('docs/deliveries.md');
const examples = codeBlocks(page)
  .filter(({ language }) => language === 'json')
  .map(({ code }) => JSON.parse(code) as Readonly<Record<string, unknown>>);
const created = examples.find((example) => example['type'] === 'mention.created');
const headers = codeBlock(page, 'http', 'webhook-id');

/** What a line of the example's headers says. */
function header(name: string): string {
  return new RegExp(`^${name}: (.+)$`, 'm').exec(headers)?.[1] ?? '';
}

/** The delivery that the page shows. */
function shownDelivery(): MentionDelivery {
  const parsed = parseMention(created?.['data']);
  if (!parsed.ok) throw new Error(parsed.error);
  const mention = parsed.value;
  const key = mentionKey(mention, 'mention');
  return { kind: 'mention', webhook: 'CRM', key, mention, polledAtMs: 0 };
}

describe('the examples of docs/deliveries.md', () => {
  test('are events of each type that fit their schemas', () => {
    const types = examples.flatMap((example) => example['type'] ?? []);
    expect(types).toEqual(EVENT_TYPES.filter((type) => type !== 'test.ping'));
    for (const event of examples.filter((example) => 'type' in example)) {
      expectEvent(JSON.stringify(event));
    }
  });

  test('show a recovered mention and alerts as they are sent', () => {
    const [recovered = {}, gap = {}, coverage = {}] = examples.filter(({ type }) =>
      ['mention.recovered', 'gap.detected', 'group.coverage_changed', 'relay.trouble'].includes(
        String(type),
      ),
    );
    const { group, content: _content, ...post } = recovered['data'] as typeof DOCUMENTED_POST;
    const about = coverage['data'] as Record<'change' | 'status', string> & {
      readonly group: { readonly id: string; readonly name: string };
    };
    const ms = (time: unknown): number => Date.parse(String(time));
    const missing = gap['data'] as Record<'missingFrom' | 'missingTo', string>;
    const deliveries = [
      recoveredOf(post, group as { id: string; name: string }),
      alertOf({
        type: 'gap.detected',
        fromMs: ms(missing.missingFrom),
        toMs: ms(missing.missingTo),
        detectedAtMs: ms(gap['timestamp']),
      }),
      alertOf({
        ...LEFT,
        groupId: about.group.id,
        groupName: about.group.name,
        changedAtMs: ms(coverage['timestamp']),
      }),
    ];
    expect(
      deliveries.map((each) => JSON.parse(formatHttp([each], contextOf()).body) as unknown),
    ).toEqual([recovered, gap, coverage]);
  });

  test('show the event as it is sent, signed with the secret of config/example.env', () => {
    const secret = /^#WEBHOOK_CRM_SECRET=(\S+)$/m.exec(read('config/example.env'))?.[1] ?? '';
    const webhook = webhookOf({ signingSecrets: [secret], headers: {} });
    const sent = formatHttp([shownDelivery()], {
      webhook,
      nowMs: Number(header('webhook-timestamp')) * 1000,
      userAgent: header('user-agent'),
    });
    expect(JSON.parse(sent.body)).toEqual(created);
    const shown = headers.trim().split('\n').toSorted();
    const lines = Object.entries(sent.headers).map(([name, value]) => `${name}: ${value}`);
    expect(shown).toEqual(lines.toSorted());
  });

  test('are those of README.md', () => {
    const short = codeBlock(read('README.md'), 'http', 'webhook-id');
    for (const line of headers.split('\n').filter((each) => each.startsWith('webhook-'))) {
      expect(short).toContain(line);
    }
    const beginning = /^\{.*(?=\.\.\.)/m.exec(short)?.[0] ?? 'no body';
    expect(JSON.stringify(created)).toContain(beginning);
  });
});

/** What becomes of one mention with this answer, in the words of the table. */
function wordFor(result: AttemptResult, type: WebhookType): string {
  const { url } = webhookOf();
  const { kind } = judge(result, (status, body) => type.accepted(status, body, url), 0);
  if (kind === 'content-refused') return type.simplified === undefined ? 'fail' : 'simplify';
  return kind;
}

const policyTable = tables(page).find(({ head }) => head.includes('chats'));
const answers = (policyTable?.rows ?? []).map(([answer = '', http = '', chats = '']) => ({
  answer,
  http,
  chats,
}));
/** The bodies by which the receivers of a type confirm a message. */
const CONFIRMED: Partial<Record<WebhookTypeName, string>> = {
  slack: 'ok',
  telegram: '{"ok":true}',
  ntfy: '{"event":"message"}',
};
const named = new Set(answers.flatMap(({ answer }) => answer.match(/\b\d{3}\b/g) ?? []));

/** The answers that a cell of the table stands for, each with this body. */
function resultsOf(cell: string, body: string): readonly AttemptResult[] {
  if (cell.startsWith('none')) return [{ kind: 'unanswered', code: 'ETIMEDOUT', durationMs: 1 }];
  const exact = (cell.match(/\b\d{3}\b/g) ?? []).map(Number);
  const ranges = (cell.match(/\b\dxx\b/g) ?? []).map((range) => Number(range[0]) * 100);
  const inRanges = ranges
    .flatMap((first) => Array.from({ length: 100 }, (_, index) => first + index))
    .filter((status) => !named.has(String(status)));
  return [...exact, ...inRanges].map((status) => ({
    kind: 'answered',
    status,
    headers: status === 503 ? { 'retry-after': '7' } : {},
    body,
    durationMs: 1,
  }));
}

describe('the table of answers', () => {
  describe.each(answers)('$answer', ({ answer, http, chats }) => {
    test.each(WEBHOOK_TYPE_NAMES)('for %s', (name) => {
      const words = name === 'http' ? http : chats;
      const body = CONFIRMED[name] ?? '';
      const results = resultsOf(answer, body);
      expect(results.length).toBeGreaterThan(0);
      for (const result of results) {
        expect(wordFor(result, webhookTypes[name]), JSON.stringify(result)).toBe(
          words.split(' ')[0],
        );
      }
    });
  });
});

test('the snippet for Node accepts a genuine request, and no other', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'relay-docs-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'snippet.mjs'), codeBlock(page, 'js', 'standardwebhooks'));
  const snippet = (await import(pathToFileURL(join(folder, 'snippet.mjs')).href)) as {
    readEvent: (secret: string, headers: object, body: string) => unknown;
  };

  const [secret, otherSecret] = SIGNING_SECRETS;
  const context = contextOf({
    webhook: webhookOf({ signingSecrets: [secret] }),
    nowMs: Date.now(),
  });
  const { headers: sent, body } = formatHttp([deliveryOf({ content: 'Grüße 😀' })], context);
  expect(snippet.readEvent(secret, sent, body)).toEqual(JSON.parse(body));
  expect(() => snippet.readEvent(otherSecret, sent, body)).toThrow('No matching signature');
  expect(() => snippet.readEvent(secret, sent, `${body} `)).toThrow('No matching signature');
});
