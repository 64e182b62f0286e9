import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import type { SandboxMention } from '../../src/sandbox/made-up-mentions.ts';
import { STATE_VERSION } from '../../src/state/state-version.io.ts';
import { relayBench } from '../helpers/relay-bench.ts';
import { waitUntil } from '../helpers/wait-until.ts';

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
  expect(check.stdout).toContain('the relay migrates it at startup');
  expect((await bench.run(['preview'])).code).toBe(0);
  expect(await bench.run(['failed', 'list'])).toMatchObject({
    stderr: 'There are no failed deliveries.\n',
  });
  expect((await bench.run(['status'])).stdout).toContain('Last successful poll: none yet');
  expect(await bench.redis.client.hget(STATE, 'version')).toBe('1');
});

/**
 * A dump of what the last release with a version had in Redis when it was killed, without its expired
 * keys. That of version 3 was killed before it marked its last six mentions: A has them, B's queue too.
 */
interface Recorded {
  readonly mentions: readonly SandboxMention[];
  /** The ids of mentions that webhook A had accepted. */
  readonly delivered: readonly string[];
  /** Those that webhook B had accepted. */
  readonly deliveredToB?: readonly string[];
  /** The ids of mentions whose delivery to A had failed for good. */
  readonly failed: readonly string[];
  readonly keys: Readonly<
    Record<
      string,
      | string
      | { readonly hash: Readonly<Record<string, string>> }
      | { readonly list: readonly string[] }
      | { readonly set: readonly string[] }
      | { readonly zset: readonly string[] }
    >
  >;
}

async function restore(redis: Redis, keys: Recorded['keys']): Promise<void> {
  for (const [key, value] of Object.entries(keys)) {
    if (typeof value === 'string') await redis.set(key, value);
    else if ('hash' in value) await redis.hset(key, value.hash);
    else if ('list' in value) await redis.rpush(key, ...value.list);
    else if ('set' in value) await redis.sadd(key, ...value.set);
    else {
      const { zset } = value;
      for (let at = 0; at < zset.length; at += 2) {
        await redis.zadd(key, zset[at + 1] ?? '', zset[at] ?? '');
      }
    }
  }
}

test.each([2, 3])(
  'an upgrade from version %i loses nothing and repeats nothing',
  async (version) => {
    const file = join(import.meta.dirname, `state-of-version-${version}.json`);
    const recorded = JSON.parse(readFileSync(file, 'utf8')) as Recorded;
    const { mentions, delivered, deliveredToB = [], failed, keys } = recorded;
    await using bench = await relayBench();
    const { sandbox, redis, a, b } = bench;
    sandbox.addMentions(...mentions);
    await restore(redis.client, keys);

    const relay = bench.relay({ WEBHOOK_B_URL: b.url, WEBHOOK_B_CONCURRENCY: '1' });
    expect(await relay.waitForEvent('state.migrated')).toMatchObject({
      from: version,
      to: STATE_VERSION,
    });
    const [mention] = sandbox.spot();
    const ids = [...mentions, ...(mention ? [mention] : [])].map(({ id }) => id);
    const left = ids.filter((id) => !delivered.includes(id) && !failed.includes(id));
    const leftToB = ids.filter((id) => !deliveredToB.includes(id));
    // A delivery to B that was under way waits until the stalled check finds it.
    await Promise.all([a.waitFor(left.length, 90_000), b.waitFor(leftToB.length, 90_000)]);
    await waitUntil('everything to be recorded', async () => {
      const open = ['A', 'B'].flatMap((name) =>
        ['wait', 'active', 'delayed'].map((list) => `{mention-relay}:deliver-${name}:${list}`),
      );
      return (await redis.client.exists(...open)) === 0;
    });

    expect(a.mentionIds().toSorted()).toEqual(left.toSorted());
    expect(b.mentionIds().toSorted()).toEqual(leftToB.toSorted());
    expect(relay.events('poll.gap_detected')).toEqual([]);
    const { stdout } = await bench.run(['failed', 'list', '--json']);
    for (const id of failed) expect(stdout).toContain(id);
    expect(
      await redis.client.exists(
        ...['heartbeat', 'pace', 'workers'].map((name) => `{mention-relay}:${name}`),
      ),
    ).toBe(0);
  },
  120_000,
);
