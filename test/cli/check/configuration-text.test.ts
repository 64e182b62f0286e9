import { expect, test } from 'vitest';
import { configurationText } from '../../../src/cli/check/configuration-text.ts';
import { configOf } from '../../helpers/config-of.ts';

const textOf = (env: Record<string, string>, width = Infinity): string =>
  configurationText(configOf(env), { width, nowMs: Date.parse('2026-11-28T12:30:00Z') });

test('the configuration is listed as variables and their values', () => {
  const text = textOf({ REDIS_URL: 'redis://:redis-password@redis.example/3', BACKLOG: '90m' });
  for (const line of [
    'RETRY_SCHEDULE_SECONDS   5,30,120,600,1800,7200,21600,43200',
    'REDIS_URL                host redis.example, port 6379, db 3, tls false',
    'POLL_INTERVAL_SECONDS    10',
    'BACKLOG                  90m',
    'FAILED_RETENTION_DAYS    14',
    'HEALTH_PORT              not set',
    'WEBHOOK_A_URL            a.example (http); mentions; 10 at a time',
  ]) {
    expect(text.split('\n')).toContain(`  ${line}`);
  }
});

test('a webhook shows its settings in one line', () => {
  expect(
    textOf({
      WEBHOOK_A_TYPE: 'slack',
      WEBHOOK_A_KEYWORDS: 'crm, erp',
      WEBHOOK_A_EVENTS: 'all',
      WEBHOOK_A_INCLUDE: 'buy + house*, sell',
      WEBHOOK_A_EXCLUDE: 'hiring*',
      WEBHOOK_A_EXCLUDE_AUTHORS: 'Ana P.',
      WEBHOOK_A_PING: '@here, U012AB3CD',
    }),
  ).toContain(
    'a.example (slack); mentions and alerts; keywords "crm", "erp"; include "buy + house*", "sell"; exclude "hiring*"; 1 author excluded; pings @here, U012AB3CD in turn; 1 at a time; 0.8 per second; up to 10 per POST',
  );
});

test('a webhook shows the fields of its template, and nothing else of it', () => {
  expect(textOf({ WEBHOOK_A_TEMPLATE_FILE: 'config/templates/n8n.json' })).toContain(
    '(http); mentions; template with keyword, content, link, owner.name, owner.link, group.name, alsoFound, spotted, messageId; 10 at a time',
  );
});

test.each([
  ['Mon-Fri 08:00-18:00', 'closed for 1d 19h more'],
  ['Sat 10:00-14:00', 'open for 1h more'],
  ['00:00-24:00', 'open'],
])('a webhook shows its hours %s, and that it is %s', (hours, state) => {
  expect(textOf({ WEBHOOK_A_HOURS: `${hours} UTC` })).toContain(
    `(http); mentions; hours ${hours} UTC: ${state}; 10 at a time`,
  );
});

test.each([
  ['hourly UTC', {}, '30m'],
  ['daily 08:00 UTC', { WEBHOOK_A_HOURS: '10:00-18:00 UTC' }, '21h'],
])('a webhook shows when the next digest comes of %s', (digest, hours, next) => {
  expect(textOf({ WEBHOOK_A_DIGEST: digest, ...hours })).toContain(
    `; digest ${digest}: next in ${next}; 10 at a time`,
  );
});

test('the list contains no secret, and no line wider than the terminal', () => {
  const text = textOf(
    {
      REDIS_URL: 'redis://:redis-password@redis.example/3',
      HEARTBEAT_URL: 'https://heartbeat.example/heartbeat-token',
      WEBHOOK_A_HEADERS: '{"authorization":"Bearer header-token","x-two":"b","x-three":"c"}',
      WEBHOOK_A_EXCLUDE_AUTHORS: 'Ana P.',
    },
    80,
  );
  for (const secret of ['the-key', 'secret-path', 'password', 'token', 'Bearer', 'Ana']) {
    expect(text).not.toContain(secret);
  }
  expect(Math.max(...text.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80);
});
