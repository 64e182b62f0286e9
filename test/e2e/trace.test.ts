import { expect, test } from 'vitest';
import { createHistory } from '../../src/history/history.io.ts';
import { keptRecord } from '../../src/history/kept-mention.ts';
import { permalinkKey } from '../../src/domain/permalink.ts';
import { redisKeys } from '../../src/redis/redis-keys.ts';
import { mention, windowOf } from '../helpers/mentions.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { relayBench, type RelayBench } from '../helpers/relay-bench.ts';

const LINK = 'https://m.facebook.com/groups/1617905175110739/posts/1/?mibextid=Nif5oz';
const KEYS = redisKeys('mention-relay');

async function traced(bench: RelayBench, reference: string, env: Record<string, string>) {
  const { stdout } = await bench.run(['trace', reference, '--json'], env);
  const { mentions } = JSON.parse(stdout) as { mentions: { webhooks: Record<string, object[]> }[] };
  return mentions;
}

/** Returns the mentions that a receiver got, each with the suffix of its webhook-id. */
const received = (bench: RelayBench, from: number) =>
  bench.b.received
    .slice(from)
    .map(({ headers, json }) => [
      (json()['data'] as { id: string }).id.slice(5),
      String(headers['webhook-id']).slice('msg_'.length + 22),
    ]);

test('trace shows what became of a mention, and resend fills a new webhook once per run', async () => {
  await using bench = await relayBench();
  bench.b.answerWith(() => ({ status: 404 }));
  bench.sandbox.setWindow(windowOf(0, 3).map(({ raw }) => raw));
  const history = createHistory(bench.redis.client, KEYS, { maxAgeMs: 1e12, maxBytes: 1e9 });
  const older = Array.from({ length: 101 }, (_, index) => mention(1_000 + index));
  const records = older.flatMap((each) => keptRecord(each, { keptAtMs: Date.now() }) ?? []);
  await history.keep(records, Date.now());
  const env = {
    HISTORY_DAYS: '30',
    WEBHOOK_B_URL: bench.b.url,
    WEBHOOK_CLOSED_URL: bench.b.url,
    WEBHOOK_CLOSED_HOURS: 'Mon 00:00-00:01, Thu 00:00-00:01 UTC',
    WEBHOOK_PICKY_URL: bench.b.url,
    WEBHOOK_PICKY_EXCLUDE: '"(1)"',
  };
  const first = bench.relay(env);
  await first.waitForEvent('delivery.failed', 5);
  await first.waitForEvent('delivery.succeeded', 3);

  const end = { at: expect.any(String), attempts: 1 };
  const steps = {
    A: [{ state: 'delivered', ...end, status: 200 }],
    B: [{ state: 'failed', ...end, status: 404, reason: expect.stringMatching(/^status 404/) }],
    CLOSED: [{ state: 'waiting', waitsFor: [{ reason: 'closed' }] }],
    PICKY: [{ state: 'not-sent', because: 'exclude', rule: '(1)' }],
  };
  // One that was delivered long ago, before there was a history.
  const gone = permalinkKey(mention(55), 'mention') ?? '';
  await bench.redis.client.sadd(KEYS.seen.current, gone);
  const [byLink, seen, off] = await Promise.all([
    traced(bench, LINK, env),
    bench.run(['trace', LINK.replace('/1/', '/55/')], { ...env, HISTORY_DAYS: '0.4' }),
    bench.run(['resend', '--webhook', 'B'], { ...env, HISTORY_DAYS: '0' }),
  ]);
  expect(byLink).toMatchObject([
    { id: '294391', status: 'seen', polledAt: expect.any(String), webhooks: steps },
  ]);
  expect(seen).toMatchObject({ code: 1, stdout: '' });
  expect(seen.stderr).toContain('- The present window (3 mentions');
  expect(seen.stderr).toContain('- The history (HISTORY_DAYS is 0.4) does not have it');
  expect(seen.stderr).toContain('in group 1617905175110739 with keyword crm: a poll');
  expect([off.code, off.stderr]).toEqual([1, expect.stringMatching(/HISTORY_DAYS is off/)]);
  first.kill('SIGTERM');
  await first.ended;

  bench.b.answerWith(() => ({ status: 200 }));
  const before = bench.b.received.length;
  const withNew = { ...env, WEBHOOK_NEW_URL: bench.b.url, WEBHOOK_NEW_EXCLUDE: '"(1)"' };
  const fill = ['resend', '--webhook', 'NEW', '--since', '2d'];
  // Of the window's mentions that are new to the next poll, only the selected ones count.
  bench.sandbox.setWindow(windowOf(0, 4).map(({ raw }) => raw));
  const ofWindow = ['resend', '--webhook', 'NEW', '--window', '--id', LINK];
  const { stderr } = await bench.run(ofWindow, withNew);
  expect(stderr).toMatch(/^Nothing to resend to NEW\.\n {2}left out 1: excluded.*\n$/);
  bench.sandbox.setWindow(windowOf(0, 3).map(({ raw }) => raw));
  const refused = await bench.run(fill, { ...withNew, WEBHOOK_NEW_RATE_PER_SECOND: '1' });
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toMatch(
    /^NEW: 103 mentions would be sent, oldest first; new mentions wait behind them\. .*--yes\.\n.* 1: excluded.*\nAt the pace .* 1m or longer\.\n$/,
  );
  const filled = await bench.run([...fill, '--yes'], withNew);
  expect(filled).toMatchObject({ code: 0, stderr: '' });
  expect(filled.stdout).toMatch(
    /^NEW: 103 mentions queued, oldest first\. .*_r[\w-]{8}\.\n.*\n.* New mentions wait/,
  );
  const again = await bench.run([...fill, '--yes'], withNew);
  expect(again.stdout).toMatch(/^NEW: the same resend is under way/);

  const second = bench.relay({ ...withNew, WEBHOOK_NEW_CONCURRENCY: '1' });
  await second.waitForEvent('delivery.succeeded', 103);
  expect(await second.waitForEvent('command.ran')).toMatchObject({
    command: 'resend',
    webhook: 'NEW',
    mentions: 103,
  });
  const [, suffix] = /ends in (\w[\w-]+)/.exec(filled.stdout) ?? [];
  expect(received(bench, before)).toEqual(
    [...older.map(({ id }) => id.slice(5)), '0', '2'].map((id) => [id, suffix]),
  );

  // A command that ended before it had queued everything: the same one sends nothing twice.
  const run = JSON.parse((await bench.redis.client.get(KEYS.resend('NEW'))) ?? '') as object;
  const interrupted = { ...run, queuedToMs: null, complete: false };
  await bench.redis.client.set(KEYS.resend('NEW'), JSON.stringify(interrupted));
  const continued = await bench.run([...fill, '--yes'], withNew);
  expect(continued.stdout).toMatch(/^NEW: continues the same resend.*\nNEW: 103 mentions queued/);
  await second.waitForEvent('delivery.repeated', 103);
  expect(bench.b.received).toHaveLength(before + 103);

  // A finished one sends again.
  const one = ['resend', '--webhook', 'NEW', '--id', LINK.replace('/1/', '/2/')];
  const resent = await bench.run(one, withNew);
  expect(resent.stdout).toMatch(/^NEW: 1 mention queued, oldest first\./);
  await second.waitForEvent('delivery.succeeded', 104);
  const [[id = '', last = ''] = []] = received(bench, before + 103);
  expect([id, last === suffix]).toEqual(['2', false]);

  await waitUntil('both ends in the history', async () => {
    const [kept] = await history.ofPost('294392');
    const ends = kept?.ends.filter(({ webhook }) => webhook === 'NEW') ?? [];
    return ends.length === 2 && ends.every(({ outcome }) => outcome === 'delivered');
  });

  // Without history: what the window, the queues, the ledger and the seen set know.
  await bench.redis.client.del(...Object.values(KEYS.history));
  expect(await traced(bench, '294392', { ...withNew, HISTORY_DAYS: '0' })).toMatchObject([
    {
      status: 'seen',
      webhooks: {
        ...steps,
        A: [{ state: 'delivered', at: null }],
        B: [{ state: 'failed', status: null }],
        PICKY: [{ state: 'failed' }],
        NEW: [{ state: 'delivered', at: null, resent: true }],
      },
    },
  ]);
});
