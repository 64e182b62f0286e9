import { join } from 'node:path';
import { expect, test } from 'vitest';
import { healthPage } from '../helpers/daemon.ts';
import { relayBench } from '../helpers/relay-bench.ts';
import { waitUntil } from '../helpers/wait-until.ts';

const HOUR_MS = 3_600_000;

/** The time of day, so many hours from now. */
const inHours = (hours: number): string =>
  new Date(Date.now() + hours * HOUR_MS).toISOString().slice(11, 16);

test('a closed webhook gets alerts alone; at its opening the others come oldest first, in few messages', async () => {
  await using bench = await relayBench();
  const { sandbox, a, b } = bench;
  a.answerWith((_request, count) => ({ status: count === 1 ? 500 : 200 }));
  const hours = `${inHours(2)}-${inHours(5)}`;
  const env = {
    RETRY_SCHEDULE_SECONDS: '1',
    HEALTH_PORT: '0',
    TZ: 'UTC',
    WEBHOOK_A_HOURS: hours,
    WEBHOOK_A_EVENTS: 'all',
    WEBHOOK_A_BATCH_SIZE: '10',
    WEBHOOK_B_URL: b.url,
    WEBHOOK_B_CONCURRENCY: '1',
  };
  const relay = bench.relay({
    ...env,
    NODE_OPTIONS: `--import ${join(import.meta.dirname, '../helpers/shifted-clock.mjs')}`,
    CLOCK_JUMP_MS: String(3 * HOUR_MS),
  });
  const first = sandbox.spot(7);
  await b.waitFor(7);
  const spotted = [...first, ...sandbox.spot(5)].map(({ id }) => id);
  await b.waitFor(12);

  const statuses = async (): Promise<Record<string, Record<string, unknown>>> => {
    const { stdout } = await bench.run(['status', '--json'], env);
    return (JSON.parse(stdout) as { webhooks: Record<string, Record<string, unknown>> }).webhooks;
  };
  await waitUntil('the queue', async () => (await statuses())['A']?.['waiting'] === 12);
  const { A, B } = await statuses();
  expect(A).toMatchObject({ waiting: 12, retrying: 0, oldestWaitingAt: null });
  expect(A?.['closedForMs']).toBeGreaterThan(HOUR_MS);
  expect(B).toMatchObject({ closedForMs: null });
  expect((await bench.run(['status'], env)).stdout).toMatch(/^A +12 .*  closed for 1h more$/m);
  expect((await bench.run(['check'], { ...env, WEBHOOK_A_URL: b.url })).stdout).toContain(
    `hours ${hours} UTC: closed for 1h more`,
  );
  expect((await bench.run(['preview'], env)).stdout).toContain(
    `matches A (${hours} UTC: closed for 1h more), B`,
  );
  expect((await healthPage(relay, '/readyz')).status).toBe(200);
  const { text } = await healthPage(relay, '/metrics');
  for (const line of [
    'webhook_closed{webhook="A"} 1',
    'webhook_closed{webhook="B"} 0',
    'oldest_waiting_age_seconds{webhook="A"} 0',
    'deliveries{webhook="A",state="waiting"} 12',
  ]) {
    expect(text).toContain(`\nmention_relay_${line}\n`);
  }
  expect(a.received).toEqual([]);

  // The alert is refused once, and its retry comes while it is closed.
  sandbox.setWindow([...sandbox.mentions(), { content: 'neither id nor link' }]);
  await a.waitFor(2);
  expect(a.received.map(({ json }) => json()['type'])).toEqual(['relay.trouble', 'relay.trouble']);

  relay.kill('SIGUSR2');
  await a.waitFor(4);
  const batches = a.received.slice(2).map(({ json }) => json());
  expect(batches.map(({ type }) => type)).toEqual(['mention.batch', 'mention.batch']);
  const ids = batches.map(({ data }) => (data as { id: string }[]).map(({ id }) => id));
  expect(ids).toEqual([spotted.slice(0, 10), spotted.slice(10)]);
  // The alert, and each mention at A and at B.
  await relay.waitForEvent('delivery.succeeded', 1 + 2 * spotted.length);
  const sent = relay.events('delivery.succeeded').filter(({ webhook }) => webhook === 'A');
  expect(sent.map(({ attempt }) => attempt)).toEqual([2, ...spotted.map(() => 1)]);
}, 60_000);
