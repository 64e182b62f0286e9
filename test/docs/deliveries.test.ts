import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { VARIABLES } from '../../src/config/variables.ts';
import type { AttemptResult, MentionDelivery } from '../../src/domain/delivery.ts';
import { mentionKey, parseMention } from '../../src/domain/mention.ts';
import { judge } from '../../src/delivering/verdict.ts';
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
const events = examples.filter((example) => example['type'] === 'mention.created');
const batches = examples.filter((example) => example['type'] === 'mention.batch');
const headers = codeBlock(page, 'http', 'webhook-id');

/** What a line of the example's headers says. */
function header(name: string): string {
  return new RegExp(`^${name}: (.+)$`, 'm').exec(headers)?.[1] ?? '';
}

/** The delivery that the page shows. */
function shownDelivery(): MentionDelivery {
  const parsed = parseMention(events[0]?.['data']);
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
    expect(examples).toHaveLength(types.length);
    expect(events).toHaveLength(1);
    expect(batches).toHaveLength(1);
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
    expect(JSON.parse(sent.body)).toEqual(events[0]);
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
    expect(JSON.stringify(events[0])).toContain(beginning);
  });
});

/** What becomes of one mention with this answer, in the words of the table. */
function wordFor(result: AttemptResult, type: WebhookType): string {
  const { url } = webhookOf();
  const { kind } = judge(result, (status, body) => type.accepted(status, body, url), 0);
  if (kind === 'content-refused') return type.simplified === undefined ? 'fail' : 'simplify';
  return kind;
}

const policyTable = tables(page).find(({ head }) => head.includes('slack'));
const answers = (policyTable?.rows ?? []).map(
  ([answer = '', http = '', slack = '', discord = '', teams = '']) => ({
    answer,
    http,
    slack,
    discord,
    teams,
  }),
);
const named = new Set(answers.flatMap(({ answer }) => answer.match(/\b\d{3}\b/g) ?? []));

/** The answers that a cell of the table stands for, each with an HTTP body or Slack's. */
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
  test('has rows', () => {
    expect(answers.length).toBeGreaterThan(5);
  });

  describe.each(answers)('$answer', ({ answer, http, slack, discord, teams }) => {
    test.each([
      ['http', http, ''],
      ['slack', slack, 'ok'],
      ['discord', discord, ''],
      ['teams', teams, ''],
    ] as const)('for %s: %s', (name, words, body) => {
      const results = resultsOf(answer, body);
      expect(results.length).toBeGreaterThan(0);
      for (const result of results) {
        expect(wordFor(result, webhookTypes[name]), JSON.stringify(result)).toBe(
          words.split(' ')[0],
        );
      }
    });
  });

  test('a Slack answer of 200 without ok is tried again, as the table says', () => {
    const [result] = resultsOf('`2xx`', 'a page');
    if (result === undefined) throw new Error('no result');
    expect(wordFor(result, webhookTypes.slack)).toBe('retry');
    expect(answers.find(({ answer }) => answer === '`2xx`')?.slack).toContain('else retry');
  });
});

test('the schedule adds up to what the page says', () => {
  const delays = VARIABLES.RETRY_SCHEDULE_SECONDS.default.split(',').map(Number);
  const hours = delays.reduce((sum, delay) => sum + delay, 0) / 3600;
  expect(page).toContain(`${hours.toFixed(1)} hours`);
  expect(delays).toHaveLength(8);
  expect(page).toContain('up to eight more');
});

/** A request as a receiver gets it, and the secret that the receiver has. */
interface Request {
  readonly secret: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const [SECRET, OTHER_SECRET] = SIGNING_SECRETS;

function signed(secrets: readonly string[], ageSeconds = 0): Request {
  const context = contextOf({
    webhook: webhookOf({ signingSecrets: secrets }),
    nowMs: Date.now() - ageSeconds * 1000,
  });
  const text = 'Grüße from 東京 & <b>others</b> 😀';
  return { secret: SECRET, ...formatHttp([deliveryOf({ content: text })], context) };
}

/** What a receiver meets, and whether it may take it. */
function requests(): readonly {
  readonly what: string;
  readonly genuine: boolean;
  readonly request: Request;
}[] {
  const usual = signed([SECRET]);
  const rotating = signed([OTHER_SECRET, SECRET]);
  const changed = (name: string, value: string) => ({
    ...usual,
    headers: { ...usual.headers, [name]: value },
  });
  const { 'webhook-signature': _signature, ...unsigned } = usual.headers;
  return [
    { what: 'a signed message', genuine: true, request: usual },
    {
      what: 'the first of two signatures',
      genuine: true,
      request: { ...rotating, secret: OTHER_SECRET },
    },
    { what: 'the second of two signatures', genuine: true, request: rotating },
    { what: 'a changed body', genuine: false, request: { ...usual, body: `${usual.body} ` } },
    { what: 'a changed id', genuine: false, request: changed('webhook-id', 'msg_other') },
    { what: 'another secret', genuine: false, request: { ...usual, secret: OTHER_SECRET } },
    { what: 'a message of ten minutes ago', genuine: false, request: signed([SECRET], 600) },
    { what: 'a time that is none', genuine: false, request: changed('webhook-timestamp', 'now') },
    { what: 'no signature', genuine: false, request: { ...usual, headers: unsigned } },
    {
      what: 'a signature that is none',
      genuine: false,
      request: changed('webhook-signature', 'v1,'),
    },
  ];
}

/** Runs a program that reads requests from stdin and prints for each whether it took it. */
function judgedBy(program: string, args: readonly string[], cwd: string): Record<string, boolean> {
  const all = requests();
  const input = JSON.stringify(all.map(({ request }) => request));
  const output = execFileSync(program, args, { cwd, input, encoding: 'utf8' });
  const taken = JSON.parse(output) as boolean[];
  return Object.fromEntries(all.map(({ what }, index) => [what, taken[index] ?? false]));
}

const expected = Object.fromEntries(requests().map(({ what, genuine }) => [what, genuine]));

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'relay-docs-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const NODE_RUNNER = `
import { readFileSync } from 'node:fs';
import * as snippet from './snippet.mjs';
const [check] = Object.values(snippet);
const taken = ({ secret, headers, body }) => {
  try {
    const answer = check(secret, headers, body);
    return answer === true || answer?.type === 'mention.created';
  } catch (error) {
    if (error.constructor.name !== 'WebhookVerificationError') throw error;
    return false;
  }
};
process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, 'utf8')).map(taken)));
`;

const PYTHON_RUNNER = `
import json, sys
from snippet import is_genuine
requests = json.load(sys.stdin)
taken = [is_genuine(r["secret"], r["headers"], r["body"].encode()) for r in requests]
print(json.dumps(taken))
`;

const hasPython = spawnSync('python3', ['--version']).status === 0;

describe('a signature is verified as it should be by the snippet', () => {
  test.each([
    ['with the published library', 'standardwebhooks'],
    ['by hand', 'node:crypto'],
  ])('for Node, %s', (_how, holds) => {
    const folder = temporaryFolder();
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, 'snippet.mjs'), codeBlock(page, 'js', holds));
    writeFileSync(join(folder, 'runner.mjs'), NODE_RUNNER);
    expect(judgedBy(process.execPath, ['runner.mjs'], folder)).toEqual(expected);
  });

  test.runIf(hasPython)('for Python, by hand', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'snippet.py'), codeBlock(page, 'python', 'hashlib'));
    writeFileSync(join(folder, 'runner.py'), PYTHON_RUNNER);
    expect(judgedBy('python3', ['runner.py'], folder)).toEqual(expected);
  });
});
