import { expect, onTestFinished, test } from 'vitest';
import { healthPage } from '../helpers/daemon.ts';
import { startProxy, type Proxy } from '../helpers/proxy.ts';
import { relayBench } from '../helpers/relay-bench.ts';
import { waitUntil } from '../helpers/wait-until.ts';

async function proxy(): Promise<Proxy> {
  const started = await startProxy();
  onTestFinished(() => started.stop());
  return started;
}

test('polls, deliveries and the heartbeat go by the proxy, and no line holds its password', async () => {
  const { url, requests } = await proxy();
  await using bench = await relayBench();
  const [{ id } = { id: '' }] = bench.sandbox.spot(1);
  const heartbeat = `${bench.b.url}/heartbeat`;
  const relay = bench.relay({
    LOG_LEVEL: 'trace',
    http_proxy: url.href,
    HEARTBEAT_URL: heartbeat,
    HEALTH_PORT: '0',
    NODE_USE_ENV_PROXY: '1',
  });
  await bench.a.waitFor(1);
  await bench.b.waitFor(1);
  expect(bench.a.mentionIds()).toEqual([id]);
  expect((await healthPage(relay, '/healthz')).status).toBe(200);
  const targets = requests.map(({ target }) => target);
  for (const target of [`${bench.sandbox.url.href}/account/mentions`, bench.a.url, heartbeat]) {
    expect(targets).toContain(target);
  }
  expect(relay.stdout() + relay.stderr()).not.toContain('SECRET');
}, 60_000);

test('a proxy that refuses fails no delivery, and is named; NO_PROXY leaves polls alone', async () => {
  const started = await proxy();
  started.refuseWith(407);
  await using bench = await relayBench();
  const env = {
    HTTP_PROXY: started.url.href,
    NO_PROXY: bench.sandbox.url.host,
    RETRY_SCHEDULE_SECONDS: '1,1,1,1,1',
  };
  bench.sandbox.spot(1);
  const relay = bench.relay(env);
  const retrying = await relay.waitForEvent('delivery.retrying');
  expect(retrying['reason']).toBe(`PROXY_407 at ${started.url.host}`);
  expect(relay.events('poll.failed')).toEqual([]);
  expect(bench.a.received).toEqual([]);

  const { code, stdout } = await bench.run(['check'], env);
  expect(code).toBe(1);
  expect(stdout).toContain(`through the proxy (PROXY_407 at ${started.url.host})`);
  expect(stdout).toContain('check HTTP_PROXY');
  expect(stdout).not.toContain('SECRET');
}, 60_000);

test('a mistaken proxy is reported at the start, without its password', async () => {
  await using bench = await relayBench();
  const relay = bench.relay({ https_proxy: 'http://user:p%SECRET@proxy.example' });
  expect(await relay.ended).toMatchObject({ code: 78 });
  expect(relay.stderr()).toContain('https_proxy has a stray %');
  expect(relay.stderr()).not.toContain('SECRET');
});

test('check finds a relay on its health port, whatever proxy Node is told to use', async () => {
  const started = await proxy();
  started.refuseWith(503);
  await using bench = await relayBench();
  const relay = bench.relay({ HEALTH_PORT: '0' });
  const { port } = await relay.waitForEvent('health.listening');
  const { stdout } = await bench.run(['check'], {
    HEALTH_PORT: String(port),
    HTTP_PROXY: started.url.href,
    NODE_USE_ENV_PROXY: '1',
  });
  expect(stdout).toContain(`HEALTH_PORT ${String(port)} is served by a running relay`);
}, 60_000);

test('a batch that its receiver breaks off arrives in smaller parts', async () => {
  await using bench = await relayBench();
  const ids = bench.sandbox.spot(40).map(({ id }) => id);
  const delivered: string[] = [];
  bench.a.answerWith(({ json }) => {
    const { data } = json() as {
      readonly data: { readonly id: string }[] | { readonly id: string };
    };
    const mentions = [data].flat();
    if (mentions.length > 6) return 'reset';
    delivered.push(...mentions.map(({ id }) => id));
    return { status: 200 };
  });
  bench.relay({ WEBHOOK_A_BATCH_SIZE: '20', RETRY_SCHEDULE_SECONDS: '0.5,60' });
  await waitUntil('all mentions', () => delivered.length >= ids.length, 30_000);
  expect(delivered.toSorted()).toEqual(ids.toSorted());
}, 60_000);
