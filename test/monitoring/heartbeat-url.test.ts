import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import type { ProxySettings } from '../../src/domain/proxy.ts';
import { createHeartbeat, type Heartbeat } from '../../src/monitoring/heartbeat-url.io.ts';
import { startPrivateRedis, type PrivateRedis } from '../helpers/private-redis.ts';
import { startProxy } from '../helpers/proxy.ts';
import { startReceiver, type Receiver } from '../helpers/receiver.ts';
import { recordingLog } from '../helpers/recording-log.ts';
import { waitUntil } from '../helpers/wait-until.ts';

const KEY = '{test}:ping';

let redis: PrivateRedis;
let service: Receiver;
const pings: Heartbeat[] = [];

beforeAll(async () => {
  redis = await startPrivateRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  await redis.client.flushall();
  service = await startReceiver('/secret-check?token=secret-token');
});
afterEach(async () => {
  for (const ping of pings.splice(0)) ping.close();
  await service.stop();
});

function replica(url = service.url, proxy?: ProxySettings) {
  const recording = recordingLog();
  const errors: unknown[] = [];
  const ping = createHeartbeat({
    url: new URL(url),
    redis: redis.client,
    key: KEY,
    userAgent: 'mention-relay/1.2.3',
    proxy,
    log: recording.log,
    onError: (error) => errors.push(error),
  });
  pings.push(ping);
  return { ...recording, ...ping, errors };
}

test('a clock of Redis that went back delays no request', async () => {
  await redis.client.set(KEY, '1', 'PX', 3_600_000);
  replica().pollSucceeded();
  await service.waitFor(1);
  expect(await redis.client.pttl(KEY)).toBeLessThanOrEqual(60_000);
});

/** Makes the replicas believe that a minute has passed. */
const aMinuteLater = () => redis.client.del(KEY);

/** Waits until a replica has claimed the minute: the key exists again. */
const claimed = () =>
  waitUntil('the minute to be claimed', async () => (await redis.client.exists(KEY)) === 1);

test('successful polls request the URL as written, once per minute over all replicas', async () => {
  const [one, other] = [replica(), replica()];
  for (const { pollSucceeded } of [one, other, one, other]) pollSucceeded();
  await service.waitFor(1);
  expect(service.received).toMatchObject([
    { path: '/secret-check?token=secret-token', headers: { 'user-agent': 'mention-relay/1.2.3' } },
  ]);
  const leftMs = await redis.client.pttl(KEY);
  expect(leftMs).toBeGreaterThan(50_000);
  expect(leftMs).toBeLessThanOrEqual(60_000);

  // The next request shows that there was none in between.
  await aMinuteLater();
  other.pollSucceeded();
  await service.waitFor(2);
  await claimed();
  expect(service.received).toHaveLength(2);
  expect([...one.told(), ...other.told()]).toEqual([]);
});

test('an outage and its end are logged once each, without the URL', async () => {
  const { pollSucceeded, lines, shown } = replica();
  const statuses = [200, 500, 404, 200, 200];
  service.answerWith((_request, count) => ({ status: statuses[count - 1] ?? 200 }));
  for (let count = 1; count <= statuses.length; count++) {
    await aMinuteLater();
    pollSucceeded();
    await service.waitFor(count);
    if (count === 2) await waitUntil('the outage to be logged', () => lines.length === 1);
  }
  await waitUntil('the end to be logged', () => lines.length === 2);
  expect(lines).toMatchObject([
    { level: 'warn', event: 'heartbeat.failed', fields: { reason: 'status 500' } },
    { level: 'info', event: 'heartbeat.recovered' },
  ]);
  expect(shown()).not.toContain('secret');
});

test.each([
  ['OK (not found)', 'status 200: not found'],
  ['OK (rate limited)', 'status 200: rate limited'],
])('a 200 with %s is a failure: the service recorded nothing', async (body, reason) => {
  const { pollSucceeded, lines } = replica();
  service.answerWith(() => ({ status: 200, body }));
  pollSucceeded();
  await waitUntil('the failure', () => lines.length > 0);
  expect(lines).toMatchObject([{ event: 'heartbeat.failed', fields: { reason } }]);
});

test('redirects are followed', async () => {
  service.answerWith(({ path }) =>
    path === '/moved' ? { status: 200 } : { status: 302, headers: { location: '/moved' } },
  );
  const { pollSucceeded, told } = replica();
  pollSucceeded();
  await service.waitFor(2);
  await aMinuteLater();
  pollSucceeded();
  await service.waitFor(4);
  expect(told()).toEqual([]);
});

test('a redirect to a host of NO_PROXY leaves the proxy, and a refusal names it', async () => {
  const proxy = await startProxy();
  onTestFinished(() => proxy.stop());
  const moved = new URL('/moved', service.url.replace('127.0.0.1', 'localhost')).href;
  service.answerWith(({ path }) =>
    path === '/moved' ? { status: 200 } : { status: 302, headers: { location: moved } },
  );
  const settings = { http: proxy.url, https: null, noProxy: ['localhost'] };
  const { pollSucceeded, lines } = replica(service.url, settings);
  pollSucceeded();
  await service.waitFor(2);
  expect(proxy.requests.map(({ target }) => target)).toEqual([service.url]);
  proxy.refuseWith(407);
  await aMinuteLater();
  pollSucceeded();
  await waitUntil('the outage to be logged', () => lines.length > 0);
  const reason = `PROXY_407 at ${proxy.url.host}`;
  expect(lines).toMatchObject([{ event: 'heartbeat.failed', fields: { reason } }]);
});

test.each<[string, string, readonly string[]]>([
  ['refuses the connection', 'http://127.0.0.1:9/secret-check', ['ECONNREFUSED']],
  // Without a resolver the lookup itself fails.
  ['has no address', 'http://no-such-host.invalid/secret-check', ['ENOTFOUND', 'EAI_AGAIN']],
])('if the service %s, only a code is logged', async (_, url, reasons) => {
  const { pollSucceeded, lines } = replica(url);
  pollSucceeded();
  await waitUntil('the outage to be logged', () => lines.length > 0);
  expect(reasons).toContain(lines[0]?.fields['reason']);
  expect(JSON.stringify(lines)).not.toContain('secret');
});

test('a reset connection is logged by its code, and a long answer is not read', async () => {
  const { pollSucceeded, lines } = replica();
  service.answerWith((_request, count) =>
    count === 1 ? 'reset' : { status: 200, body: 'x'.repeat(5_000_000) },
  );
  pollSucceeded();
  await waitUntil('the outage to be logged', () => lines.length === 1);
  expect(lines[0]?.fields).toEqual({ reason: 'ECONNRESET' });
  await aMinuteLater();
  pollSucceeded();
  await waitUntil('the end to be logged', () => lines.length === 2);
  expect(lines[1]?.event).toBe('heartbeat.recovered');
});

test('a hanging ping delays nothing, and is aborted silently when the relay stops', async () => {
  service.answerWith(() => 'hang');
  const { pollSucceeded, close, lines, errors } = replica();
  pollSucceeded();
  await service.waitFor(1);
  close();
  // Another replica's ping comes later: by then the first failure would have been logged.
  service.answerWith(() => ({ status: 500 }));
  await aMinuteLater();
  const other = replica();
  pollSucceeded();
  other.pollSucceeded();
  await waitUntil('the other failure to be logged', () => other.lines.length === 1);
  expect(service.received).toHaveLength(2);
  expect([lines, errors]).toEqual([[], []]);
});

test('if Redis refuses, the error is reported and nothing is requested', async () => {
  await redis.client.config('SET', 'maxmemory', '1');
  const { pollSucceeded, errors, lines } = replica();
  pollSucceeded();
  await waitUntil('the refusal to be reported', () => errors.length === 1);
  await redis.client.config('SET', 'maxmemory', '0');
  expect(String(errors[0])).toContain('OOM');
  expect([lines, service.received]).toEqual([[], []]);
});
