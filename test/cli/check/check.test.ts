import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { checkConfiguration, checkSchedule } from '../../../src/cli/check/check-configuration.ts';
import { checkExclusions } from '../../../src/cli/check/check-exclusions.ts';
import { checkFilters, checkGroups, needsDetails } from '../../../src/cli/check/check-groups.ts';
import { checkMonitoring } from '../../../src/cli/check/check-monitoring.ts';
import { judgePing, judgeProbe } from '../../../src/cli/check/check-webhooks.ts';
import { checkClock, type Finding } from '../../../src/cli/check/finding.ts';
import type { AttemptResult } from '../../../src/domain/delivery.ts';
import type { Mention } from '../../../src/domain/mention.ts';
import type { Webhook } from '../../../src/domain/webhook.ts';
import type { Group, GroupDetails } from '../../../src/groouply/groouply-shapes.ts';
import { configOf } from '../../helpers/config-of.ts';
import { mention } from '../../helpers/mentions.ts';
import { webhookOf } from '../../webhooks/delivery-samples.ts';

type Env = Record<string, string>;

const brief = ({ level, code, text }: Finding) => `${level} ${code}: ${text}`;
const bad = (findings: readonly Finding[]) =>
  findings.filter(({ level }) => level !== 'ok').map(brief);

const SAME_URL = { WEBHOOK_B_URL: 'https://a.example/secret-path' };
const noEffect = (attribute: string) =>
  `warning useless_filter: WEBHOOK_A_${attribute} has no effect: filters apply to mentions, and A receives alerts only`;

test.each<[string, Env, string[]]>([
  ['nothing unusual', {}, []],
  [
    'two webhooks with one URL',
    { ...SAME_URL, WEBHOOK_C_URL: 'https://a.example/other' },
    ['warning same_url: A and B have the same URL: a mention that matches both arrives twice'],
  ],
  ['one URL, for mentions and for alerts', { ...SAME_URL, WEBHOOK_B_EVENTS: 'alerts' }, []],
  [
    'one URL that receives alerts twice',
    { ...SAME_URL, WEBHOOK_B_EVENTS: 'alerts', WEBHOOK_A_EVENTS: 'all' },
    ['warning same_url: A and B have the same URL: each alert arrives twice'],
  ],
  [
    'a webhook for alerts alone, with filters',
    {
      WEBHOOK_A_EVENTS: 'alerts',
      WEBHOOK_A_KEYWORDS: 'crm',
      WEBHOOK_A_POSITIONS: 'body',
      WEBHOOK_A_EXCLUDE: 'hiring',
      WEBHOOK_A_EXCLUDE_AUTHORS: '7',
    },
    [
      'warning no_mentions: no webhook receives mentions: all of them receive alerts only, and new mentions count as seen',
      ...['KEYWORDS', 'POSITIONS', 'EXCLUDE', 'EXCLUDE_AUTHORS'].map(noEffect),
    ],
  ],
  [
    'an undocumented position',
    { WEBHOOK_A_POSITIONS: 'post, body' },
    [
      'warning unknown_position: WEBHOOK_A_POSITIONS has "body", which Groouply does not document as a position',
    ],
  ],
])('the configuration with %s', (_, env, findings) => {
  const found = checkConfiguration(configOf(env));
  expect(brief(found[0] as Finding)).toMatch(
    /^ok read: is valid: (one webhook|\d webhooks), A \(http\)/,
  );
  expect(bad(found)).toEqual(findings);
  expect(JSON.stringify(found)).not.toContain('secret-path');
});

const STRETCHED =
  'ok interval_stretched: polls run every 2.3 s in calm times, not every 1 s: RATE_BUDGET_PER_MINUTE (30) allows no more';
const STRETCHED_TOO = expect.stringMatching(/^ok interval_stretched: /) as string;
const NO_ROOM = expect.stringMatching(/^warning no_room_for_sweeps: /) as string;

test.each<[string, string, string[]]>([
  ['50', '10', []],
  ['60', '2', []],
  ['30', '1', [STRETCHED]],
  ['1', '10', [STRETCHED_TOO, NO_ROOM]],
  ['6', '10', [STRETCHED_TOO, NO_ROOM]],
  ['8', '10', []],
  ['3', '60', []],
])('the schedule of a budget of %s, polled every %s s', (requests, interval, findings) => {
  const env = { RATE_BUDGET_PER_MINUTE: requests, POLL_INTERVAL_SECONDS: interval };
  expect(checkSchedule(configOf(env)).map(brief)).toEqual(findings);
});

describe('the health port', () => {
  const findingsFor = async (port: number) =>
    (await checkMonitoring({ health: { host: '127.0.0.1', port }, heartbeatUrl: null })).map(brief);

  test('is free', async () => {
    expect(await findingsFor(0)).toEqual(['ok port_free: HEALTH_PORT 0 is free on 127.0.0.1']);
  });

  test('is taken, or served by a running relay', async () => {
    let body = '<html>';
    const server = createServer((_, response) => response.end(body));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    expect(await findingsFor(port)).toEqual([
      `problem port_not_served: a relay cannot start: port ${port} is taken on 127.0.0.1`,
    ]);
    body = '{"alive":true}';
    expect(await findingsFor(port)).toEqual([
      `ok port_served: HEALTH_PORT ${port} is served by a running relay`,
    ]);
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
  url: null,
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
  test.each([
    ['all tracked', accountOf([groupOf('1')]), []],
    ['none', accountOf([]), ['problem none_tracked: the account has no groups']],
    [
      'none tracked',
      accountOf([groupOf('1', false)]),
      [
        'problem none_tracked: no group is tracked: no mentions arrive',
        'warning not_tracked: 1 not tracked: 1: pending access',
      ],
    ],
    [
      'one that waits for access, with its name',
      accountOf([groupOf('1'), groupOf('2', false)], detailsOf('2', 'Owners\u001b[2J')),
      ['warning not_tracked: 1 not tracked: Owners\\u{1b}[2J (2): pending access'],
    ],
    [
      'many that wait for access, in one finding',
      accountOf([
        groupOf('0'),
        ...Array.from({ length: 41 }, (_, index) => groupOf(`${index + 1}`, false)),
      ]),
      [
        'warning not_tracked: 41 not tracked: 1: pending access; 2: pending access; 3: pending access; 4: pending access; 5: pending access; and 36 more',
      ],
    ],
  ])('%s', (_, account, findings) => {
    expect(bad(checkGroups(account))).toEqual(findings);
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
    ['exclusions', { filter: { exclude: ['crm'] } }, groupOf('1'), true],
  ])('are requested one by one only if necessary: %s', (_, webhook, group, needed) => {
    expect(needsDetails([webhookOf(webhook)], [group])).toBe(needed);
  });
});

describe('the filters of a webhook', () => {
  const groups = [groupOf('1'), groupOf('2')];
  const details = [detailsOf('1', 'Owners', 'CRM'), detailsOf('2', 'Agents', 'realtor')] as const;
  const all = accountOf(groups, ...details);
  const waiting = accountOf([groupOf('1'), groupOf('2', false)], ...details);
  const apart =
    'warning filters_exclude_each_other: WEBHOOK_A_KEYWORDS has no keyword of the tracked groups of WEBHOOK_A_GROUPS: A receives no mentions';
  const untracked =
    'warning untracked_filter: WEBHOOK_A_GROUPS names only groups that are not tracked: A receives no mentions';

  test.each<[string, Webhook['filter'], typeof all, string[]]>([
    [
      'words that exist, by id, name or keyword in any case',
      { keywords: ['crm', 'realtor'], groups: ['1', 'agents'] },
      all,
      [],
    ],
    [
      'words that match nothing',
      { keywords: ['crm', 'erp'], groups: ['3'] },
      all,
      [
        'warning unmatched_filter: WEBHOOK_A_KEYWORDS has "erp", which is no keyword of the account',
        'warning unmatched_filter: WEBHOOK_A_GROUPS has "3", which is no group\'s id or name of the account',
      ],
    ],
    [
      'a keyword of another group, by name',
      { keywords: ['crm'], groups: ['agents'] },
      all,
      [apart],
    ],
    ['a keyword of another group, by id', { keywords: ['crm'], groups: ['2'] }, all, [apart]],
    ['one keyword of the group', { keywords: ['crm', 'realtor'], groups: ['2'] }, all, []],
    ['one group of the keyword', { keywords: ['crm'], groups: ['1', '2'] }, all, []],
    ['an untracked group by name', { groups: ['agents'] }, waiting, [untracked]],
    [
      'an untracked group and its keyword',
      { groups: ['2'], keywords: ['crm'] },
      waiting,
      [untracked],
    ],
    ['a tracked group too', { groups: ['agents', '1'] }, waiting, []],
    [
      'a keyword of an untracked group',
      { keywords: ['realtor'] },
      waiting,
      [
        'warning filters_exclude_each_other: WEBHOOK_A_KEYWORDS has no keyword of the tracked groups: A receives no mentions',
      ],
    ],
    [
      'an untracked group without details',
      { groups: ['2'] },
      accountOf(waiting.groups),
      [untracked],
    ],
    [
      'names, while not all groups were requested',
      { keywords: ['realtor'], groups: ['owners', 'agents'] },
      accountOf(groups, details[1]),
      [
        'warning unmatched_filter: WEBHOOK_A_GROUPS has "owners", which is no group\'s id or name of the account (1 of 2 groups checked)',
      ],
    ],
    [
      'a keyword, while not all groups were requested',
      { keywords: ['realtor'] },
      accountOf(groups, details[0]),
      [
        'warning unmatched_filter: WEBHOOK_A_KEYWORDS has "realtor", which is no keyword of the account (1 of 2 groups checked)',
      ],
    ],
  ])('%s', (_, filter, account, findings) => {
    expect(bad(checkFilters([webhookOf({ name: 'A', filter })], account))).toEqual(findings);
    expect(checkFilters([webhookOf({ events: 'alerts', filter })], account)).toEqual([]);
  });
});

describe('exclusions', () => {
  const keywords = ['CRM', 'crm for realtors', 'looking for an agent', 'erp', 'best crm', 'crm 2'];
  const spam = (number: number) => mention(number, { keyword: 'erp', content: 'We are hiring' });
  const five = [1, 2, 3, 4, 5].map(spam);
  const other = mention(6, { keyword: 'other', content: 'Which CRM?' });
  const excludesAll =
    'warning excludes_all: the exclusions of A exclude all 5 mentions of the current window that pass its other filters';

  test.each<[string, Webhook['filter'], readonly Mention[], string[]]>([
    ['in no keyword', { exclude: ['hiring', 'agents', 'rp'] }, [], []],
    [
      'in keywords',
      { exclude: ['ERP', 'crm', 'hiring'] },
      [],
      [
        'warning excluded_keyword: WEBHOOK_A_EXCLUDE has "crm", which is part of the keywords "CRM", "crm for realtors", "best crm" and 1 more: mentions that contain the keyword do not go to A',
        'warning excluded_keyword: WEBHOOK_A_EXCLUDE has "ERP", which is part of the keyword "erp": mentions that contain the keyword do not go to A',
      ],
    ],
    [
      'in a keyword that the webhook does not receive',
      { keywords: ['erp'], exclude: ['crm'] },
      [],
      [],
    ],
    ['of authors, named as a keyword', { excludeAuthors: ['crm'] }, [], []],
    ['of the whole window', { exclude: ['hiring'] }, five, [excludesAll]],
    ['of the authors of the whole window', { excludeAuthors: ['Ana P.'] }, five, [excludesAll]],
    ['of a part of the window', { exclude: ['hiring'] }, [...five, other], []],
    [
      'of everything that other filters pass',
      { keywords: ['erp'], exclude: ['hiring'] },
      [...five, other],
      [excludesAll],
    ],
    ['of a small window', { exclude: ['hiring'] }, five.slice(1), []],
    ['where other filters pass nothing', { keywords: ['realtor'], exclude: ['hiring'] }, five, []],
  ])('%s', (_, filter, window, findings) => {
    const found = (webhook: Partial<Webhook>) =>
      bad(checkExclusions([webhookOf({ name: 'A', filter, ...webhook })], { keywords, window }));
    expect(found({})).toEqual(findings);
    expect(found({ events: 'alerts' })).toEqual([]);
  });

  test('are reported without characters that could harm a terminal', () => {
    const webhook = webhookOf({ name: 'A', filter: { exclude: ['e\u001brp'] } });
    const [finding] = bad(checkExclusions([webhook], { keywords, window: [] }));
    expect(finding).toContain('has "e\\u{1b}rp"');
  });
});

test.each([
  [30_000, []],
  [-30_000, []],
  [31_000, ["warning clock: this machine's clock is 31 s ahead of that of the API"]],
  [-90_000, ["warning clock: this machine's clock is 90 s behind that of the API"]],
])('a clock that is %i ms ahead', (aheadMs, findings) => {
  expect(bad(checkClock(1_000_000 + aheadMs, 1_000_000, 'the API'))).toEqual(findings);
});

const answered = (status: number, body = ''): AttemptResult => ({
  kind: 'answered',
  status,
  headers: {},
  body,
  durationMs: 7,
});
const UNANSWERED: AttemptResult = { kind: 'unanswered', code: 'ENOTFOUND', durationMs: 1 };
const SLACK = webhookOf({ type: 'slack' });
const HTTP = webhookOf({ type: 'http' });
const HOST = 'hooks.example.com';
const NO_ANSWER = `problem unanswered: no answer from ${HOST} (ENOTFOUND)`;

describe('the answer of a webhook', () => {
  test.each<[string, Webhook, AttemptResult, string]>([
    [
      'Slack refuses an empty message',
      SLACK,
      answered(400, 'no_text'),
      `ok answers: ${HOST} answers`,
    ],
    [
      'Slack knows no such webhook',
      SLACK,
      answered(404, 'no_service'),
      `problem refuses: ${HOST} answers: status 404: no_service`,
    ],
    [
      'a Slack-like service accepts an empty message',
      SLACK,
      answered(200, 'ok'),
      `warning doubtful: ${HOST} answers a probing POST with status 200: it may not be Slack`,
    ],
    [
      'Slack fails',
      SLACK,
      answered(500),
      `warning doubtful: ${HOST} answers a probing POST with status 500`,
    ],
    ['a receiver accepts only POST', HTTP, answered(405), `ok answers: ${HOST} answers`],
    [
      'HEAD shows nothing',
      HTTP,
      answered(422),
      `ok answers: ${HOST} answers (status 422); mention-relay check --send shows if it accepts messages`,
    ],
    ...[301, 302, 308, 401, 403, 404, 410, 429, 500, 502, 503].map(
      (status): [string, Webhook, AttemptResult, string] => [
        `HEAD is answered with ${status}`,
        HTTP,
        answered(status),
        `warning doubtful: ${HOST} answers a probing HEAD with status ${status}`,
      ],
    ),
    ['nobody answers', HTTP, UNANSWERED, NO_ANSWER],
  ])('to a probe: %s', (_, webhook, result, expected) => {
    const finding = judgeProbe(webhook, result);
    expect(brief(finding)).toBe(expected);
    if (finding.level !== 'ok') expect(finding.todo).toMatch(/\w/);
  });

  test.each<[string, Webhook, AttemptResult, string]>([
    ['accepted', HTTP, answered(204), `ok took_ping: ${HOST} accepted the test.ping in 7 ms`],
    [
      'accepted by Slack',
      SLACK,
      answered(200, 'ok'),
      `ok took_ping: ${HOST} accepted the test.ping in 7 ms`,
    ],
    [
      'no such webhook',
      SLACK,
      answered(404, 'no_service'),
      `problem refuses: ${HOST} answers: status 404: no_service: the URL is no longer valid, or not allowed`,
    ],
    [
      'a type that the receiver refuses',
      HTTP,
      answered(422),
      `problem refuses: ${HOST} refuses the test.ping: status 422`,
    ],
    ['a failing receiver', HTTP, answered(503), `warning fails: ${HOST} fails: status 503`],
    ['a busy receiver', HTTP, answered(429), `warning busy: ${HOST} asks for a pause: status 429`],
    ['nobody answers', HTTP, UNANSWERED, NO_ANSWER],
  ])('to a test.ping: %s', (_, webhook, result, expected) => {
    const finding = judgePing(webhook, result, { nowMs: 0 });
    expect(brief(finding)).toBe(expected);
    if (finding.level !== 'ok') expect(finding.todo).toMatch(/\w/);
  });

  test.each([302, 401, 404, 410, 429, 500])(
    'to a test.ping, status %i has a next step',
    (status) => {
      for (const webhook of [HTTP, SLACK]) {
        expect(judgePing(webhook, answered(status), { nowMs: 0 }).todo).toMatch(/\w/);
      }
    },
  );
});
