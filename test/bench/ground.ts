import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.ts';
import { startPrivateRedis, type PrivateRedis } from '../helpers/private-redis.ts';
import { epochMs } from './processes.ts';
import { startReceivers, type Receivers } from './receivers.ts';

/** Everything around a relay: a Redis that writes as in production, receivers, an API. */
export interface Ground extends AsyncDisposable {
  readonly redis: PrivateRedis;
  readonly receivers: Receivers;
  readonly sandbox: Sandbox;
  /** The polls since the last `clear`, in order. */
  readonly polls: () => readonly Poll[];
  /** The environment of a relay with this many webhooks, each with these attributes. */
  environment(webhooks: number, attributes?: Attributes): Promise<Record<string, string>>;
  /** Empties Redis, the account and the receivers, so that every run begins alike. */
  clear(): Promise<void>;
}

/** A request for mentions. Times are milliseconds since 1970, with fractions. */
export interface Poll {
  readonly atMs: number;
  readonly answeredAtMs: number;
}

/** Attributes of a webhook, by the end of their variables' names: `BATCH_SIZE`. */
export type Attributes = Readonly<Record<string, string>>;

/** The names of this many webhooks. */
export function webhookNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `W${index + 1}`);
}

/** Returns `1 webhook`, `5 webhooks`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en-GB')} ${noun}${count === 1 ? '' : 's'}`;
}

/** Starts everything on ports of its own. */
export async function startGround(): Promise<Ground> {
  let polls: Poll[] = [];
  const [redis, sandbox] = await Promise.all([
    startPrivateRedis(),
    startSandbox({
      requestLimit: 100_000,
      now: epochMs,
      onRequest: ({ endpoint, atMs }) => {
        if (endpoint === '/account/mentions') polls.push({ atMs, answeredAtMs: epochMs() });
      },
    }),
  ]);
  const receivers = startReceivers();
  return {
    redis,
    receivers,
    sandbox,
    polls: () => polls,
    async environment(webhooks, attributes = {}) {
      const urls = await receivers.open(webhooks);
      return {
        GROOUPLY_API_KEY: 'sandbox-key',
        GROOUPLY_API_URL: sandbox.url.href,
        REDIS_URL: redis.url,
        ...Object.fromEntries(
          webhookNames(webhooks).flatMap((name, index) =>
            Object.entries({ URL: urls[index] ?? '', ...attributes }).map(
              ([attribute, value]) => [`WEBHOOK_${name}_${attribute}`, value] as const,
            ),
          ),
        ),
      };
    },
    async clear() {
      await redis.client.flushall('SYNC');
      sandbox.removeMentions(sandbox.mentions().map(({ id }) => id));
      polls = [];
      receivers.clear();
    },
    async [Symbol.asyncDispose]() {
      receivers.stop();
      await Promise.all([sandbox.stop(), redis.stop()]);
    },
  };
}
