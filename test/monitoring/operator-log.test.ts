import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createOperatorLog } from '../../src/monitoring/operator-log.io.ts';
import { redisKeys } from '../../src/redis/redis-keys.ts';
import { startPrivateRedis, type PrivateRedis } from '../helpers/private-redis.ts';
import { recordingLog } from '../helpers/recording-log.ts';

let redis: PrivateRedis;
const keys = redisKeys('test');
const NOW_MS = Date.parse('2026-11-23T08:00:00Z');

beforeAll(async () => {
  redis = await startPrivateRedis();
});
afterAll(() => redis.stop());
beforeEach(() => redis.client.flushall());

const operatorLog = () => createOperatorLog(redis.client, keys, () => NOW_MS);

test('what commands changed is logged once, by one of two replicas, in order', async () => {
  const { log, lines } = recordingLog();
  await operatorLog().write(log);
  expect(lines).toEqual([]);
  await operatorLog().add('pause', { webhook: 'SALES', until: null });
  await operatorLog().add('failed retry', { retried: { SALES: 2 }, released: [] });
  await Promise.all([operatorLog().write(log), operatorLog().write(log)]);
  await operatorLog().write(log);
  const at = '2026-11-23T08:00:00.000Z';
  expect(lines).toMatchObject([
    {
      level: 'info',
      event: 'command.ran',
      fields: { command: 'pause', at, webhook: 'SALES', until: null },
    },
    { fields: { command: 'failed retry', at, retried: { SALES: 2 }, released: [] } },
  ]);
  expect(await redis.client.exists(keys.commands)).toBe(0);
});

test('without a running relay the last 100 are kept; a damaged one hides no other', async () => {
  for (let count = 1; count <= 103; count += 1) await operatorLog().add('resume', { count });
  for (const damaged of ['{"comm', 'null', '[]', '{"command":7}']) {
    await redis.client.lset(keys.commands, 0, damaged);
    await redis.client.rpoplpush(keys.commands, keys.commands);
  }
  const { log, lines } = recordingLog();
  await operatorLog().write(log);
  expect(lines.map(({ fields }) => fields['count'])).toHaveLength(96);
  expect(lines.at(-1)?.fields).toMatchObject({ count: 99 });
});
