/**
 * The reference for cost: BullMQ, got and two scripts per job as a ledger, and nothing else. No order,
 * pace, breaker, alerts or log. Its task is a {@link PartsLoopTask} as JSON.
 */
import { Worker } from 'bullmq';
import got from 'got';
import { Redis } from 'ioredis';

export interface PartsLoopTask {
  readonly redisUrl: string;
  /** The prefix of the queues. */
  readonly prefix: string;
  /** The names of the queues, each with the URL that its deliveries go to. */
  readonly urls: Readonly<Record<string, string>>;
  /** Simultaneous POSTs to each URL. */
  readonly concurrency: number;
}

type Script = (key: string, id: string | undefined) => Promise<number>;

const { redisUrl, prefix, urls, concurrency } = JSON.parse(process.argv[2] ?? '') as PartsLoopTask;
const headers = { 'content-type': 'application/json' };
const connection = new Redis(redisUrl, {
  maxRetriesPerRequest: null,
  scripts: {
    isKnown: { lua: "return redis.call('SISMEMBER', KEYS[1], ARGV[1])", numberOfKeys: 1 },
    know: { lua: "return redis.call('SADD', KEYS[1], ARGV[1])", numberOfKeys: 1 },
  },
}) as Redis & { readonly isKnown: Script; readonly know: Script };

const workers = Object.entries(urls).map(([queue, url]) => {
  const deliver = async ({ id, data }: { id?: string; data: unknown }): Promise<void> => {
    if ((await connection.isKnown(`ledger:${queue}`, id)) === 1) return;
    await got.post(url, { body: JSON.stringify(data), headers });
    await connection.know(`ledger:${queue}`, id);
  };
  return new Worker(queue, deliver, { connection, prefix, concurrency });
});
await Promise.all(workers.map((worker) => worker.waitUntilReady()));
