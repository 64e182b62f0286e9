import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { RedisClient } from '../../../src/redis/redis-client.ts';
import { askRelayRedis, explainRedisError } from '../../../src/cli/access/relay-redis.ts';
import { configOf } from '../../helpers/config-of.ts';

const REFUSED = Object.assign(new Error('connect 10.0.0.1:6379'), { code: 'ECONNREFUSED' });
const MISTAKE = new TypeError('undefined is not a function');

/** A Redis without any state. */
function opened() {
  const close = vi.fn<() => Promise<void>>().mockResolvedValue();
  const redis = { hget: async () => null } as unknown as RedisClient;
  return { open: async () => ({ redis, close }), close };
}

describe('a command that asks Redis', () => {
  let stderr = '';
  beforeEach(() => {
    stderr = '';
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      stderr += String(text);
      return true;
    });
  });
  afterEach(() => {
    vi.restoreAllMocks();
    process.exitCode = undefined;
  });

  test('reports that Redis is away, without its address', async () => {
    const { open, close } = opened();
    const asked = await askRelayRedis(configOf(), () => Promise.reject(REFUSED), open);
    expect([asked, process.exitCode]).toEqual([undefined, 1]);
    expect(stderr).toMatch(/^Redis does not answer \(ECONNREFUSED\)\. Check that/);
    expect(stderr).not.toContain('10.0.0.1');
    expect(close).toHaveBeenCalledOnce();
  });

  test('throws an error of its own unchanged, and still closes the connection', async () => {
    const { open, close } = opened();
    const asked = askRelayRedis(configOf(), () => Promise.reject(MISTAKE), open);
    await expect(asked).rejects.toBe(MISTAKE);
    expect(stderr).toBe('');
    expect(close).toHaveBeenCalledOnce();
  });
});

test.each([
  [
    'no server',
    REFUSED,
    {
      what: 'Redis does not answer (ECONNREFUSED)',
      todo: 'check REDIS_URL, and that Redis runs',
    },
  ],
  [
    'a refusal',
    new Error('WRONGPASS invalid username-password pair'),
    {
      what: 'Redis refuses the user or the password',
      todo: 'put the right ones into REDIS_URL',
    },
  ],
  [
    'a server that hangs',
    new Error('Command timed out'),
    {
      what: 'Redis accepts connections but does not answer: it hangs or is overloaded',
      todo: 'check its machine and its own log',
    },
  ],
  ['an error of another kind', MISTAKE, null],
])('%s is explained, or not', (_, error, expected) => {
  const config = configOf({ REDIS_URL: 'redis://redis.example:6379' });
  expect(explainRedisError(config, error)).toEqual(expected);
});
