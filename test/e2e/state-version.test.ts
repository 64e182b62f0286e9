import { expect, test } from 'vitest';
import { STATE_VERSION } from '../../src/state/state-version.io.ts';
import { relayBench } from '../helpers/relay-bench.ts';

const STATE = '{mention-relay}:state';

test('a relay refuses the state of a newer release, and changes nothing', async () => {
  await using bench = await relayBench();
  await bench.redis.client.hset(STATE, 'version', STATE_VERSION + 1);
  const relay = bench.relay();
  expect(await relay.ended).toEqual({ code: 1, signal: null });
  const [line] = relay.events('relay.start_failed');
  expect(line?.['reason']).toContain('a newer mention-relay wrote it');
  expect(await bench.redis.client.keys('*')).toEqual([STATE]);
  expect(bench.sandbox.requests()).toHaveLength(0);
});

test('a relay whose state a newer one takes over stops polling and says why', async () => {
  await using bench = await relayBench();
  const relay = bench.relay();
  await relay.waitForEvent('state.empty');
  await bench.redis.client.hset(STATE, 'version', STATE_VERSION + 1);
  const line = await relay.waitForEvent('poll.failed');
  expect(line['reason']).toContain('a newer mention-relay wrote it');
  const [mention] = bench.sandbox.spot(1);
  await relay.waitForEvent('poll.failed', 2);
  expect(mention).toBeDefined();
  expect(bench.a.received).toHaveLength(0);
});

test('a command refuses it too', async () => {
  await using bench = await relayBench();
  await bench.redis.client.hset(STATE, 'version', STATE_VERSION + 1);
  const { code, stderr } = await bench.run(['status']);
  expect(code).toBe(1);
  expect(stderr).toContain('a newer mention-relay wrote it');
});

test('commands work with the state of an older release, and leave it to the relay', async () => {
  await using bench = await relayBench();
  await bench.redis.client.hset(STATE, 'version', 1);
  const check = await bench.run(['check']);
  expect(check.stdout).toContain('a relay brings it up to date when it starts');
  expect((await bench.run(['preview'])).code).toBe(0);
  expect(await bench.run(['failed', 'list'])).toMatchObject({
    stderr: 'There are no failed deliveries.\n',
  });
  expect((await bench.run(['status'])).stdout).toContain('Last successful poll: none yet');
  expect(await bench.redis.client.hget(STATE, 'version')).toBe('1');
});
