import { expect, test } from 'vitest';
import { fillQueues } from '../bench/backlog.ts';
import { relayBench } from '../helpers/relay-bench.ts';
import { waitUntil } from '../helpers/wait-until.ts';

const DELIVERIES = 1_000;

// Time depends on the machine; the number of scripts that Redis runs does not. `npm run bench` measures both.
test.each([
  // To finish a job and take the next is one; the claim and the record are shared by POSTs that meet.
  { name: 'with a POST of its own', batchSize: 1, atMost: 2.4 },
  { name: 'in a batch of 10', batchSize: 10, atMost: 1.3 },
])(
  'a delivery $name costs Redis at most $atMost scripts',
  async ({ batchSize, atMost }) => {
    await using bench = await relayBench();
    const { redis, a } = bench;
    await fillQueues(redis.url, ['A'], DELIVERIES);
    await redis.client.config('RESETSTAT');
    const relay = bench.relay({
      WEBHOOK_A_CONCURRENCY: '10',
      WEBHOOK_A_BATCH_SIZE: String(batchSize),
      POLL_INTERVAL_SECONDS: '3600',
    });
    await a.waitFor(DELIVERIES / batchSize);
    await waitUntil(
      'all successes',
      () => relay.events('delivery.succeeded').length === DELIVERIES,
    );
    const stats = await redis.client.info('commandstats');
    const scripts = Number(/^cmdstat_evalsha:calls=(\d+)/m.exec(stats)?.[1]);
    expect(scripts / DELIVERIES).toBeLessThan(atMost);
  },
  60_000,
);
