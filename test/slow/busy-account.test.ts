import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { SandboxMention } from '../../src/sandbox/made-up-mentions.ts';
import { relayBench, type RelayBench } from '../helpers/relay-bench.ts';
import { waitUntil } from '../helpers/wait-until.ts';

const BUDGET = 50;

/** Spots so many mentions per second for some time, by the clock and not by the number of timers. */
async function spotFor(
  { sandbox }: RelayBench,
  seconds: number,
  perSecond: (second: number) => number,
): Promise<SandboxMention[]> {
  const spotted: SandboxMention[] = [];
  const startedMs = performance.now();
  let due = 0;
  let lastSecond = 0;
  for (;;) {
    const second = (performance.now() - startedMs) / 1_000;
    if (second >= seconds) return spotted;
    due += (second - lastSecond) * perSecond(second);
    lastSecond = second;
    const count = Math.floor(due);
    due -= count;
    if (count > 0) spotted.push(...sandbox.spot(count));
    await sleep(20);
  }
}

/** Returns the ids of all mentions that were sent. */
function idsAt({ a }: RelayBench): Set<string> {
  return new Set(
    a.received.flatMap(({ json }) => {
      const { data } = json();
      return (Array.isArray(data) ? data : [data]).map((mention) => (mention as { id: string }).id);
    }),
  );
}

const ENV = {
  RATE_BUDGET_PER_MINUTE: String(BUDGET),
  WEBHOOK_A_BATCH_SIZE: '50',
  WEBHOOK_A_CONCURRENCY: '4',
};

// At this rate a poll may be late by a third of a second at most, and other tests keep the machine
// busy at the same time: hence another try.
test(
  '60 mentions a second for half a minute: none is missed, and the budget holds',
  { retry: 2 },
  async () => {
    await using bench = await relayBench({ backlog: 100, requestLimit: 60 });
    const replicas = [bench.relay(ENV), bench.relay(ENV)];
    await waitUntil('the first window', () => idsAt(bench).size === 100, 20_000);
    const spotted = await spotFor(bench, 30, () => 60);
    expect(spotted.length).toBeGreaterThan(1_700);
    await waitUntil(
      'all of them',
      () => {
        const ids = idsAt(bench);
        return spotted.every(({ id }) => ids.has(id));
      },
      30_000,
    );
    for (const relay of replicas) expect(relay.events('poll.gap_detected')).toEqual([]);
    expect(bench.sandbox.busiestWindow(60_000)).toBeLessThanOrEqual(BUDGET);
  },
);

test('bursts of 80 in a second after calm are not missed at an interval of a second', async () => {
  await using bench = await relayBench({ backlog: 100, requestLimit: 60 });
  const relay = bench.relay({ ...ENV, POLL_INTERVAL_SECONDS: '1' });
  await waitUntil('the first window', () => idsAt(bench).size === 100, 20_000);
  const spotted = await spotFor(bench, 24, (second) => (Math.floor(second) % 6 === 3 ? 80 : 0));
  expect(spotted.length).toBeGreaterThan(300);
  await waitUntil(
    'all of them',
    () => {
      const ids = idsAt(bench);
      return spotted.every(({ id }) => ids.has(id));
    },
    30_000,
  );
  expect(relay.events('poll.gap_detected')).toEqual([]);
  expect(bench.sandbox.busiestWindow(60_000)).toBeLessThanOrEqual(BUDGET);
});
