import { expect, test } from 'vitest';
import { relayBench } from '../helpers/relay-bench.ts';
import { waitUntil } from '../helpers/wait-until.ts';

const TIMEOUT_MS = 2_000;
// So long that all of the relay's timers are due at the same moment when it goes on.
const FREEZE_MS = 12_000;
const COUNT = 10;

test('a relay that was frozen longer than an attempt may take counts the answers that came meanwhile', async () => {
  await using bench = await relayBench();
  const { sandbox, a } = bench;
  const frozen = Promise.withResolvers<void>();
  let answered = 0;
  a.answerWith(async () => {
    await frozen.promise;
    answered += 1;
    return { status: 200 };
  });
  const relay = bench.relay({
    WEBHOOK_A_CONCURRENCY: String(COUNT),
    DELIVERY_TIMEOUT_SECONDS: String(TIMEOUT_MS / 1_000),
    LOG_LEVEL: 'debug',
  });
  await relay.waitForEvent('poll.completed');
  sandbox.spot(COUNT);
  await a.waitFor(COUNT);

  relay.kill('SIGSTOP');
  frozen.resolve();
  await waitUntil('all answers', () => answered === COUNT);
  const overAtMs = Date.now() + FREEZE_MS;
  await waitUntil('the end of the freeze', () => Date.now() > overAtMs, 2 * FREEZE_MS);
  relay.kill('SIGCONT');

  await relay.waitForEvent('delivery.succeeded', COUNT);
  expect(relay.events('delivery.retrying')).toEqual([]);
  expect(relay.events('webhook.held')).toEqual([]);
  expect(a.received).toHaveLength(COUNT);
});
