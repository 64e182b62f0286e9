/**
 * What the parts allow: a BullMQ worker a webhook that calls `got.post`, and nothing else. No
 * ledger, no gate, no retries, no log. Its task is a {@link QueueAndGotTask} as JSON.
 */
import { Worker } from 'bullmq';
import got from 'got';
import { Redis } from 'ioredis';
import type { DeliveryData } from '../../src/queues/delivery-data.ts';

export interface QueueAndGotTask {
  readonly redisUrl: string;
  readonly prefix: string;
  /** The receiver of each queue, by the queue's name. */
  readonly urls: Readonly<Record<string, string>>;
  readonly concurrency: number;
}

const task = JSON.parse(process.argv[2] ?? '') as QueueAndGotTask;
const connection = new Redis(task.redisUrl, { maxRetriesPerRequest: null });
const headers = { 'content-type': 'application/json' };

for (const [queue, url] of Object.entries(task.urls)) {
  const worker = new Worker<DeliveryData>(
    queue,
    async ({ data }) => {
      await got.post(url, { body: JSON.stringify(data), headers });
    },
    { connection, prefix: task.prefix, concurrency: task.concurrency },
  );
  worker.on('error', (error) => process.stderr.write(`${error.message}\n`));
}
