import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.ts';
import { startDaemon, type Daemon } from '../helpers/daemon.ts';
import { startPrivateRedis, type PrivateRedis } from '../helpers/private-redis.ts';
import { startReceiver, type Receiver } from '../helpers/receiver.ts';
import { waitUntil } from '../helpers/wait-until.ts';

let redis: PrivateRedis;
let sandbox: Sandbox;
let crm: Receiver;
let chat: Receiver;
const daemons: Daemon[] = [];

beforeEach(async () => {
  [redis, sandbox, crm, chat] = await Promise.all([
    startPrivateRedis(),
    startSandbox({ requestLimit: 10_000 }),
    startReceiver(),
    startReceiver(),
  ]);
});

afterEach(async () => {
  await Promise.all(daemons.splice(0).map((daemon) => daemon.dispose()));
  await Promise.all([redis.stop(), sandbox.stop(), crm.stop(), chat.stop()]);
});

function relay(env: Record<string, string> = {}): Daemon {
  const daemon = startDaemon({
    GROOUPLY_API_KEY: 'sandbox-key',
    GROOUPLY_API_URL: sandbox.url.href,
    REDIS_URL: redis.url,
    POLL_INTERVAL_SECONDS: '0.2',
    RATE_BUDGET_PER_MINUTE: '60',
    WEBHOOK_CRM_URL: crm.url,
    WEBHOOK_CRM_CONCURRENCY: '1',
    WEBHOOK_CHAT_URL: chat.url,
    WEBHOOK_CHAT_TYPE: 'slack',
    ...env,
  });
  daemons.push(daemon);
  return daemon;
}

async function stopped(daemon: Daemon): Promise<void> {
  daemon.kill('SIGTERM');
  expect(await daemon.ended).toEqual({ code: 0, signal: null });
}

describe('the main path', () => {
  test('each mention reaches both webhooks once, oldest first, over restarts', async () => {
    const first = sandbox.spot(5);
    const before = relay();
    await Promise.all([crm.waitFor(5), chat.waitFor(5)]);
    await stopped(before);

    const second = sandbox.spot(3);
    const after = relay();
    const third = await crm.waitFor(8).then(() => sandbox.spot(2));
    await Promise.all([crm.waitFor(10), chat.waitFor(10)]);
    // A poll later, nothing of it was news again.
    const polls = sandbox.requests().length;
    await waitUntil('two more polls', () => sandbox.requests().length >= polls + 2);
    await stopped(after);

    const expected = [...first, ...second, ...third].map(({ id }) => id);
    expect(crm.mentionIds()).toEqual(expected);
    expect(chat.received.map(({ json }) => json()['text'])).toHaveLength(10);
    expect(new Set(crm.received.map(({ headers }) => headers['webhook-id'])).size).toBe(10);
    expect(after.events('state.empty')).toEqual([]);
  });
});
