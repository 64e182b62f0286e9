import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { checkConfiguration, checkSchedule } from '../../../src/cli/check/check-configuration.ts';
import { checkExclusions } from '../../../src/cli/check/check-exclusions.ts';
import { checkFilters, checkGroups, needsDetails } from '../../../src/cli/check/check-groups.ts';
import { checkMonitoring } from '../../../src/cli/check/check-monitoring.ts';
import { checkClock, type Finding } from '../../../src/cli/check/finding.ts';
import { judgePing, judgeProbe } from '../../../src/cli/check/check-webhooks.ts';
import type { Group, GroupDetails } from '../../../src/groouply/groouply-shapes.ts';
import type { AttemptResult } from '../../../src/domain/delivery.ts';
import type { Mention } from '../../../src/domain/mention.ts';
import type { Webhook } from '../../../src/domain/webhook.ts';
import { readConfig } from '../../../src/config/env.ts';
import { mention } from '../../helpers/mentions.ts';
import { webhookOf } from '../../webhooks/delivery-samples.ts';

const brief = ({ level, code, text }: Finding) => `${level} ${code}: ${text}`;
const bad = (findings: readonly Finding[]) =>
  findings.filter(({ level }) => level !== 'ok').map(brief);

function configOf(env: Record<string, string>) {
  const reading = readConfig(
    { GROOUPLY_API_KEY: 'key', WEBHOOK_A_URL: 'https://a.example/hook', ...env },
    { readFile: () => '', stdoutIsTty: false },
  );
  if (!reading.ok) throw new Error(JSON.stringify(reading.mistakes));
  return reading.config;
}

describe('the configuration', () => {
  test('in which nothing looks wrong has one finding, which names the webhooks', () => {
    expect(checkConfiguration(configOf({})).map(brief)).toEqual([
      'ok read: can be read: one webhook, A (http)',
    ]);
  });

  test('with two webhooks of one URL is told, and the URL is not', () => {
    const findings = checkConfiguration(
      configOf({
        WEBHOOK_B_URL: 'https://a.example/hook',
        WEBHOOK_C_URL: 'https://a.example/other',
      }),
    );
    expect(bad(findings)).toEqual([
      'warning same_url: A and B have the same URL: a mention that both want arrives twice',
    ]);
    expect(JSON.stringify(findings)).not.toContain('/hook');
  });

  test('with one URL for mentions and for alerts is fine, unless both get alerts', () => {
    const env = { WEBHOOK_B_URL: 'https://a.example/hook', WEBHOOK_B_EVENTS: 'alerts' };
    expect(bad(checkConfiguration(configOf(env)))).toEqual([]);
    expect(bad(checkConfiguration(configOf({ ...env, WEBHOOK_A_EVENTS: 'all' })))).toEqual([
      'warning same_url: A and B have the same URL: each alert arrives twice',
    ]);
  });

  test('in which no webhook gets mentions is told, with filters that have no effect', () => {
    const env = {
      WEBHOOK_A_EVENTS: 'alerts',
      WEBHOOK_A_KEYWORDS: 'crm',
      WEBHOOK_A_POSITIONS: 'body',
      WEBHOOK_A_EXCLUDE: 'hiring',
      WEBHOOK_A_EXCLUDE_AUTHORS: '7',
    };
    expect(bad(checkConfiguration(configOf(env)))).toEqual([
      'warning no_mentions: no webhook gets mentions: all of them get alerts only, and new mentions count as seen',
      'warning useless_filter: WEBHOOK_A_KEYWORDS has no effect: filters are for mentions, and A gets alerts only',
      'warning useless_filter: WEBHOOK_A_POSITIONS has no effect: filters are for mentions, and A gets alerts only',
      'warning useless_filter: WEBHOOK_A_EXCLUDE has no effect: filters are for mentions, and A gets alerts only',
      'warning useless_filter: WEBHOOK_A_EXCLUDE_AUTHORS has no effect: filters are for mentions, and A gets alerts only',
    ]);
  });

  test('with a position that nobody documents is told', () => {
    expect(bad(checkConfiguration(configOf({ WEBHOOK_A_POSITIONS: 'post, body' })))).toEqual([
      'warning unknown_position: WEBHOOK_A_POSITIONS has "body", which is no position that Groouply documents',
    ]);
  });
});

describe('the schedule', () => {
  const findingsFor = (env: Record<string, string>) => checkSchedule(configOf(env)).map(brief);

  test('that the budget holds has no finding', () => {
    expect(findingsFor({})).toEqual([]);
    expect(findingsFor({ POLL_INTERVAL_SECONDS: '2', RATE_BUDGET_PER_MINUTE: '60' })).toEqual([]);
  });

  test('that the budget stretches is told with what it is', () => {
    expect(findingsFor({ POLL_INTERVAL_SECONDS: '1', RATE_BUDGET_PER_MINUTE: '30' })).toEqual([
      'ok interval_stretched: polls come every 2.3 s while little happens, not every 1 s: RATE_BUDGET_PER_MINUTE (30) allows no more',
    ]);
  });

  test.each([
    ['1', '10', 1],
    ['6', '10', 1],
    ['8', '10', 0],
    ['3', '60', 0],
  ])(
    'of %s requests a minute, polled every %s s, leaves room for sweeps or not',
    (requests, interval, count) => {
      const env = { RATE_BUDGET_PER_MINUTE: requests, POLL_INTERVAL_SECONDS: interval };
      expect(findingsFor(env).filter((each) => each.includes('no_room_for_sweeps'))).toHaveLength(
        count,
      );
    },
  );
});

describe('the port of health', () => {
  const findingsFor = async (port: number) =>
    (await checkMonitoring({ health: { host: '127.0.0.1', port }, heartbeatUrl: null })).map(brief);

  test('is free', async () => {
    expect(await findingsFor(0)).toEqual(['ok port_free: HEALTH_PORT 0 is free on 127.0.0.1']);
  });

  test('is taken, or served by a relay that runs', async () => {
    let body = '<html>';
    const server = createServer((_, response) => response.end(body));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    expect(await findingsFor(port)).toEqual([
      `problem port_not_served: a relay could not start: port ${port} is taken on 127.0.0.1`,
    ]);
    body = '{"alive":true}';
    expect(await findingsFor(port)).toEqual([
      `ok port_served: HEALTH_PORT ${port} is served by a running relay`,
    ]);
  });

  test('that is not set has no finding, and a heartbeat is told and not asked', async () => {
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
const detailsOf = (id: string, name: string, ...keywords: string[]): [string, GroupDetails] => [
  id,
  {
    info: {
      id,
      name,
      status: '2',
      statusString: 'tracking',
      description: '',
      owner: '',
      privacy: '',
    },
    keywords: keywords.map((keyword) => ({ name: keyword, type: 'broad' })),
    posts: [],
  },
];
const accountOf = (groups: readonly Group[], ...details: [string, GroupDetails][]) => ({
  account: { registered: '', groups: { all: groups.length, tracking: 0 } },
  groups,
  details: new Map(details),
});

describe('the groups of the account', () => {
  test.each([
    ['all tracked', accountOf([groupOf('1')]), []],
    ['none at all', accountOf([]), ['problem none_tracked: the account has no groups']],
    [
      'none tracked',
      accountOf([groupOf('1', false)]),
      [
        'problem none_tracked: no group is tracked: no mention comes',
        'warning not_tracked: 1 not tracked: 1: pending access',
      ],
    ],
    [
      'one that waits for access, by its name where that is known',
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

  test('that wait for access are not to be added once more', () => {
    const [finding] = checkGroups(accountOf([groupOf('1', false)]));
    expect(finding?.todo).toContain('give Groouply access');
  });

  test('are asked one by one only where a filter or a group that is not tracked asks for it', () => {
    expect(needsDetails([webhookOf()], [groupOf('1')])).toBe(false);
    expect(needsDetails([webhookOf()], [groupOf('1', false)])).toBe(true);
    const filter = { keywords: ['crm'] };
    expect(needsDetails([webhookOf({ filter })], [groupOf('1')])).toBe(true);
    expect(needsDetails([webhookOf({ filter, events: 'alerts' })], [groupOf('1')])).toBe(false);
    const excluding = { exclude: ['crm'] };
    expect(needsDetails([webhookOf({ filter: excluding })], [groupOf('1')])).toBe(true);
  });
});

describe('filters', () => {
  const account = accountOf(
    [groupOf('1'), groupOf('2')],
    detailsOf('1', 'Owners', 'CRM'),
    detailsOf('2', 'Agents', 'realtor'),
  );
  const findingsFor = (filter: Webhook['filter'], known = account) =>
    bad(checkFilters([webhookOf({ name: 'A', filter })], known));

  test('whose words are all there, by id, name or keyword in any case, have no finding', () => {
    expect(findingsFor({ keywords: ['crm', 'realtor'], groups: ['1', 'agents'] })).toEqual([]);
  });

  test('are told with each word that matches nothing', () => {
    expect(findingsFor({ keywords: ['crm', 'erp'], groups: ['3'] })).toEqual([
      'warning unmatched_filter: WEBHOOK_A_KEYWORDS has "erp", which is no keyword of the account',
      'warning unmatched_filter: WEBHOOK_A_GROUPS has "3", which is no group\'s id or name of the account',
    ]);
  });

  test('that match nothing together are told', () => {
    const apart =
      'warning filters_exclude_each_other: WEBHOOK_A_KEYWORDS has no keyword of the groups of WEBHOOK_A_GROUPS that are tracked: A gets no mention';
    expect(findingsFor({ keywords: ['crm'], groups: ['agents'] })).toEqual([apart]);
    expect(findingsFor({ keywords: ['crm'], groups: ['2'] })).toEqual([apart]);
    expect(findingsFor({ keywords: ['crm', 'realtor'], groups: ['2'] })).toEqual([]);
    expect(findingsFor({ keywords: ['crm'], groups: ['1', '2'] })).toEqual([]);
  });

  test('for groups of which none is tracked are told', () => {
    const waiting = { ...account, groups: [groupOf('1'), groupOf('2', false)] };
    const untracked =
      'warning untracked_filter: WEBHOOK_A_GROUPS names only groups that are not tracked: A gets no mention';
    expect(findingsFor({ groups: ['agents'] }, waiting)).toEqual([untracked]);
    expect(findingsFor({ groups: ['2'], keywords: ['crm'] }, waiting)).toEqual([untracked]);
    expect(findingsFor({ groups: ['agents', '1'] }, waiting)).toEqual([]);
    expect(findingsFor({ keywords: ['realtor'] }, waiting)).toEqual([
      'warning filters_exclude_each_other: WEBHOOK_A_KEYWORDS has no keyword of the groups that are tracked: A gets no mention',
    ]);
    expect(findingsFor({ groups: ['2'] }, { ...waiting, details: new Map() })).toEqual([untracked]);
  });

  test('of groups that were not all asked are not told as certain', () => {
    const partly = { ...account, details: new Map([...account.details].slice(1)) };
    expect(findingsFor({ keywords: ['realtor'], groups: ['owners', 'agents'] }, partly)).toEqual([
      'warning unmatched_filter: WEBHOOK_A_GROUPS has "owners", which is no group\'s id or name of the account in the 1 of 2 groups that were asked',
    ]);
  });

  test('of a webhook for alerts are for nothing, and have no finding here', () => {
    const webhook = webhookOf({ events: 'alerts', filter: { keywords: ['erp'] } });
    expect(checkFilters([webhook], account)).toEqual([]);
  });

  test('say how much was looked at where that was not all', () => {
    const partly = { ...account, details: new Map([...account.details].slice(0, 1)) };
    expect(findingsFor({ keywords: ['realtor'] }, partly)).toEqual([
      'warning unmatched_filter: WEBHOOK_A_KEYWORDS has "realtor", which is no keyword of the account in the 1 of 2 groups that were asked',
    ]);
  });
});

describe('exclusions', () => {
  const keywords = ['CRM', 'crm for realtors', 'looking for an agent', 'erp', 'best crm', 'crm 2'];
  const spam = (number: number) => mention(number, { keyword: 'erp', content: 'We are hiring' });
  const findingsFor = (changes: Partial<Webhook>, window: readonly Mention[] = []) =>
    bad(checkExclusions([webhookOf({ name: 'A', ...changes })], { keywords, window }));

  test('that are in no keyword have no finding', () => {
    expect(findingsFor({ filter: { exclude: ['hiring', 'agents', 'rp'] } })).toEqual([]);
  });

  test('are told with the keywords that hold them', () => {
    expect(findingsFor({ filter: { exclude: ['ERP', 'crm', 'hiring'] } })).toEqual([
      'warning excluded_keyword: WEBHOOK_A_EXCLUDE has "crm", which is in the keywords "CRM", "crm for realtors", "best crm" and 1 more: where a mention holds its keyword, it does not go to A',
      'warning excluded_keyword: WEBHOOK_A_EXCLUDE has "ERP", which is in the keyword "erp": where a mention holds its keyword, it does not go to A',
    ]);
  });

  test('are only held against the keywords that the webhook gets', () => {
    const filter = { keywords: ['erp'], exclude: ['crm'] };
    expect(findingsFor({ filter })).toEqual([]);
    expect(findingsFor({ filter: { ...filter, keywords: ['crm'] } })).toHaveLength(1);
  });

  test('of authors have nothing to do with keywords', () => {
    expect(findingsFor({ filter: { excludeAuthors: ['crm'] } })).toEqual([]);
  });

  test('that keep the whole window away are told', () => {
    const window = [1, 2, 3, 4, 5].map(spam);
    const all = (count: number) =>
      `warning excludes_all: the exclusions of A keep away all ${count} mentions of the present window that its other filters let through`;
    expect(findingsFor({ filter: { exclude: ['hiring'] } }, window)).toEqual([all(5)]);
    expect(findingsFor({ filter: { excludeAuthors: ['Ana P.'] } }, window)).toEqual([all(5)]);
    const other = mention(6, { keyword: 'other', content: 'Which CRM?' });
    expect(findingsFor({ filter: { exclude: ['hiring'] } }, [...window, other])).toEqual([]);
    expect(
      findingsFor({ filter: { keywords: ['erp'], exclude: ['hiring'] } }, [...window, other]),
    ).toEqual([all(5)]);
  });

  test('that keep a few away are as they should be, and so is a filter that lets nothing through', () => {
    const window = [1, 2, 3, 4].map(spam);
    expect(findingsFor({ filter: { exclude: ['hiring'] } }, window)).toEqual([]);
    const filter = { keywords: ['realtor'], exclude: ['hiring'] };
    expect(findingsFor({ filter }, [...window, spam(5)])).toEqual([]);
  });

  test('of a webhook for alerts are for nothing, and have no finding here', () => {
    const window = [1, 2, 3, 4, 5].map(spam);
    const filter = { exclude: ['hiring', 'crm'] };
    expect(findingsFor({ events: 'alerts', filter }, window)).toEqual([]);
  });

  test('are told without what could harm a terminal', () => {
    const [finding] = findingsFor({ filter: { exclude: ['e\u001brp'] } });
    expect(finding).toContain('has "e\\u{1b}rp"');
    expect(finding).not.toContain('\u001b');
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

const answered = (status: number, body = '', headers = {}): AttemptResult => ({
  kind: 'answered',
  status,
  headers,
  body,
  durationMs: 7,
});
const UNANSWERED: AttemptResult = { kind: 'unanswered', code: 'ENOTFOUND', durationMs: 1 };
const SLACK = webhookOf({ type: 'slack' });
const HTTP = webhookOf({ type: 'http' });

describe("a webhook's route", () => {
  test.each([
    [
      'Slack refuses an empty message',
      SLACK,
      answered(400, 'no_text'),
      'ok answers: hooks.example.com answers',
    ],
    [
      'Slack knows no such webhook',
      SLACK,
      answered(404, 'no_service'),
      'problem refuses: hooks.example.com says: status 404: no_service',
    ],
    [
      'a receiver that takes only POST',
      HTTP,
      answered(405),
      'ok answers: hooks.example.com answers',
    ],
    [
      'a receiver of which HEAD says nothing',
      HTTP,
      answered(422),
      'ok answers: hooks.example.com answers (status 422); whether it takes messages, mention-relay check --send would show',
    ],
    ...[301, 302, 308, 401, 403, 404, 410, 429, 500, 502, 503].map(
      (status): [string, Webhook, AttemptResult, string] => [
        `a receiver that answers HEAD with ${status}`,
        HTTP,
        answered(status),
        `warning doubtful: hooks.example.com answers a HEAD that leaves no message with status ${status}`,
      ],
    ),
    [
      'a service that takes what Slack refuses',
      SLACK,
      answered(200, 'ok'),
      'warning doubtful: hooks.example.com answers a POST that leaves no message with status 200: it may not be Slack',
    ],
    [
      'a Slack that fails',
      SLACK,
      answered(500),
      'warning doubtful: hooks.example.com answers a POST that leaves no message with status 500',
    ],
    [
      'nobody there',
      HTTP,
      UNANSWERED,
      'problem unanswered: no answer from hooks.example.com (ENOTFOUND)',
    ],
  ])('without --send: %s', (_, webhook, result, expected) => {
    expect(brief(judgeProbe(webhook, result))).toBe(expected);
  });

  test.each([
    ['taken', HTTP, answered(204), 'ok took_ping: hooks.example.com took the test.ping in 7 ms'],
    [
      'taken by Slack',
      SLACK,
      answered(200, 'ok'),
      'ok took_ping: hooks.example.com took the test.ping in 7 ms',
    ],
    [
      'no such webhook',
      SLACK,
      answered(404, 'no_service'),
      'problem refuses: hooks.example.com says: status 404: no_service: the URL is no longer valid, or not allowed',
    ],
    [
      'a type that the receiver does not want',
      HTTP,
      answered(422),
      'problem refuses: hooks.example.com refuses the test.ping: status 422',
    ],
    [
      'a receiver that fails',
      HTTP,
      answered(503),
      'warning fails: hooks.example.com fails: status 503',
    ],
    [
      'a receiver that is busy',
      HTTP,
      answered(429),
      'warning busy: hooks.example.com asks for a pause: status 429',
    ],
    [
      'nobody there',
      HTTP,
      UNANSWERED,
      'problem unanswered: no answer from hooks.example.com (ENOTFOUND)',
    ],
  ])('with --send: %s', (_, webhook, result, expected) => {
    expect(brief(judgePing(webhook, result, { nowMs: 0 }))).toBe(expected);
  });

  test('has something to do in every finding that is not well', () => {
    for (const status of [302, 401, 404, 410, 422, 429, 500]) {
      expect(judgePing(HTTP, answered(status), { nowMs: 0 }).todo).toMatch(/\w/);
      expect(judgePing(SLACK, answered(status), { nowMs: 0 }).todo).toMatch(/\w/);
      for (const probed of [
        judgeProbe(HTTP, answered(status)),
        judgeProbe(SLACK, answered(status)),
      ]) {
        if (probed.level !== 'ok') expect(probed.todo).toMatch(/\w/);
      }
    }
  });
});
