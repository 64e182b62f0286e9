import { expect, test } from 'vitest';
import { relayBench } from '../helpers/relay-bench.ts';
import { waitUntil } from '../helpers/wait-until.ts';

test.concurrent(
  'a busy account is polled long before the next scheduled poll, on whichever replica is free',
  async () => {
    await using bench = await relayBench({ backlog: 60 });
    const { sandbox, a } = bench;
    const env = { POLL_INTERVAL_SECONDS: '3600' };
    const first = bench.relay(env);
    await a.waitFor(60);
    sandbox.spot(60);
    await a.waitFor(120);
    // The next poll is in Redis, not in the process: another replica runs it.
    const second = bench.relay(env);
    await second.waitForEvent('relay.started');
    first.kill('SIGKILL');
    await first.ended;
    sandbox.spot();
    await a.waitFor(121);
    expect(second.events('poll.gap_detected')).toEqual([]);
  },
  30_000,
);

test.concurrent(
  'a busy account is polled soon after a poll that failed',
  async () => {
    await using bench = await relayBench({ backlog: 60 });
    const { sandbox, a } = bench;
    const relay = bench.relay({ POLL_INTERVAL_SECONDS: '3600' });
    await a.waitFor(60);
    sandbox.spot(60);
    await a.waitFor(120);
    // A request, and its two retries.
    for (let request = 0; request < 3; request += 1) {
      sandbox.fault({ kind: 'status', status: 503, endpoint: '/account/mentions' });
    }
    await relay.waitForEvent('poll.failed');
    sandbox.spot();
    await a.waitFor(121);
  },
  30_000,
);

test.concurrent(
  'an interval that the budget does not sustain is stretched',
  async () => {
    await using bench = await relayBench({ requestLimit: 10, requestWindowMs: 60_000 });
    const relay = bench.relay({ POLL_INTERVAL_SECONDS: '0.2', RATE_BUDGET_PER_MINUTE: '10' });
    await relay.waitForEvent('relay.started');
    bench.sandbox.spot();
    await bench.a.waitFor(1);
    const polls = () =>
      bench.sandbox.requests().filter(({ endpoint }) => endpoint === '/account/mentions');
    await waitUntil('a second poll', () => polls().length === 2, 20_000);
    const [first, second] = polls();
    // 60 s over 10 requests, a tenth of which is left to others.
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThan(5_400);
  },
  40_000,
);

test.concurrent('a window that is half new is logged before anything is missed', async () => {
  await using bench = await relayBench({ backlog: 100 });
  const { sandbox, a } = bench;
  const relay = bench.relay();
  await a.waitFor(100);
  sandbox.spot(60);
  await a.waitFor(160);
  await relay.waitForEvent('poll.window_saturated');
  expect(relay.events('poll.window_saturated')).toMatchObject([{ level: 'warn', newMentions: 60 }]);
  expect(relay.events('poll.gap_detected')).toEqual([]);
});
