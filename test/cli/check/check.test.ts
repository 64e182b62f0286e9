import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { explainApiError } from '../../../src/cli/access/relay-api.ts';
import { checkConfiguration, checkSchedule } from '../../../src/cli/check/check-configuration.ts';
import { checkContentFilters } from '../../../src/cli/check/check-content-filters.ts';
import { checkFilters, checkGroups, needsDetails } from '../../../src/cli/check/check-groups.ts';
import { checkMonitoring } from '../../../src/cli/check/check-monitoring.ts';
import { judgePing, judgeProbe } from '../../../src/cli/check/check-webhooks.ts';
import { checkClock, type Finding } from '../../../src/cli/check/finding.ts';
import type { AttemptResult } from '../../../src/domain/delivery.ts';
import type { Mention } from '../../../src/domain/mention.ts';
import type { Webhook } from '../../../src/domain/webhook.ts';
import {
  GroouplyError,
  type Group,
  type GroupDetails,
} from '../../../src/groouply/groouply-shapes.ts';
import { configOf } from '../../helpers/config-of.ts';
import { mention } from '../../helpers/mentions.ts';
import { rulesOf } from '../../helpers/phrase-rules.ts';
import { webhookOf } from '../../webhooks/delivery-samples.ts';

type Env = Record<string, string>;

/** Returns level and code of the findings that are not ok; their texts must hold these words. */
function bad(findings: readonly Finding[], words: readonly string[] = []): string[] {
  const found = findings.filter(({ level }) => level !== 'ok');
  const texts = found.map(({ text }) => text).join('\n');
  for (const word of words) expect(texts).toContain(word);
  return found.map(({ level, code }) => `${level} ${code}`);
}

const SAME_URL = { WEBHOOK_B_URL: 'https://a.example/secret-path' };
const ALERTS = { WEBHOOK_A_EVENTS: 'alerts', WEBHOOK_A_EXCLUDE: 'hiring' };

test.each<[string, Env, string[], string[]?]>([
  ['nothing unusual', {}, []],
  ['one URL twice', SAME_URL, ['warning same_url'], ['A and B have the same URL: a mention']],
  ['one URL, for mentions and for alerts', { ...SAME_URL, WEBHOOK_B_EVENTS: 'alerts' }, []],
  [
    'one URL that receives alerts twice',
    { ...SAME_URL, WEBHOOK_B_EVENTS: 'alerts', WEBHOOK_A_EVENTS: 'all' },
    ['warning same_url'],
    ['A and B have the same URL: each alert'],
  ],
  [
    'a webhook for alerts alone, with filters',
    {
      ...ALERTS,
      WEBHOOK_A_KEYWORDS: 'crm',
      WEBHOOK_A_POSITIONS: 'x',
      WEBHOOK_A_INCLUDE: 'crm*',
      WEBHOOK_A_EXCLUDE_AUTHORS: '7',
    },
    ['warning no_mentions', ...Array<string>(5).fill('warning useless_filter')],
    ['_KEYWORDS', '_POSITIONS', '_INCLUDE', '_EXCLUDE', '_EXCLUDE_AUTHORS'].map(
      (name) => `WEBHOOK_A${name} has`,
    ),
  ],
  [
    'a webhook for alerts alone, with working hours',
    { ...SAME_URL, WEBHOOK_B_EVENTS: 'alerts', WEBHOOK_B_HOURS: '08:00-18:00' },
    ['warning useless_hours'],
    ['WEBHOOK_B_HOURS has no effect'],
  ],
  [
    'a webhook for alerts alone, with a digest',
    { ...SAME_URL, WEBHOOK_B_EVENTS: 'alerts', WEBHOOK_B_DIGEST: 'hourly' },
    ['warning useless_hours'],
    ['WEBHOOK_B_DIGEST has no effect'],
  ],
  ['a webhook for mentions, with working hours', { WEBHOOK_A_HOURS: '08:00-18:00' }, []],
  [
    'a webhook for alerts alone, with a ping',
    {
      WEBHOOK_B_URL: 'https://b.example',
      WEBHOOK_B_TYPE: 'slack',
      WEBHOOK_B_EVENTS: 'alerts',
      WEBHOOK_B_PING: '@here',
    },
    ['warning useless_pings'],
    ['WEBHOOK_B_PING has no effect'],
  ],
  [
    'a digest with a ping',
    {
      WEBHOOK_B_URL: 'https://b.example',
      WEBHOOK_B_TYPE: 'slack',
      WEBHOOK_B_DIGEST: 'hourly',
      WEBHOOK_B_PING: '@here',
    },
    ['warning useless_pings'],
    ['digests ping nobody'],
  ],
  [
    'a known variable that Kubernetes sets',
    { HEALTH_PORT: 'tcp://10.0.0.1:80' },
    ['warning service_links'],
    ['are ignored: HEALTH_PORT'],
  ],
  [
    'an undocumented position',
    { WEBHOOK_A_POSITIONS: 'post, body' },
    ['warning unknown_positions'],
    ['may match nothing: WEBHOOK_A_POSITIONS'],
  ],
])('the configuration with %s', (_, env, expected, words) => {
  const findings = checkConfiguration(configOf(env));
  expect(findings[0]?.text).toMatch(/^the configuration is valid: .*A \(http\)/);
  expect(bad(findings, words)).toEqual(expected);
  expect(JSON.stringify(findings)).not.toContain('secret-path');
});

test.each<[string, string, string[]]>([
  ['50', '10', []],
  ['60', '2', []],
  ['30', '1', ['interval_stretched']],
  ['1', '10', ['interval_stretched', 'no_room_for_sweeps']],
  ['6', '10', ['interval_stretched', 'no_room_for_sweeps']],
  ['8', '10', []],
  ['3', '60', []],
])('the schedule of a budget of %s, polled every %s s', (requests, interval, codes) => {
  const env = { RATE_BUDGET_PER_MINUTE: requests, POLL_INTERVAL_SECONDS: interval };
  expect(checkSchedule(configOf(env)).map(({ code }) => code)).toEqual(codes);
});

test('a stretched interval is named', () => {
  const env = { RATE_BUDGET_PER_MINUTE: '30', POLL_INTERVAL_SECONDS: '1' };
  expect(checkSchedule(configOf(env))[0]?.text).toMatch(/every 2\.3 s .*not every 1 s/);
});

describe('the health port', () => {
  const codeFor = async (port: number) => {
    const health = { host: '127.0.0.1', port };
    const [finding] = await checkMonitoring({ health, heartbeatUrl: null });
    return finding?.code;
  };

  test('is free, taken, or served by a running relay', async () => {
    expect(await codeFor(0)).toBe('port_free');
    let body = '<html>';
    const server = createServer((_, response) => response.end(body));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    expect(await codeFor(port)).toBe('port_not_served');
    body = '{"alive":true}';
    expect(await codeFor(port)).toBe('port_served');
  });

  test('has no finding if it is not set; HEARTBEAT_URL is mentioned but not requested', async () => {
    expect(await checkMonitoring({ health: null, heartbeatUrl: null })).toEqual([]);
    const heartbeatUrl = new URL('http://127.0.0.1:1/secret');
    const [finding] = await checkMonitoring({ health: null, heartbeatUrl });
    expect(finding?.level).toBe('ok');
    expect(finding?.text).not.toContain('secret');
  });
});

const groupOf = (id: string, tracked = true): Group => ({
  id,
  status: tracked ? '2' : '1',
  statusString: tracked ? 'tracking' : 'pending access',
  url: { facebook: '', groouply: '' },
});
const detailsOf = (id: string, name: string, ...keywords: string[]): [string, GroupDetails] => {
  const { status, statusString } = groupOf(id);
  const info = { id, name, status, statusString, description: '', owner: '', privacy: '' };
  return [
    id,
    { info, keywords: keywords.map((word) => ({ name: word, type: 'broad' })), posts: [] },
  ];
};
const accountOf = (groups: readonly Group[], ...details: [string, GroupDetails][]) => ({
  account: { registered: '', groups: { all: groups.length, tracking: 0 } },
  groups,
  details: new Map(details),
});

describe('the groups of the account', () => {
  const NONE = 'problem none_tracked';
  const waiting = Array.from({ length: 41 }, (_, index) => groupOf(`${index + 1}`, false));
  const named = detailsOf('2', 'Owners\u001b[2J');

  test.each<[string, ReturnType<typeof accountOf>, string[], string[]?]>([
    ['all tracked', accountOf([groupOf('1')]), []],
    ['none', accountOf([]), [NONE]],
    ['none tracked', accountOf([groupOf('1', false)]), [NONE, 'warning not_tracked']],
    [
      'one that waits for access, with its name',
      accountOf([groupOf('1'), groupOf('2', false)], named),
      ['warning not_tracked'],
      ['1 group is not tracked: Owners\\u{1b}[2J (2): pending access'],
    ],
    [
      'many that wait for access, in one finding',
      accountOf([groupOf('0'), ...waiting]),
      ['warning not_tracked'],
      [
        '41 groups are not tracked: 1: pending access; 2: pending access;',
        '5: pending access; and 36 more',
      ],
    ],
  ])('%s', (_, account, expected, words) => {
    expect(bad(checkGroups(account), words)).toEqual(expected);
  });

  test('that wait for access need access', () => {
    const [finding] = checkGroups(accountOf([groupOf('1', false)]));
    expect(finding?.todo).toContain('give Groouply access');
  });

  test.each<[string, Partial<Webhook>, Group, boolean]>([
    ['no filter', {}, groupOf('1'), false],
    ['a group that is not tracked', {}, groupOf('1', false), true],
    ['keywords', { filter: { keywords: ['crm'] } }, groupOf('1'), true],
    [
      'keywords of alerts',
      { filter: { keywords: ['crm'] }, events: 'alerts' },
      groupOf('1'),
      false,
    ],
    ['exclusions', { filter: { exclude: rulesOf('crm') } }, groupOf('1'), true],
  ])('are requested one by one only if necessary: %s', (_, webhook, group, needed) => {
    expect(needsDetails([webhookOf(webhook)], [group])).toBe(needed);
  });
});

describe('the filters of a webhook', () => {
  const groups = [groupOf('1'), groupOf('2')];
  const details = [detailsOf('1', 'Owners', 'CRM'), detailsOf('2', 'Agents', 'realtor')] as const;
  const all = accountOf(groups, ...details);
  const waiting = accountOf([groupOf('1'), groupOf('2', false)], ...details);
  const partly = accountOf(groups, details[1]);
  const spelled = accountOf(
    groups,
    detailsOf('1', 'Cafe\u0301 – Zürich', 'It’s a house'),
    detailsOf('2', 'Buyers & Sellers ', 'no\u2011code'),
  );
  const SPELLED = {
    keywords: ["it's  a house", 'no-code'],
    groups: ['café - zürich', 'buyers &amp; sellers'],
  };
  const UNKNOWN = 'warning unmatched_filter';
  const APART = 'warning filters_exclude_each_other';
  const UNTRACKED = 'warning untracked_filter';

  test.each<[string, Webhook['filter'], typeof all, string[], string[]?]>([
    ['known words in any case', { keywords: ['crm'], groups: ['1', 'agents'] }, all, []],
    ['known words in another spelling', SPELLED, spelled, []],
    [
      'a keyword of another group, in another spelling',
      { keywords: ['it’s'], groups: ['buyers & sellers'] },
      accountOf(groups, detailsOf('1', 'Owners', "It's"), detailsOf('2', 'Buyers & Sellers', 'x')),
      [APART],
    ],
    [
      'an unknown keyword',
      { keywords: ['crm', 'erp'] },
      all,
      [UNKNOWN],
      ['_KEYWORDS lists "erp", which is not a keyword of this account'],
    ],
    [
      'an unknown group',
      { groups: ['3'] },
      all,
      [UNKNOWN],
      ['_GROUPS lists "3", which matches no group id or name in this account'],
    ],
    [
      'a keyword of another group, by name',
      { keywords: ['crm'], groups: ['agents'] },
      all,
      [APART],
    ],
    ['a keyword of another group, by id', { keywords: ['crm'], groups: ['2'] }, all, [APART]],
    ['one keyword of the group', { keywords: ['crm', 'realtor'], groups: ['2'] }, all, []],
    ['one group of the keyword', { keywords: ['crm'], groups: ['1', '2'] }, all, []],
    ['an untracked group', { groups: ['agents'] }, waiting, [UNTRACKED]],
    ['its keyword too', { groups: ['2'], keywords: ['crm'] }, waiting, [UNTRACKED]],
    ['a tracked group too', { groups: ['agents', '1'] }, waiting, []],
    ['a keyword of an untracked group', { keywords: ['realtor'] }, waiting, [APART]],
    ['an untracked id', { groups: ['2'] }, accountOf(waiting.groups), [UNTRACKED]],
    [
      'names, while not all groups were requested',
      { keywords: ['realtor'], groups: ['owners', 'agents'] },
      partly,
      [UNKNOWN],
      ['_GROUPS lists "owners"', '(1 of 2 groups checked)'],
    ],
    ['a keyword, the same', { keywords: ['crm'] }, partly, [UNKNOWN], ['(1 of 2 groups checked)']],
  ])('%s', (_, filter, account, expected, words) => {
    expect(bad(checkFilters([webhookOf({ name: 'A', filter })], account), words)).toEqual(expected);
    expect(checkFilters([webhookOf({ events: 'alerts', filter })], account)).toEqual([]);
  });
});

describe('exclusions', () => {
  const keywords = ['CRM', 'crm for realtors', 'looking for an agent', 'erp', 'best crm', 'crm 2'];
  const spam = (number: number) => mention(number, { keyword: 'erp', content: 'We are hiring' });
  const five = [1, 2, 3, 4, 5].map(spam);
  const six = [...five, mention(6, { keyword: 'other', content: 'Which CRM?' })];
  const KEYWORD = 'warning excluded_keyword';
  const ALL = 'warning excludes_all';
  const NONE = 'warning includes_none';
  const fifty = Array.from({ length: 50 }, (_, index) => spam(index));

  test.each<[string, Webhook['filter'], readonly Mention[], string[], string[]?]>([
    ['in no keyword', { exclude: rulesOf('hiring', 'agents', 'rp') }, [], []],
    [
      'in keywords',
      { exclude: rulesOf('ERP', 'crm', 'hiring') },
      [],
      [KEYWORD, KEYWORD],
      [
        'entry "crm" of WEBHOOK_A_EXCLUDE matches the keywords "CRM", "crm for realtors", "best crm" and 1 more',
        '"ERP"',
      ],
    ],
    ['in a keyword of other webhooks', { keywords: ['erp'], exclude: rulesOf('crm') }, [], []],
    ['of authors, named as a keyword', { excludeAuthors: ['crm'] }, [], []],
    [
      'of the whole window',
      { exclude: rulesOf('hiring') },
      five,
      [ALL],
      ['all 5 current mentions'],
    ],
    [
      'of two words in a keyword',
      { exclude: rulesOf('crm + realtor*') },
      [],
      [KEYWORD],
      ['"crm + realtor*"'],
    ],
    [
      'of words that are included',
      { include: rulesOf('hiring'), exclude: rulesOf('hir*') },
      five,
      [ALL],
    ],
    ['with words to include that some have', { include: rulesOf('hir*') }, fifty, []],
    [
      'with words to include that none has',
      { include: rulesOf('agent') },
      fifty,
      [NONE],
      ['all 50'],
    ],
    ['with such words in a small window', { include: rulesOf('agent') }, fifty.slice(1), []],
    ['of all its authors', { excludeAuthors: ['Ana P.'] }, five, [ALL]],
    ['of a part of the window', { exclude: rulesOf('hiring') }, six, []],
    [
      'of all that other filters pass',
      { keywords: ['erp'], exclude: rulesOf('hiring') },
      six,
      [ALL],
    ],
    ['of a small window', { exclude: rulesOf('hiring') }, five.slice(1), []],
    ['while other filters pass nothing', { keywords: ['x'], exclude: rulesOf('hiring') }, five, []],
    ['with control characters', { exclude: rulesOf('e\u001brp') }, [], [KEYWORD], ['"e\\u{1b}rp"']],
  ])('%s', (_, filter, window, expected, words) => {
    const findings = (webhook: Partial<Webhook>) =>
      checkContentFilters([webhookOf({ name: 'A', filter, ...webhook })], { keywords, window });
    expect(bad(findings({}), words)).toEqual(expected);
    expect(findings({ events: 'alerts' })).toEqual([]);
  });
});

test.each([
  [30_000, [], []],
  [-30_000, [], []],
  [31_000, ['warning clock'], ['31 s ahead of that of the API']],
  [-90_000, ['warning clock'], ['90 s behind that of the API']],
])('a clock that is %i ms ahead', (aheadMs, expected, words) => {
  expect(bad(checkClock(1_000_000 + aheadMs, 1_000_000, 'the API'), words)).toEqual(expected);
});

const answered = (status: number, body = ''): AttemptResult => ({
  kind: 'answered',
  status,
  headers: {},
  body,
  durationMs: 7,
});
const UNANSWERED: AttemptResult = { kind: 'unanswered', code: 'ENOTFOUND', durationMs: 1 };
const WEBHOOKS = { slack: webhookOf({ type: 'slack' }), http: webhookOf({ type: 'http' }) };
type Row = ['slack' | 'http', AttemptResult, string];

describe('the answer of a webhook', () => {
  test.each<Row>([
    ['slack', answered(400, 'no_text'), 'ok answers'],
    ['slack', answered(404, 'no_service'), 'problem refuses'],
    // A Slack-like service accepts an empty message.
    ['slack', answered(200, 'ok'), 'ok answers'],
    ['slack', answered(200, '{"ok":false,"error":"no_text"}'), 'warning doubtful'],
    ['slack', answered(500), 'warning doubtful'],
    ['slack', UNANSWERED, 'problem unanswered'],
    // A receiver for POST only.
    ['http', answered(405), 'ok answers'],
    ['http', answered(422), 'ok answers'],
    ...[301, 302, 308, 401, 403, 404, 410, 429, 500, 502, 503].map((status): Row => [
      'http',
      answered(status),
      'warning doubtful',
    ]),
    ['http', UNANSWERED, 'problem unanswered'],
    ['http', { ...UNANSWERED, code: 'PROXY_407' }, 'problem proxy'],
    ['http', { ...UNANSWERED, code: 'HPE_INVALID_CONSTANT' }, 'problem unreadable'],
  ])('of %s to a probe, %j, is %s', (type, result, expected) => {
    expectFinding(judgeProbe(WEBHOOKS[type], result), result, expected);
  });

  test.each<Row>([
    ['http', answered(204), 'ok took_ping'],
    ['slack', answered(200, 'ok'), 'ok took_ping'],
    ['slack', answered(404, 'no_service'), 'problem refuses'],
    ...[302, 401, 404, 410, 422].map((status): Row => [
      'http',
      answered(status),
      'problem refuses',
    ]),
    ['http', answered(503), 'warning fails'],
    ['http', answered(429), 'warning busy'],
    ['slack', answered(429), 'warning busy'],
    ['http', UNANSWERED, 'problem unanswered'],
  ])('of %s to a test.ping, %j, is %s', (type, result, expected) => {
    expectFinding(judgePing(WEBHOOKS[type], result, { nowMs: 0 }), result, expected);
  });

  test("of Slack's that is gone leads to the URL of a new one", () => {
    const finding = judgeProbe(WEBHOOKS.slack, answered(404, 'no_service'));
    expect(finding.text).toContain('status 404: no_service');
    expect(finding.todo).toContain('in Slack, and set WEBHOOK_SALES_URL to its URL');
  });

  test('that refuses a test.ping in the form of a template leads to that template', () => {
    const template = { text: '["{{id}}"]', shown: '["{{id}}"]', fields: ['id'] as const };
    const todoOf = (webhook: Webhook) => judgePing(webhook, answered(422), { nowMs: 0 }).todo;
    expect(todoOf(webhookOf({ template }))).toContain('compare WEBHOOK_SALES_TEMPLATE_FILE');
    expect(todoOf(webhookOf())).toContain('let the receiver answer 2xx');
  });

  test('that failed by a private certificate leads to the authority', () => {
    for (const code of ['DEPTH_ZERO_SELF_SIGNED_CERT', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE']) {
      const { todo } = judgeProbe(WEBHOOKS.http, { ...UNANSWERED, code });
      expect(todo).toContain('NODE_EXTRA_CA_CERTS');
      const explained = explainApiError(new GroouplyError('unanswered', `no answer: ${code}`));
      expect(explained?.todo).toBe(todo);
    }
  });

  /** Expects the host and the reason in the text, and a next step unless all is well. */
  function expectFinding(finding: Finding, result: AttemptResult, expected: string): void {
    const { level, code, text, todo } = finding;
    expect(`${level} ${code}`).toBe(expected);
    expect(text).toContain('hooks.example.com');
    if (level === 'ok') return;
    expect(text).toContain(result.kind === 'answered' ? `status ${result.status}` : result.code);
    expect(todo).toMatch(/\w/);
  }
});
