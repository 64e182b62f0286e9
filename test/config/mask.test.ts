import { expect, test } from 'vitest';
import { readConfig } from '../../src/config/env.ts';
import { valueOf } from '../helpers/value-of.ts';
import { maskConfig, redisPlace } from '../../src/config/mask.ts';

const SECRETS = [1, 2].map((fill) => `whsec_${Buffer.alloc(32, fill).toString('base64')}`);

function mask(env: Record<string, string>) {
  const config = valueOf(readConfig(env, { readFile: () => TEMPLATE, stdoutIsTty: false }));
  return { masked: maskConfig(config), config };
}

const TEMPLATE = '{"token":"hidden-token","text":"hidden: {{excerpt}} {{link}}"}';

const ENV = {
  GROOUPLY_API_KEY: 'hidden-key',
  REDIS_URL: 'rediss://hidden-user:hidden-password@redis.example.com:6380/3',
  BACKLOG: '48h',
  RETRY_SCHEDULE_SECONDS: '5,30',
  HISTORY_DAYS: '1',
  HEALTH_PORT: '9464',
  HEARTBEAT_URL: 'https://hidden.heartbeat.example.com/hidden',
  WEBHOOK_SALES_URL: 'https://hooks.slack.com/services/T0/hidden/path',
  WEBHOOK_CRM_URL: 'https://hidden-name:hidden-pass@crm.example.com:8443/hidden?token=hidden',
  WEBHOOK_CRM_SECRET: SECRETS.join(' '),
  WEBHOOK_CRM_HEADERS: '{"Authorization":"Bearer hidden-token","X-Tenant":"hidden-tenant"}',
  WEBHOOK_CRM_KEYWORDS: 'realtor',
  WEBHOOK_CRM_INCLUDE: 'buy + house*',
  WEBHOOK_CRM_EXCLUDE: 'Hiring',
  WEBHOOK_CRM_EXCLUDE_AUTHORS: 'hidden-author, 7',
  WEBHOOK_CRM_HOURS: 'Mon-Fri 08:00-18:00 Europe/Berlin',
  WEBHOOK_SALES_PING: 'U0HIDDEN1, @here',
  WEBHOOK_SALES_DIGEST: 'hourly UTC',
  WEBHOOK_CRM_TEMPLATE_FILE: 'crm.json',
};

test('shows the whole configuration without its secrets', () => {
  expect(mask(ENV).masked).toEqual({
    apiUrl: 'https://groups.leadhall.com/api',
    redis: { kind: 'external', host: 'redis.example.com', port: 6380, db: 3, tls: true },
    redisPrefix: 'mention-relay',
    pollIntervalMs: 10_000,
    backlog: '2d',
    dedupeBy: 'mention',
    budgetRequests: 50,
    budgetWindowMs: 60_000,
    seenGenerationSize: 10_000,
    retryDelaysMs: [5_000, 30_000],
    deliveryTimeoutMs: 15_000,
    failedRetentionMs: 1_209_600_000,
    history: { maxAgeMs: 86_400_000, maxBytes: 64_000_000 },
    shutdownTimeoutMs: 25_000,
    logLevel: 'info',
    logFormat: 'json',
    health: { host: '127.0.0.1', port: 9464 },
    heartbeat: true,
    httpProxy: null,
    httpsProxy: null,
    noProxy: [],
    webhooks: [
      {
        name: 'CRM',
        type: 'http',
        host: 'crm.example.com:8443',
        signingSecrets: 2,
        headers: ['authorization', 'x-tenant'],
        events: 'mentions',
        keywords: ['realtor'],
        include: ['buy + house*'],
        exclude: ['Hiring'],
        excludeAuthors: 2,
        hours: 'Mon-Fri 08:00-18:00 Europe/Berlin',
        template: ['link', 'excerpt'],
        concurrency: 10,
        ratePerSecond: null,
        batchSize: 1,
      },
      {
        name: 'SALES',
        type: 'slack',
        host: 'hooks.slack.com',
        signingSecrets: 0,
        headers: [],
        events: 'mentions',
        digest: 'hourly UTC',
        pings: 2,
        concurrency: 1,
        ratePerSecond: 0.8,
        batchSize: 10,
      },
    ],
  });
});

test('holds no part of any secret, and no name of a person', () => {
  const json = JSON.stringify(mask(ENV).masked);
  expect(json.toLowerCase()).not.toContain('hidden');
  for (const secret of SECRETS) expect(json).not.toContain(secret.slice(0, 16));
  expect(json).not.toContain('whsec_');
});

test.each([
  [
    'with its defaults',
    'redis://localhost',
    { kind: 'external', host: 'localhost', port: 6379, db: 0, tls: false },
    'Redis localhost:6379',
  ],
  [
    'of a master that Sentinels watch',
    'redis+sentinel://hidden:hidden@one,[::1]:26380/main/2?sentinelPassword=hidden',
    {
      kind: 'sentinel',
      sentinels: ['one:26379', '[::1]:26380'],
      master: 'main',
      db: 2,
      tls: false,
    },
    'Redis main of the Sentinels one:26379, [::1]:26380',
  ],
  [
    'of a Cluster',
    'rediss+cluster://hidden:hidden@one:7000,two',
    { kind: 'cluster', nodes: ['one:7000', 'two:6379'], tls: true },
    'the Redis Cluster one:7000, two:6379',
  ],
  ['that is embedded', '', { kind: 'embedded', dataDir: '/data' }, 'the embedded Redis in /data'],
])('shows the address of a Redis %s', (_, url, shown, place) => {
  const { config, masked } = mask({ ...ENV, REDIS_URL: url, DATA_DIR: '/data' });
  expect(masked['redis']).toEqual(shown);
  expect(redisPlace(config.redis)).toBe(place);
  expect(JSON.stringify(masked)).not.toContain('hidden');
});

test('shows nothing of an unreadable Redis URL', () => {
  const { config } = mask(ENV);
  const masked = maskConfig({ ...config, redis: { kind: 'external', url: 'redis://hidden:x:y' } });
  expect(masked['redis']).toEqual({ kind: 'external', host: 'unreadable' });
});
