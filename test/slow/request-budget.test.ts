import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Daemon } from '../helpers/daemon.ts';
import { relayBench } from '../helpers/relay-bench.ts';
import { waitUntil } from '../helpers/wait-until.ts';

const BUDGET = 20;
const RUN_MS = 100_000;

test('three replicas, killed and frozen, with a failing API, never exceed the budget in a real minute', async () => {
  await using bench = await relayBench({ requestLimit: BUDGET });
  const { sandbox, a, b } = bench;
  sandbox.fault({ kind: 'status', status: 500, probability: 0.15 });
  sandbox.fault({ kind: 'reset', probability: 0.1 });
  sandbox.fault({ kind: 'reset', when: 'after', probability: 0.1 });

  const start = () =>
    bench.relay({
      RATE_BUDGET_PER_MINUTE: String(BUDGET),
      POLL_INTERVAL_SECONDS: '0.5',
      WEBHOOK_B_URL: b.url,
      WEBHOOK_B_TYPE: 'slack',
      WEBHOOK_B_BATCH_SIZE: '1',
      WEBHOOK_B_RATE_PER_SECOND: '100',
    });
  const replicas: Daemon[] = [start(), start(), start()];
  const ids: string[] = [];
  const endMs = performance.now() + RUN_MS;
  for (let round = 0; performance.now() < endMs; round++) {
    ids.push(...sandbox.spot(2).map(({ id }) => id));
    const index = round % replicas.length;
    const victim = replicas[index];
    if (round % 2 === 0) {
      victim?.kill('SIGKILL');
      await victim?.ended;
      replicas[index] = start();
    } else {
      victim?.kill('SIGSTOP');
      await sleep(4_000);
      victim?.kill('SIGCONT');
    }
    await sleep(1_000);
  }

  for (const [name, receiver] of [
    ['A', a],
    ['B', b],
  ] as const) {
    const deliveries = () =>
      name === 'A'
        ? new Set(receiver.mentionIds()).size
        : new Set(receiver.received.map(({ text }) => text)).size;
    await waitUntil(`every mention at ${name}`, () => deliveries() >= ids.length, 120_000);
  }
  expect(new Set(a.mentionIds())).toEqual(new Set(ids));
  expect(sandbox.requests().filter(({ status }) => status === 429)).toEqual([]);
  expect(sandbox.busiestWindow()).toBeLessThanOrEqual(BUDGET);
  expect(sandbox.busiestWindow()).toBeGreaterThan(BUDGET / 2);
}, 300_000);
