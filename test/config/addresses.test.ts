import { expect, test } from 'vitest';
import { parseRedisUrl, type RedisAddress } from '../../src/config/addresses.ts';

const at = (host: string, port: number) => ({ host, port });

test.each<[string, string, RedisAddress]>([
  [
    'the default port and database',
    'redis://localhost',
    { kind: 'server', tls: false, server: at('localhost', 6379), db: 0 },
  ],
  [
    'all its parts, decoded',
    'REDISS://us%65r:p%40s:s@redis.example.com:6380/3',
    {
      kind: 'server',
      tls: true,
      username: 'user',
      password: 'p@s:s',
      server: at('redis.example.com', 6380),
      db: 3,
    },
  ],
  [
    'a password with an @ that is not encoded',
    'redis://:p@ss@[::1]:6380/',
    { kind: 'server', tls: false, password: 'p@ss', server: at('::1', 6380), db: 0 },
  ],
  [
    'the name of a master, and its Sentinels at their default port',
    'redis+sentinel://one,two:26380/my-master.1',
    {
      kind: 'sentinel',
      tls: false,
      sentinels: [at('one', 26_379), at('two', 26_380)],
      master: 'my-master.1',
      db: 0,
    },
  ],
  [
    'the passwords of the master and of the Sentinels, each its own',
    'rediss+sentinel://user:p%2Ca@one/main/2?sentinelPassword=s%26t+u',
    {
      kind: 'sentinel',
      tls: true,
      username: 'user',
      password: 'p,a',
      sentinels: [at('one', 26_379)],
      master: 'main',
      db: 2,
      sentinelPassword: 's&t+u',
    },
  ],
  [
    'the nodes of a Cluster, with a password that has a comma',
    'redis+cluster://:p,q@one:7000,[::1]:7001,three/0',
    {
      kind: 'cluster',
      tls: false,
      password: 'p,q',
      nodes: [at('one', 7000), at('::1', 7001), at('three', 6379)],
    },
  ],
])('a Redis URL gives %s', (_, url, address) => {
  expect(parseRedisUrl(url)).toEqual({ ok: true, value: address });
});

test.each([
  ['several hosts without Sentinels or Cluster', 'redis://one:1,two:2'],
  ['no host', 'redis+cluster://'],
  ['an empty name of the master', 'redis+sentinel://one/'],
  ['a database that is none', 'redis+sentinel://one/main/65536'],
  ['a Sentinel password that is not encoded well', 'redis+sentinel://one/main?sentinelPassword=%'],
  ['a query of a Cluster', 'redis+cluster://one?a=b'],
  ['a port that is none', 'redis+cluster://one:70000'],
])('a Redis URL with %s is refused', (_, url) => {
  expect(parseRedisUrl(url)).toMatchObject({ ok: false });
});
