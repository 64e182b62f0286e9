import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.ts';
import { startPrivateRedis, type PrivateRedis } from '../helpers/private-redis.ts';
import type { BenchProcess } from './bench-process.ts';
import { epochMs } from './epoch.ts';
import { startReceivers, type ReceiverConduct, type Receivers } from './receivers.ts';

/** What every measurement stands on: a Redis that writes as in production, receivers, an API. */
export interface Ground extends AsyncDisposable {
  readonly redis: PrivateRedis;
  readonly receivers: Receivers;
  readonly sandbox: Sandbox;
  /** The API's answers since Redis was last emptied, in their order. */
  readonly answers: () => readonly ApiAnswer[];
  /** The environment of a relay with so many webhooks, each with what `attributes` say. */
  environment(webhooks: number, attributes?: Attributes): Promise<Record<string, string>>;
  /** Empties Redis and the account, and forgets what arrived: every run begins alike. */
  clear(conduct?: ReceiverConduct): Promise<void>;
  /** Runs something with a process, which then ends, however that went. */
  during<T>(process: BenchProcess, work: () => Promise<T>): Promise<T>;
}

/** One answer of the API. Times are milliseconds since 1970 with fractions. */
export interface ApiAnswer {
  /** The path below the base URL. */
  readonly endpoint: string;
  /** When the request arrived. */
  readonly atMs: number;
  /** When the answer was written. */
  readonly outAtMs: number;
}

/** Of a webhook, by the end of their variables' names: `BATCH_SIZE`. */
export type Attributes = Readonly<Record<string, string>>;

/** The name of a webhook. */
export function webhookName(index: number): string {
  return `W${index + 1}`;
}

/** The names of so many webhooks. */
export function webhookNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => webhookName(index));
}

/** Starts it all, on ports of its own. */
export async function startGround(): Promise<Ground> {
  let answers: ApiAnswer[] = [];
  const [redis, sandbox] = await Promise.all([
    startPrivateRedis(),
    startSandbox({
      requestLimit: 100_000,
      now: epochMs,
      onRequest: ({ endpoint, atMs }) => answers.push({ endpoint, atMs, outAtMs: epochMs() }),
    }),
  ]);
  const receivers = startReceivers();
  return {
    redis,
    receivers,
    sandbox,
    answers: () => answers,
    async environment(webhooks, attributes = {}) {
      const urls = await receivers.open(webhooks);
      const ofWebhooks = urls.flatMap((url, index) =>
        Object.entries({ URL: url, ...attributes }).map(
          ([attribute, value]) => [`WEBHOOK_${webhookName(index)}_${attribute}`, value] as const,
        ),
      );
      return {
        GROOUPLY_API_KEY: 'sandbox-key',
        GROOUPLY_API_URL: sandbox.url.href,
        REDIS_URL: redis.url,
        ...Object.fromEntries(ofWebhooks),
      };
    },
    async clear(conduct) {
      await redis.client.flushall('SYNC');
      sandbox.removeMentions(sandbox.mentions().map(({ id }) => id));
      answers = [];
      await receivers.begin(conduct);
    },
    async during(process, work) {
      try {
        return await work();
      } finally {
        await process.kill();
      }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([receivers.stop(), sandbox.stop(), redis.stop()]);
    },
  };
}
