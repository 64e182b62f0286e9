import { join } from 'node:path';
import { expect, test } from 'vitest';
import { redisKeys } from '../../src/redis/redis-keys.ts';
import { relayBench, type RelayBench } from '../helpers/relay-bench.ts';
import { waitUntil } from '../helpers/wait-until.ts';

const HOUR_MS = 3_600_000;
const keys = redisKeys('mention-relay');
const QUEUE = `${keys.queues}:deliver-A`;

test('a digest brings what waited, again after a kill, and nothing else; alerts do not wait for it', async () => {
  await using bench = await relayBench();
  const { sandbox, a, b } = bench;
  const time = new Date(Date.now() + 2 * HOUR_MS).toISOString().slice(11, 16);
  const env = {
    TZ: 'UTC',
    WEBHOOK_A_DIGEST: `daily ${time}`,
    WEBHOOK_A_EVENTS: 'all',
    WEBHOOK_B_URL: b.url,
  };
  const waiting = (count: number) =>
    waitUntil('the queue', async () => (await bench.redis.client.llen(`${QUEUE}:wait`)) === count);
  const digests = () =>
    a.received
      .map(({ json }) => json())
      .filter(({ type }) => type === 'mention.digest')
      .map(({ data }) => (data as { id: string }[]).map(({ id }) => id));

  const doomed = bench.relay(env);
  const first = sandbox.spot(7).map(({ id }) => id);
  await b.waitFor(7);
  await waiting(7);
  // Nothing is late.
  expect((await bench.run(['status'], env)).stdout).toMatch(/^A +7 .*  digest in 1h$/m);
  const preview = (await bench.run(['preview'], env)).stdout;
  expect(preview).toContain(`matches A (digest daily ${time} UTC: next in 1h)`);
  expect(preview).toContain('  | {\n  |   "type": "mention.digest",\n');

  sandbox.setWindow([...sandbox.mentions(), { content: 'neither id nor link' }]);
  await a.waitFor(1);
  expect(a.received.map(({ json }) => json()['type'])).toEqual(['relay.trouble']);

  sandbox.setWindow(null);
  a.answerWith(() => 'hang');
  expect(await bench.run(['digest', 'A'], env)).toMatchObject({
    code: 0,
    stdout:
      'A: 7 waiting; a running relay sends them within seconds, unless the webhook is paused or held.\n',
  });
  await a.waitFor(2);
  doomed.kill('SIGKILL');
  await doomed.ended;
  await forgetReplica(bench);
  a.answerWith(() => ({ status: 200 }));
  const heir = bench.relay({
    ...env,
    NODE_OPTIONS: `--import ${join(import.meta.dirname, '../helpers/shifted-clock.mjs')}`,
    CLOCK_JUMP_MS: String(3 * HOUR_MS),
  });
  const second = sandbox.spot(3).map(({ id }) => id);
  await heir.waitForEvent('delivery.succeeded', 7 + 3);
  await waiting(3);
  expect(digests().map((ids) => ids.toSorted())).toEqual([first.toSorted(), first.toSorted()]);

  heir.kill('SIGUSR2');
  await a.waitFor(4);
  expect(digests()[2]).toEqual(second);
  await heir.waitForEvent('delivery.succeeded', 7 + 3 + 3);
  const { stdout } = await bench.run(['status', '--json'], env);
  const { webhooks } = JSON.parse(stdout) as { webhooks: Record<string, Record<string, unknown>> };
  expect(webhooks['A']).toMatchObject({ waiting: 0, active: 0, retrying: 0, failed: 0 });
  expect(String(webhooks['A']?.['nextDigestAt']).slice(11, 16)).toBe(time);
  expect(a.received).toHaveLength(4);
  heir.kill('SIGTERM');
  await heir.ended;
  // The next replica need not wait for the end of the turn.
  expect(await bench.redis.client.hget(keys.gate('A'), 'turnUntil')).toBeNull();
  expect(await bench.run(['digest', 'B'], env)).toMatchObject({
    code: 1,
    stderr: 'No webhook with a digest is named B. Webhooks with digests: A.\n',
  });
}, 60_000);

/** Lets everything end that a dead replica held, which takes a minute otherwise. */
async function forgetReplica({ redis: { client } }: RelayBench): Promise<void> {
  const active = await client.lrange(`${QUEUE}:active`, 0, -1);
  await client.sadd(`${QUEUE}:stalled`, ...active);
  await client.del(`${QUEUE}:stalled-check`, ...active.map((id) => `${QUEUE}:${id}:lock`));
  await client.hdel(keys.gate('A'), 'turnUntil');
}
