import { describe, expect, test } from 'vitest';
import { redisKeys } from '../../src/redis/redis-keys.ts';
import { startSandbox } from '../../src/sandbox/sandbox.ts';
import { startDaemon } from '../helpers/daemon.ts';
import { startPrivateRedis } from '../helpers/private-redis.ts';
import { startReceiver } from '../helpers/receiver.ts';
import { startRedisProxy, type Watch } from '../helpers/redis-proxy.ts';
import { waitUntil } from '../helpers/wait-until.ts';

/** Says, of each chunk between the relay and Redis, whether this is the moment to die. */
type Moment = () => (chunk: string, from: 'relay' | 'redis') => boolean;

// Both name the generation's size; marking goes on with the state's version and the time. Each mention has two keys in it.
const marks = (chunk: string) =>
  chunk.includes(':seen:current') && /\$5\r\n20000\r\n\$1\r\n\d\r\n\$13\r\n/.test(chunk);
const asksUnseen = (chunk: string) => chunk.includes(':seen:current') && !marks(chunk);
const queuesFor = (webhook: string, chunk: string) =>
  chunk.includes(`:deliver-${webhook}:`) && chunk.includes('polledAtMs');
// EVALSHA, the hash, the number of keys, three keys, then: four arguments to ask, two to record.
const callsGate = (words: number, chunk: string) =>
  new RegExp(`\\*${words}\\r\\n\\$7\\r\\nevalsha\\r\\n[^*]*:delivered:A:current`, 'i').test(chunk);

const onRequest = (matches: (chunk: string) => boolean): Moment => {
  return () => (chunk, from) => from === 'relay' && matches(chunk);
};

const moments: readonly [string, Moment][] = [
  ['after the API answered', onRequest(asksUnseen)],
  ["after the first webhook's jobs", onRequest((chunk) => queuesFor('B', chunk))],
  ['after all jobs, before marking', onRequest(marks)],
  [
    'after marking',
    () => {
      let marked = false;
      return (chunk, from) => {
        if (from === 'relay' && marks(chunk)) marked = true;
        return marked && from === 'redis';
      };
    },
  ],
  ['after pick-up, before the POST', onRequest((chunk) => callsGate(10, chunk))],
  ['after the POST, before the ledger', onRequest((chunk) => callsGate(8, chunk))],
  [
    'after the ledger, before the job is completed',
    () => {
      let recorded = false;
      return (chunk, from) => {
        if (from === 'relay' && callsGate(8, chunk)) recorded = true;
        return recorded && from === 'redis';
      };
    },
  ],
];

describe('killed with SIGKILL and started again, the relay loses nothing and repeats nothing else', () => {
  test.concurrent.each(moments)('%s', { timeout: 150_000 }, async (_name, moment) => {
    const [redis, sandbox, a, b] = await Promise.all([
      startPrivateRedis(),
      startSandbox({ requestLimit: 100_000 }),
      startReceiver(),
      startReceiver(),
    ]);
    const mentions = sandbox.spot(4).map(({ id }) => id);
    const env = {
      GROOUPLY_API_KEY: 'sandbox-key',
      GROOUPLY_API_URL: sandbox.url.href,
      POLL_INTERVAL_SECONDS: '1',
      WEBHOOK_A_URL: a.url,
      WEBHOOK_A_CONCURRENCY: '1',
      WEBHOOK_B_URL: b.url,
      WEBHOOK_B_CONCURRENCY: '1',
    };

    const isNow = moment();
    const watch: Watch = (chunk, from) => {
      if (!isNow(chunk, from)) return 'pass';
      doomed.kill('SIGKILL');
      return 'stop';
    };
    const proxy = await startRedisProxy(redis.port, watch);
    const doomed = startDaemon({ ...env, REDIS_URL: proxy.url });
    expect(await doomed.ended).toEqual({ code: null, signal: 'SIGKILL' });
    await proxy.stop();

    // The only repeats allowed: what was POSTed and not recorded when the process died.
    const keys = redisKeys('mention-relay');
    const unrecorded = new Map<string, string[]>();
    for (const [name, receiver] of [
      ['A', a],
      ['B', b],
    ] as const) {
      const recorded = await redis.client.smembers(keys.delivered(name).current);
      unrecorded.set(
        name,
        receiver.received
          .filter(({ headers }) => !recorded.some((key) => headers['webhook-id'] === `msg_${key}`))
          .map(({ json }) => String((json()['data'] as { id: unknown }).id)),
      );
    }

    const heir = startDaemon({ ...env, REDIS_URL: redis.url });
    for (const [name, receiver] of [
      ['A', a],
      ['B', b],
    ] as const) {
      await waitUntil(
        `every mention at ${name}`,
        () => mentions.every((id) => receiver.mentionIds().includes(id)),
        100_000,
      );
    }
    const queues = await redis.client.keys('{mention-relay}:deliver-*:m-*');
    await waitUntil(
      'every delivery to be done',
      async () => (await redis.client.exists('none', ...queues)) === 0,
      100_000,
    );
    heir.kill('SIGTERM');
    expect(await heir.ended).toEqual({ code: 0, signal: null });

    for (const [name, receiver] of [
      ['A', a],
      ['B', b],
    ] as const) {
      const received = receiver.mentionIds();
      const repeated = mentions.filter((id) => received.filter((each) => each === id).length > 1);
      expect(received.length - mentions.length).toBe(repeated.length);
      expect(unrecorded.get(name)).toEqual(expect.arrayContaining(repeated));
    }
    await Promise.all([doomed.dispose(), heir.dispose()]);
    await Promise.all([redis.stop(), sandbox.stop(), a.stop(), b.stop()]);
  });
});
