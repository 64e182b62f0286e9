import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AttemptResult, Verdict } from '../../src/domain/delivery.ts';
import { WEBHOOK_TYPE_NAMES, type WebhookTypeName } from '../../src/domain/webhook.ts';
import { judge } from '../../src/delivering/verdict.ts';
import { webhookTypes } from '../../src/webhooks/registry.ts';

const NOW_MS = Date.parse('2023-11-08T16:04:48Z');
const SECRET = 'https://hooks.example.com/T00SECRETPATH';

function answer(
  status: number,
  headers: Readonly<Record<string, string>> = {},
  body = `<p>${SECRET}</p>`,
): AttemptResult {
  return { kind: 'answered', status, headers, body, durationMs: 12 };
}

function verdictOn(name: WebhookTypeName, result: AttemptResult, url = new URL(SECRET)): Verdict {
  const { accepted } = webhookTypes[name];
  return judge(result, (status, body) => accepted(status, body, url), NOW_MS);
}

function reasonOf(verdict: Verdict): string {
  if (verdict.kind === 'delivered') throw new Error('It was delivered.');
  return verdict.reason;
}

const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

const SERVER_ERRORS = range(500, 599);
const REDIRECTS = range(300, 399);
const TRY_LATER = [408, 425];
const WRONG_DESTINATION = [401, 403, 404, 410];
const CONTENT_REFUSED = [400, 413, 422];
const OTHER_CLIENT_ERRORS = range(400, 499).filter(
  (status) => ![...TRY_LATER, ...WRONG_DESTINATION, ...CONTENT_REFUSED, 429].includes(status),
);

interface Row {
  readonly statuses: readonly number[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly kinds: Readonly<Record<WebhookTypeName, Verdict['kind']>>;
  /** What the reason says besides the status. */
  readonly says?: RegExp;
}

const every = (kind: Verdict['kind']): Row['kinds'] => ({
  http: kind,
  slack: kind,
  discord: kind,
  teams: kind,
  telegram: kind,
  googlechat: kind,
  ntfy: kind,
});
// Telegram and ntfy confirm each message in their JSON.
const UNCONFIRMED = { telegram: 'retry', ntfy: 'retry' } as const;
const CONFIRMED = '{"ok":true,"event":"message"}';
const later = { 'retry-after': '30' };

// The table 'Answers' of docs/deliveries.md, row by row. With the rows of 2xx it has every status
// from 200 to 599.
const POLICY: readonly (readonly [string, Row])[] = [
  ['2xx with its JSON', { statuses: range(200, 299), body: CONFIRMED, kinds: every('delivered') }],
  [
    '2xx with the body ok',
    { statuses: range(200, 299), body: 'ok', kinds: { ...every('delivered'), ...UNCONFIRMED } },
  ],
  [
    '2xx with another body',
    { statuses: range(200, 299), kinds: { ...every('delivered'), ...UNCONFIRMED } },
  ],
  [
    "2xx with an error in Slack's words",
    {
      statuses: range(200, 299),
      body: '{"ok":false,"error":"no_service"}',
      kinds: { ...every('delivered'), ...UNCONFIRMED, slack: 'retry' },
    },
  ],
  ['408 and 425', { statuses: TRY_LATER, kinds: every('retry') }],
  ['408 and 425 with Retry-After', { statuses: TRY_LATER, headers: later, kinds: every('retry') }],
  ['5xx', { statuses: SERVER_ERRORS, kinds: every('retry') }],
  [
    '5xx but 503, with Retry-After',
    {
      statuses: SERVER_ERRORS.filter((status) => status !== 503),
      headers: later,
      kinds: every('retry'),
    },
  ],
  ['503 with Retry-After', { statuses: [503], headers: later, kinds: every('pause') }],
  ['429', { statuses: [429], kinds: every('pause') }],
  ['429 with Retry-After', { statuses: [429], headers: later, kinds: every('pause') }],
  [
    '401, 403, 404 and 410',
    { statuses: WRONG_DESTINATION, kinds: every('fail'), says: /URL is no longer valid/ },
  ],
  ['400, 413 and 422', { statuses: CONTENT_REFUSED, kinds: every('content-refused') }],
  ['3xx', { statuses: REDIRECTS, kinds: every('fail'), says: /update the URL/ }],
  ['other 4xx', { statuses: OTHER_CLIENT_ERRORS, kinds: every('fail') }],
];

describe.each(WEBHOOK_TYPE_NAMES)('the status policy of a %s webhook', (name) => {
  test.each(POLICY)('for %s', (_, { statuses, headers, body, kinds, says }) => {
    for (const status of statuses) {
      const verdict = verdictOn(name, answer(status, headers, body));
      expect(verdict.kind, `status ${status}`).toBe(kinds[name]);
      if (verdict.kind === 'delivered') continue;
      expect(verdict.reason).toContain(`status ${status}`);
      expect(verdict.reason).toMatch(says ?? /^/);
    }
  });

  test.each(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'ETIMEDOUT', 'CERT_HAS_EXPIRED'])(
    'for no answer, %s',
    (code) => {
      const verdict = verdictOn(name, { kind: 'unanswered', code, durationMs: 12 });
      expect(verdict).toEqual({ kind: 'retry', reason: code });
    },
  );

  test.each(['HPE_INVALID_CONSTANT', 'HPE_HEADER_OVERFLOW'])(
    'for an answer that is not valid HTTP, %s: a retry would repeat the message',
    (code) => {
      const verdict = verdictOn(name, { kind: 'unanswered', code, durationMs: 12 });
      const reason = `${code}: the answer is not valid HTTP, the message may have arrived`;
      expect(verdict).toEqual({ kind: 'fail', reason, mayHaveArrived: true });
    },
  );

  test.each(['PROXY_407', 'PROXY_403', 'PROXY_502', 'PROXY_ECONNREFUSED'])(
    'for a proxy that makes no connection, %s',
    (code) => {
      const verdict = verdictOn(name, { kind: 'unanswered', code, durationMs: 12 });
      expect(verdict).toEqual({ kind: 'retry', reason: code });
    },
  );

  test.each<[string, number, Record<string, string>, string, number]>([
    ['429 waits for as long as Retry-After says', 429, { 'retry-after': '30' }, '', 30_000],
    ['429 waits 1 s at least', 429, { 'retry-after': '0' }, '', 1_000],
    ['429 waits 1 h at most', 429, { 'retry-after': '7200' }, '', 3_600_000],
    [
      '429 waits until the date that Retry-After names',
      429,
      { 'retry-after': 'Wed, 08 Nov 2023 16:06:48 GMT' },
      '',
      120_000,
    ],
    ["429 waits for as long as Discord's body says", 429, {}, '{"retry_after":2.5}', 2_500],
    ['429 waits a little where nothing says how long', 429, {}, '', 5_000],
    ['503 waits for as long as Retry-After says', 503, { 'retry-after': '30' }, '', 30_000],
  ])('%s', (_, status, headers, body, waitMs) => {
    expect(verdictOn(name, answer(status, headers, body))).toMatchObject({ kind: 'pause', waitMs });
  });

  test('503 is tried again by the schedule where only the body says how long', () => {
    expect(verdictOn(name, answer(503, {}, '{"retry_after":2.5}')).kind).toBe('retry');
  });

  test('gives no reason in which a word of the answer stands', () => {
    for (const status of range(300, 599)) {
      for (const headers of [{}, { 'retry-after': SECRET, location: SECRET }]) {
        const reason = reasonOf(verdictOn(name, answer(status, headers)));
        expect(reason).not.toContain('SECRET');
        expect(reason).not.toContain('hooks.example.com');
      }
    }
  });

  test('comes to a verdict on whatever is answered, with waits that can be waited', () => {
    const headers = fc.dictionary(fc.constantFrom('retry-after', 'location'), fc.string());
    fc.assert(
      fc.property(
        fc.integer({ min: 100, max: 999 }),
        headers,
        fc.string(),
        (status, sent, body) => {
          const verdict = verdictOn(name, answer(status, sent, body));
          if (verdict.kind !== 'pause') return;
          expect(verdict.waitMs).toBeGreaterThanOrEqual(1_000);
          expect(verdict.waitMs).toBeLessThanOrEqual(3_600_000);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

test('Together the rows of the policy hold every status from 200 to 599', () => {
  const held = new Set(POLICY.flatMap(([, { statuses }]) => statuses));
  expect([...held].toSorted((a, b) => a - b)).toEqual(range(200, 599));
});

const SLACK = new URL('https://hooks.slack.com/services/T0/B0/SECRET');

describe('Slack', () => {
  test.each<[string, number, string, Verdict]>([
    ['takes a message with ok', 200, 'ok', { kind: 'delivered' }],
    ['takes a message with ok and a line break', 200, 'ok\n', { kind: 'delivered' }],
    [
      "has not taken a message where a proxy's log-in page says 200",
      200,
      '<html>Log in</html>',
      { kind: 'retry', reason: 'status 200 without ok' },
    ],
    [
      'tells its code for a message that it refuses',
      400,
      'invalid_blocks',
      { kind: 'content-refused', reason: 'status 400: invalid_blocks' },
    ],
    [
      'tells its code for a webhook that is gone',
      410,
      'channel_is_archived',
      {
        kind: 'fail',
        reason: 'status 410: channel_is_archived: the URL is no longer valid, or not allowed',
        gone: true,
      },
    ],
  ])('%s', (_, status, body, expected) => {
    expect(verdictOn('slack', answer(status, {}, body), SLACK)).toEqual(expected);
  });
});

test('Make with a full queue is tried again, and the same answer of another receiver fails', () => {
  const full = answer(400, {}, 'Queue is full');
  const make = new URL('https://hook.eu1.make.com/secret-path');
  expect(verdictOn('http', full, make)).toEqual({
    kind: 'retry',
    reason: 'status 400: queue_is_full',
  });
  expect(verdictOn('http', full)).toEqual({ kind: 'content-refused', reason: 'status 400' });
});
