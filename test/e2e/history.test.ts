import { expect, test } from 'vitest';
import { redisKeys } from '../../src/redis/redis-keys.ts';
import { relayBench } from '../helpers/relay-bench.ts';
import { waitUntil } from '../helpers/wait-until.ts';

const { history: HISTORY } = redisKeys('mention-relay');

interface Exported {
  readonly mention: { readonly id: string };
  readonly deliveries: readonly {
    readonly webhook: string;
    readonly outcome: string;
    readonly attempts: number;
    readonly status: number | null;
  }[];
}

test('each mention is kept once with what became of it, over kill -9, and exported until the history is off', async () => {
  await using bench = await relayBench();
  const { b, sandbox } = bench;
  const env = { HISTORY_DAYS: '7', WEBHOOK_B_URL: b.url };
  const exported = async (...options: string[]): Promise<Exported[]> => {
    const { stdout, stderr, code } = await bench.run(
      ['export', '--format', 'jsonl', ...options],
      env,
    );
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    return stdout
      .split('\n')
      .flatMap((line) => (line === '' ? [] : (JSON.parse(line) as Exported)));
  };

  b.answerWith((_request, count) => ({ status: count === 1 ? 400 : 200 }));
  const ids = sandbox.spot(3).map(({ id }) => id);
  const doomed = bench.relay(env);
  await waitUntil('the records of six ends', async () => {
    const records = await bench.redis.client.hvals(HISTORY.records);
    return records.join('\n').match(/^(?:delivered|failed) /gm)?.length === 6;
  });
  doomed.kill('SIGKILL');
  await doomed.ended;
  const heir = bench.relay(env);
  ids.push(...sandbox.spot(1).map(({ id }) => id));
  await heir.waitForEvent('delivery.succeeded', 2);
  expect((await bench.run(['failed', 'discard', '--all'], env)).code).toBe(0);

  const kept = await exported();
  expect(kept.map(({ mention }) => mention.id)).toEqual(ids);
  const endsAt = (webhook: string) =>
    kept.map(({ deliveries }) =>
      deliveries
        .filter((each) => each.webhook === webhook)
        .map(({ outcome, attempts, status }) => [outcome, attempts, status].join(' '))
        .join(', '),
    );
  expect(endsAt('A')).toEqual(ids.map(() => 'delivered 1 200'));
  expect(endsAt('B').filter((ends) => ends !== 'delivered 1 200')).toEqual([
    'failed 1 400, discarded 1 ',
  ]);
  expect(await exported('--since', '1h', '--until', '30m')).toEqual([]);
  expect(await exported('--since', '1h')).toEqual(kept);

  const csv = await bench.run(['export', '--bom'], env);
  expect(csv.stdout.split('\r\n')).toHaveLength(ids.length + 2);
  expect(csv.stdout.startsWith('\uFEFF"kept_at",')).toBe(true);

  heir.kill('SIGTERM');
  await heir.ended;
  const off = await bench.run(['export'], { ...env, HISTORY_DAYS: undefined });
  expect(off).toMatchObject({ code: 1, stdout: '' });
  expect(off.stderr).toBe(
    'Nothing is kept: HISTORY_DAYS is 0. Set it for the relay too, then restart the relay.\n',
  );
  expect(await bench.redis.client.keys('*:history*')).toHaveLength(3);
  bench.relay({ ...env, HISTORY_DAYS: '0' });
  await waitUntil('the history to be gone', async () => {
    return (await bench.redis.client.keys('*:history*')).length === 0;
  });
});
