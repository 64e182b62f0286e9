import { describe, expect, test } from 'vitest';
import { journeyOf, type WebhookFacts } from '../../../src/cli/trace/journey.ts';
import { notFoundText, traceJson, traceText } from '../../../src/cli/trace/trace-text.ts';
import { seenPostsOf } from '../../../src/cli/trace/seen-posts.ts';
import { resentKey } from '../../../src/domain/delivery.ts';
import { readReference } from '../../../src/cli/trace/mention-reference.ts';
import { mentionKey, type DedupeBy } from '../../../src/domain/mention.ts';
import { permalinkKey } from '../../../src/domain/permalink.ts';
import type { KeptEnd } from '../../../src/history/kept-mention.ts';
import type { QueuedDelivery } from '../../../src/queues/traced-deliveries.ts';
import { configOf } from '../../helpers/config-of.ts';
import { mention } from '../../helpers/mentions.ts';

const GROUP = 'https://m.facebook.com/groups/1617';
const NOW_MS = Date.parse('2026-11-24T12:00:00Z'); // a Tuesday
const MINUTE_MS = 60_000;
const MENTION = mention(1);
const KEY = mentionKey(MENTION, 'mention');
const POST_KEY = mentionKey(MENTION, 'post');
const OPEN = { heldForMs: null, pausedForMs: null, gone: false, operatorPause: null };
const WANTED = { wanted: true, key: KEY } as const;
const ABOUT = { mention: MENTION, status: 'seen', ownKeys: [KEY] } as const;
const webhookWith = (env: Record<string, string> = {}) => configOf(env).webhooks[0] ?? null;

const facts = (overrides: Partial<WebhookFacts> = {}): WebhookFacts => ({
  name: 'A',
  webhook: webhookWith(),
  routing: WANTED,
  queued: [],
  delivered: [],
  ends: [],
  endsWithin: null,
  gate: OPEN,
  ...overrides,
});
const queued = (
  at: QueuedDelivery['at'],
  overrides: Partial<QueuedDelivery> = {},
  own = MENTION,
  key = KEY,
): QueuedDelivery => ({
  webhook: 'A',
  jobId: `m-${key}`,
  delivery: { kind: 'mention', webhook: 'A', key, mention: own, polledAtMs: 1 },
  queuedAtMs: NOW_MS - 5 * MINUTE_MS,
  attempts: 0,
  reason: null,
  at,
  ...overrides,
});
const end = (outcome: KeptEnd['outcome'], overrides: Partial<KeptEnd> = {}): KeptEnd => ({
  webhook: 'A',
  outcome,
  atMs: NOW_MS - MINUTE_MS,
  attempts: 2,
  status: 200,
  ...overrides,
});
const WAITING = { state: 'waiting', before: 0 } as const;
const FAILED = { state: 'failed', atMs: NOW_MS - MINUTE_MS } as const;
const SINCE = 'waiting since 2026-11-24T11:55:00.000Z';
const failure = { attempts: 9, reason: 'status 404' };

/** Returns the lines about webhooks. */
function wordsOf(about: Parameters<typeof journeyOf>[0], known: WebhookFacts, historyDays = 0) {
  const webhooks = { [known.name]: journeyOf(about, known, NOW_MS) };
  const { status } = about;
  const traced = { mention: MENTION, status, recovered: false, key: KEY, polledAtMs: null };
  const text = traceText(
    [{ ...traced, mergedInto: null, webhooks }],
    { historyDays, window: null, seen: [] },
    { nowMs: NOW_MS, width: Infinity },
  );
  return text
    .split('\n')
    .filter((line) => line.startsWith('  A: '))
    .map((line) => line.slice('  A: '.length));
}

test.each<[string, WebhookFacts, string[]]>([
  [
    'delivered, as the ledger knows it',
    facts({ delivered: [KEY] }),
    ['delivered; time not kept without HISTORY_DAYS'],
  ],
  [
    'delivered with its post, as the ledger knows it',
    facts({ delivered: [POST_KEY] }),
    ['delivered, in the message of its post or lead; time not kept without HISTORY_DAYS'],
  ],
  [
    'delivered, as the history knows it',
    facts({ delivered: [KEY], ends: [end('delivered')] }),
    ['delivered 2026-11-24T11:59:00.000Z (2 attempts, status 200)'],
  ],
  [
    'failed, discarded, and resent',
    facts({
      ends: [
        end('failed', { status: null, attempts: 9 }),
        end('discarded'),
        end('delivered', { attempts: 1 }),
      ],
    }),
    [
      'failed 2026-11-24T11:59:00.000Z (9 attempts)',
      'discarded 2026-11-24T11:59:00.000Z (2 attempts, status 200)',
      'delivered 2026-11-24T11:59:00.000Z (1 attempt, status 200)',
    ],
  ],
  [
    'failed, with the reason of the queue and the status of the history, once',
    facts({ queued: [queued(FAILED, failure)], ends: [end('failed', { status: 404 })] }),
    ['failed 2026-11-24T11:59:00.000Z (9 attempts, status 404): status 404'],
  ],
  ['being sent', facts({ queued: [queued({ state: 'active' })] }), ['being sent now, attempt 1']],
  ['waiting for nothing', facts({ queued: [queued(WAITING)] }), [SINCE]],
  [
    'waiting behind others',
    facts({ queued: [queued({ ...WAITING, before: 12 })] }),
    [`${SINCE}; 12 go first`],
  ],
  [
    'waiting, by its post',
    facts({ queued: [queued(WAITING, {}, mention(2))] }),
    [`${SINCE}, in the message of its post or lead`],
  ],
  [
    'resent and waiting',
    facts({
      delivered: [KEY],
      queued: [queued({ ...WAITING, before: 2 }, {}, MENTION, resentKey(KEY, 'abcdefgh'))],
    }),
    ['delivered; time not kept without HISTORY_DAYS', `${SINCE}, by resend; 2 go first`],
  ],
  [
    'waiting while it is held and paused',
    facts({
      queued: [queued(WAITING)],
      gate: { ...OPEN, heldForMs: 9, pausedForMs: 5 * MINUTE_MS },
    }),
    [`${SINCE}: it is held because it keeps failing; it is paused for 5m more`],
  ],
  [
    'waiting while an operator pauses it',
    facts({
      queued: [queued(WAITING)],
      gate: { ...OPEN, operatorPause: { sinceMs: NOW_MS, untilMs: null } },
    }),
    [`${SINCE}: an operator paused it, until it is resumed`],
  ],
  [
    'waiting while an operator pauses it for some time',
    facts({
      queued: [queued(WAITING)],
      gate: { ...OPEN, operatorPause: { sinceMs: NOW_MS, untilMs: NOW_MS + 2 * MINUTE_MS } },
    }),
    [`${SINCE}: an operator paused it for 2m more`],
  ],
  [
    'waiting while its URL is gone',
    facts({ queued: [queued(WAITING)], gate: { ...OPEN, gone: true } }),
    [`${SINCE}: its URL is gone (410), until it is resumed`],
  ],
  [
    'waiting for its working hours',
    facts({
      queued: [queued(WAITING)],
      webhook: webhookWith({ WEBHOOK_A_HOURS: 'Tue 13:00-14:00 UTC' }),
    }),
    [`${SINCE}: it is closed for 1h more`],
  ],
  [
    'waiting for its digest',
    facts({
      queued: [queued(WAITING)],
      webhook: webhookWith({ WEBHOOK_A_DIGEST: 'daily 13:00 UTC' }),
    }),
    [`${SINCE}: the next digest comes in 1h`],
  ],
  [
    'waiting for a webhook that is not configured',
    facts({ queued: [queued(WAITING)], webhook: null, routing: null }),
    [`${SINCE}: it is not configured, until it is again`],
  ],
  [
    'retried later',
    facts({
      queued: [
        queued(
          { state: 'retrying', dueAtMs: NOW_MS + 2 * MINUTE_MS },
          { attempts: 1, reason: 'ECONNRESET' },
        ),
      ],
    }),
    ['1 attempt failed (ECONNRESET); the next one is due in 2m'],
  ],
  [
    'kept away by a rule',
    facts({ routing: { wanted: false, because: 'exclude', rule: 'agent*' } }),
    ['not sent: excluded by its _EXCLUDE "agent*"'],
  ],
  [
    'accepted by its rules, without a record',
    facts(),
    [
      'its rules accept it, but no delivery is known: delivered too long ago, discarded, left out by BACKLOG, or its rules or the webhook are newer',
    ],
  ],
])('%s', (_, known, expected) => {
  expect(wordsOf(ABOUT, known)).toEqual(expected);
});

test.each([
  ['new' as const, ['the next poll queues it']],
  ['backlog' as const, ['not sent: skipped because of BACKLOG']],
])('a mention that is %s to the next poll', (status, expected) => {
  expect(wordsOf({ ...ABOUT, status }, facts())).toEqual(expected);
});

describe('a trace', () => {
  const HOSTILE = mention(1, { keyword: 'crm\u001b[2J', group: { id: '1', name: 'a\u202eb' } });
  const traced = {
    mention: HOSTILE,
    status: 'seen',
    recovered: true,
    key: KEY,
    polledAtMs: NOW_MS,
    mergedInto: POST_KEY,
    webhooks: { A: journeyOf(ABOUT, facts({ ends: [end('delivered')] }), NOW_MS) },
  } as const;
  const searched = { historyDays: 30, window: null, seen: [] };

  test('shows the mention, safe for a terminal', () => {
    const text = traceText([traced], searched, { nowMs: NOW_MS, width: Infinity });
    expect(text).toMatchInlineSnapshot(`
      "294391  crm\\u{1b}[2J in a\\u{202e}b (post)
        link     https://facebook.com/groups/1617905175110739/permalink/1
        message  msg_tAILHd4RPIlhSXjjM4hurA
        spotted  2023-11-08T15:56:41.000Z
        swept    2026-11-24T12:00:00.000Z (recovered: found by a sweep, after the polls had missed it)
        merged   into msg_FYFXV4amqZXpWOMsXFRFQH
        A: delivered 2026-11-24T11:59:00.000Z (2 attempts, status 200)
      "
    `);
  });

  test('has a shape for scripts, without content', () => {
    expect(traceJson('294391', [{ ...traced, mention: MENTION }], searched)).toEqual({
      reference: '294391',
      historyDays: 30,
      windowMentions: null,
      seen: [],
      mentions: [
        {
          id: '294391',
          messageId: `msg_${KEY}`,
          keyword: 'crm',
          position: 'post',
          group: MENTION.group,
          link: MENTION.link,
          spottedAt: '2023-11-08T15:56:41.000Z',
          status: 'seen',
          polledAt: '2026-11-24T12:00:00.000Z',
          recovered: true,
          mergedInto: `msg_${POST_KEY}`,
          webhooks: {
            A: [{ state: 'delivered', at: '2026-11-24T11:59:00.000Z', attempts: 2, status: 200 }],
          },
        },
      ],
    });
  });

  test.each([
    [
      { historyDays: 0, window: null, seen: [] },
      'Redis hangs.',
      [
        '- The present window is unknown. Redis hangs.',
        '- Without HISTORY_DAYS nothing is kept of what is delivered: no poll brought it, or it was delivered and has left the window.',
      ],
    ],
    [
      { historyDays: 30, window: { mentions: 100, oldestSpottedAtMs: NOW_MS }, seen: [] },
      null,
      [
        '- The present window (100 mentions, spotted since 2026-11-24T12:00:00.000Z) does not have it.',
        '- The history (HISTORY_DAYS is 30) does not have it: no poll brought it in this time, unless HISTORY_DAYS is newer or HISTORY_MAX_MB was reached.',
      ],
    ],
    [
      { historyDays: 0, window: null, seen: [{ groupId: '7', keyword: 'crm' }] },
      null,
      [
        '- No delivery of it waits or has failed.',
        '- The present window is unknown.',
        '- Without HISTORY_DAYS nothing is kept of what is delivered.',
      ],
    ],
  ])('that finds nothing explains what that means: %j', (places, problem, expected) => {
    expect(notFoundText(places, problem).split('\n').slice(2)).toEqual(expected);
  });
});

test.each<[string, string, DedupeBy, Record<string, string>, string[]]>([
  [
    'the group of its link, the keywords of the window',
    `${GROUP}/posts/9?x=1`,
    'mention',
    {},
    ['1617 crm'],
  ],
  [
    'all groups and keywords for an id, also those of filters',
    '9',
    'lead',
    { WEBHOOK_A_GROUPS: '77, Some Name', WEBHOOK_A_KEYWORDS: 'erp' },
    ['1617 crm', '1617 erp', '77 crm', '77 erp'],
  ],
  ['no keyword with DEDUPE_BY=post', '9', 'post', { WEBHOOK_A_KEYWORDS: 'erp' }, ['1617']],
  ['nothing for a key', `msg_${KEY}`, 'mention', {}, []],
])('the seen set is asked for %s', (_, given, dedupeBy, env, expected) => {
  const window = [mention(1, { group: { id: '1617', name: 'x' } })];
  const reference = readReference(given);
  if (reference === null) throw new Error('no reference');
  const posts = seenPostsOf(given, reference, {
    window,
    webhooks: configOf(env).webhooks,
    dedupeBy,
  });
  const link = 'facebook.com/groups/1617/permalink/9';
  const keyOf = (text: string) => {
    const [id = '', keyword = ''] = text.split(' ');
    return permalinkKey({ link, keyword, group: { id }, spottedAtMs: null }, dedupeBy);
  };
  expect(posts.map(({ key }) => key)).toEqual(expected.map(keyOf));
});
