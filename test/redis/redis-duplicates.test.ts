import { expect, test } from 'vitest';
import { connectRedis } from '../../src/redis/connect-redis.ts';
import { endConnection } from '../../src/redis/redis-duplicates.ts';
import type { RedisClient } from '../../src/redis/redis-client.ts';
import { recordingLog } from '../helpers/recording-log.ts';
import { waitUntil } from '../helpers/wait-until.ts';

test.each([
  ['a server', 'redis://127.0.0.1:1', 'reconnecting'],
  ['Sentinels', 'redis+sentinel://127.0.0.1:1/mymaster', 'connecting'],
  ['a Cluster', 'redis+cluster://127.0.0.1:1', 'reconnecting'],
])(
  'commands that wait for %s fail with the connection, on duplicates too',
  async (_case, url, state) => {
    const { log, lines } = recordingLog();
    const redis = connectRedis(
      { url },
      { log, anyKey: 'key', reportError: () => undefined, closing: () => false },
    );
    const duplicate = (redis as { duplicate: () => RedisClient }).duplicate();
    duplicate.on('error', () => undefined);
    const waiting = [redis.get('key'), duplicate.get('key')].map((asked) =>
      asked.then(
        () => 'an answer',
        () => 'failed',
      ),
    );
    await waitUntil('the loss', () => lines.length > 0 && redis.status === state);
    endConnection(redis);
    expect(await Promise.all(waiting)).toEqual(['failed', 'failed']);
    expect([redis.status, duplicate.status]).toEqual(['end', 'end']);
  },
);
