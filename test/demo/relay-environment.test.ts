import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { closedForMs } from '../../src/domain/hours/working-hours.ts';
import { readConfig } from '../../src/config/env.ts';
import {
  closedHours,
  demoRedis,
  relayEnvironment,
  type DemoRedis,
} from '../../src/demo/relay-environment.ts';

const EMBEDDED: DemoRedis = { kind: 'embedded', dataDir: '/tmp/x/data' };

const hook = (name: string) => new URL(`http://127.0.0.1:8787/hooks/${name}`);
const external = (prefix: string): DemoRedis => ({
  kind: 'external',
  url: 'redis://r:6379',
  prefix,
});

function environment(
  env: Record<string, string>,
  redis: DemoRedis = EMBEDDED,
  teamsHours: string | null = null,
) {
  return relayEnvironment(env, {
    apiUrl: new URL('http://127.0.0.1:4010/api'),
    apiKey: 'demo-key',
    chatUrls: { slack: hook('slack'), discord: hook('discord'), teams: hook('teams') },
    digestUrl: hook('slack/digest'),
    httpUrl: hook('http'),
    teamsHours,
    signingSecret: `whsec_${Buffer.alloc(32).toString('base64')}`,
    redis,
    colors: false,
  });
}

test('the relay accepts it as its whole configuration', () => {
  const reading = readConfig(environment({ PATH: '/bin' }), {
    readFile: (path) => readFileSync(path, 'utf8'),
    stdoutIsTty: false,
  });
  expect(reading).toMatchObject({
    ok: true,
    value: {
      redis: { kind: 'embedded', dataDir: '/tmp/x/data' },
      webhooks: [
        { name: 'COMMUNITY', type: 'discord' },
        { name: 'CRM', type: 'http' },
        { name: 'OFFICE', type: 'teams' },
        { name: 'REVIEW', type: 'slack' },
        { name: 'SALES', type: 'slack' },
      ],
    },
  });
});

test.each([0, 17, 18, 23])('at %i o’clock a closed channel stays so for hours', (hour) => {
  const nowMs = Date.UTC(2026, 0, 20, hour, 59, 59);
  const reading = readConfig(environment({}, EMBEDDED, closedHours(nowMs)), {
    readFile: (path) => readFileSync(path, 'utf8'),
    stdoutIsTty: false,
  });
  const webhooks = reading.ok ? reading.value.webhooks : [];
  const closed = webhooks.map(({ name, hours }) => [name, closedForMs(hours, nowMs) / 3_600_000]);
  expect(closed.filter(([, hours]) => hours !== 0)).toEqual([['OFFICE', expect.closeTo(5, 1)]]);
});

test('polling stays within the budget', () => {
  const { POLL_INTERVAL_SECONDS, RATE_BUDGET_PER_MINUTE } = environment({});
  expect(60 / Number(POLL_INTERVAL_SECONDS)).toBeLessThan(Number(RATE_BUDGET_PER_MINUTE));
});

test('nothing that configures a relay comes from the shell', () => {
  const shell = {
    GROOUPLY_API_KEY: 'real',
    GROOUPLY_API_KEY_FILE: '/real',
    WEBHOOK_TEAM_URL: 'https://hooks.slack.com/services/real',
    BACKLOG: 'none',
    DEDUPE_BY: 'post',
    HEALTH_PORT: '9000',
    REDIS_URL: 'redis://real',
    LOG_LEVEL: 'silent',
    NODE_OPTIONS: '--inspect',
  };
  expect(environment({ ...shell, PATH: '/bin', TZ: 'UTC' })).toEqual(
    environment({ PATH: '/bin', TZ: 'UTC' }),
  );
});

test.each<[string, Record<string, string>, DemoRedis]>([
  ['nothing', {}, EMBEDDED],
  ['an empty URL', { REDIS_URL: ' ', REDIS_PREFIX: 'x' }, EMBEDDED],
  ['a URL', { REDIS_URL: 'redis://r:6379' }, external('mention-relay-demo')],
  [
    'the prefix of a real relay',
    { REDIS_URL: 'redis://r:6379', REDIS_PREFIX: 'mine' },
    external('mine-demo'),
  ],
  [
    'a prefix for demos',
    { REDIS_URL: 'redis://r:6379', REDIS_PREFIX: 'mine-demo' },
    external('mine-demo'),
  ],
])('the Redis of a shell with %s', (_, env, expected) => {
  expect(demoRedis(env, '/tmp/x/data')).toEqual(expected);
});
