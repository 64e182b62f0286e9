import { join } from 'node:path';
import { expect, test } from 'vitest';
import { relayBench, type RelayBench } from '../helpers/relay-bench.ts';
import { waitUntil } from '../helpers/wait-until.ts';

const shifted = (shiftMs: number) => ({
  NODE_OPTIONS: `--import ${join(import.meta.dirname, '../helpers/shifted-clock.mjs')}`,
  CLOCK_SHIFT_MS: String(shiftMs),
});

async function polls({ sandbox }: RelayBench, count: number): Promise<void> {
  const before = sandbox.requests().length;
  await waitUntil(`${count} more polls`, () => sandbox.requests().length >= before + count, 25_000);
}

test.concurrent.each([
  ['ahead', 60_000],
  ['behind', -60_000],
])(
  'a replica whose clock is 60 s %s breaks neither polling nor the budget, and may go away',
  async (_case, shiftMs) => {
    await using bench = await relayBench({ requestLimit: 60 });
    const right = { POLL_INTERVAL_SECONDS: '1', RATE_BUDGET_PER_MINUTE: '60' };
    const wrong = bench.relay({ ...right, ...shifted(shiftMs) });
    await wrong.waitForEvent('state.empty');
    const other = bench.relay(right);
    await polls(bench, 4);

    // It leaves the next poll in its own future, where no right clock comes to for a minute.
    wrong.kill('SIGKILL');
    await wrong.ended;
    const [mention] = bench.sandbox.spot(1);
    await polls(bench, 3);
    await waitUntil('the mention', () => bench.a.mentionIds().includes(mention?.id ?? ''));
    expect(bench.a.mentionIds()).toHaveLength(1);
    expect(bench.sandbox.requests().filter(({ status }) => status === 429)).toEqual([]);
    expect(other.events('poll.rescheduled').length).toBeLessThan(4);
  },
  60_000,
);

test.concurrent(
  'an extra poll that a replica with a fast clock takes too early comes at its time',
  async () => {
    await using bench = await relayBench({ backlog: 60 });
    const { sandbox, a } = bench;
    const rare = { POLL_INTERVAL_SECONDS: '3600' };
    const fast = bench.relay({ ...rare, ...shifted(60_000) });
    const right = bench.relay(rare);
    await a.waitFor(60);
    for (const relay of [fast, right]) await relay.waitForEvent('relay.started');
    for (let count = 120; count <= 420; count += 60) {
      sandbox.spot(60);
      await a.waitFor(count);
    }
  },
  60_000,
);

test.concurrent(
  'an emptied Redis gets back its schedules of polls and sweeps, and a pause works again',
  async () => {
    await using bench = await relayBench();
    const { sandbox, a, redis } = bench;
    const daemon = bench.relay({ POLL_INTERVAL_SECONDS: '1' });
    await daemon.waitForEvent('state.empty');
    await waitUntil(
      'a state',
      async () => (await redis.client.exists('{mention-relay}:state')) === 1,
    );
    await redis.client.flushall();
    // A poll that was under way may ask for an extra one, and hide that the schedule is gone.
    await daemon.waitForEvent('state.empty', 2);
    await waitUntil('the schedules', async () => {
      const found = await redis.client.exists(
        ...['poll', 'sweep'].map((name) => `{mention-relay}:${name}:repeat`),
      );
      return found === 2;
    });
    a.answerWith((_request, count) => ({
      status: count === 1 ? 429 : 200,
      headers: { 'retry-after': '2' },
    }));
    sandbox.spot(2);
    await a.waitFor(3);
    const [first, second] = a.received;
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(1_990);
  },
);

const HOUR_MS = 3_600_000;

test.concurrent(
  'times of a gate that lie an hour ahead, after a clock set back, hold nothing up',
  async () => {
    await using bench = await relayBench();
    const { sandbox, a, redis } = bench;
    const ahead = Date.now() + HOUR_MS;
    const gate = '{mention-relay}:gate:A';
    sandbox.spot(1);
    const relay = bench.relay({ WEBHOOK_A_RATE_PER_SECOND: '2' });
    await a.waitFor(1);
    await redis.client.hset(gate, {
      nextAt: ahead,
      probeUntil: ahead,
      heldSince: ahead,
      heldUntil: ahead,
      holdMs: 1_000,
      pausedUntil: ahead,
      pauseMs: 1_000,
    });
    sandbox.spot(3);
    await a.waitFor(4);
    await relay.waitForEvent('webhook.released');
    expect(relay.events('webhook.released')).toMatchObject([{ heldForMs: expect.any(Number) }]);
    expect(Number(relay.events('webhook.released')[0]?.['heldForMs'])).toBeGreaterThanOrEqual(0);

    // Also times that an earlier release left, for a relay that starts.
    relay.kill('SIGKILL');
    await relay.ended;
    await redis.client.del(gate);
    await redis.client.hset(gate, { nextAt: ahead, failures: 2 });
    sandbox.spot(1);
    bench.relay({ WEBHOOK_A_RATE_PER_SECOND: '2' });
    await a.waitFor(5);
  },
);

test.concurrent(
  'a clock that goes back by an hour delays neither retries, polls nor sweeps, and is reported',
  async () => {
    await using bench = await relayBench();
    const { sandbox, a, b, redis } = bench;
    a.answerWith((_request, count) => ({ status: count === 1 ? 500 : 200 }));
    sandbox.spot(1);
    const relay = bench.relay({
      NODE_OPTIONS: `--import ${join(import.meta.dirname, '../helpers/shifted-clock.mjs')}`,
      CLOCK_JUMP_MS: String(-HOUR_MS),
      WEBHOOK_B_URL: b.url,
      WEBHOOK_B_EVENTS: 'alerts',
      POLL_INTERVAL_SECONDS: '1',
      RETRY_SCHEDULE_SECONDS: '8',
    });
    await relay.waitForEvent('delivery.retrying');
    // Not before the watch has read the clock.
    await polls(bench, 6);
    relay.kill('SIGUSR2');
    await relay.waitForEvent('clock.jumped');
    expect(relay.events('clock.jumped')).toMatchObject([{ clock: 'machine' }]);
    const jumpedMs = Number(relay.events('clock.jumped')[0]?.['jumpedMs']);
    expect(Math.abs(jumpedMs + HOUR_MS)).toBeLessThan(1_000);
    await b.waitFor(1);
    expect(b.received[0]?.json()['data']).toEqual({ trouble: 'clock_jumped', webhook: null });
    await a.waitFor(2, 30_000);
    await polls(bench, 3);
    const sweep = await redis.client.zscore('{mention-relay}:sweep:repeat', 'sweep');
    expect(Number(sweep)).toBeLessThan(Date.now() - HOUR_MS / 2);
  },
  90_000,
);
