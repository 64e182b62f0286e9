import { describe, expect, test } from 'vitest';
import {
  judgeRedis,
  readMemory,
  readRedisFacts,
  unfitness,
  type RedisFacts,
} from '../../src/redis/redis-checks.ts';

const GOOD: RedisFacts = {
  version: '7.0.15',
  maxmemoryPolicy: 'noeviction',
  appendOnly: true,
  isSentinel: false,
};

describe('a Redis', () => {
  test.each<[string, Partial<RedisFacts>, string[]]>([
    ['that is set up well has no finding', {}, []],
    [
      'that evicts has a finding with the command that fixes it',
      { maxmemoryPolicy: 'allkeys-lru' },
      ['CONFIG SET maxmemory-policy noeviction'],
    ],
    [
      'that does not persist has a finding with the command that fixes it',
      { appendOnly: false },
      ['CONFIG SET appendonly yes'],
    ],
    [
      'with both has two findings',
      { appendOnly: false, maxmemoryPolicy: 'volatile-ttl' },
      ['CONFIG SET maxmemory-policy noeviction', 'CONFIG SET appendonly yes'],
    ],
    [
      'that does not show its settings has no finding',
      { appendOnly: undefined, maxmemoryPolicy: undefined, version: undefined },
      [],
    ],
  ])('%s', (_, facts, commands) => {
    expect(judgeRedis({ ...GOOD, ...facts }).map(({ command }) => command)).toEqual(commands);
  });

  test.each([
    ['7.0.15', true],
    ['6.2.0', true],
    ['6.2', true],
    ['10.1.1', true],
    ['6.0.16', false],
    ['5.0.14', false],
    [undefined, true],
  ])('of version %s is accepted: %s', (version, fit) => {
    expect(unfitness({ ...GOOD, version }) === null).toBe(fit);
  });

  test('that is a Sentinel is refused', () => {
    const facts = readRedisFacts('redis_version:7.0.15\r\nredis_mode:sentinel\r\n');
    expect(unfitness(facts)?.message).toContain('redis+sentinel://');
  });

  test('gives its facts in its answer to INFO', () => {
    const info = [
      '# Server',
      'redis_version:7.0.15',
      '# Memory',
      'maxmemory_policy:volatile-lru',
      '# Persistence',
      'aof_enabled:0',
      '',
    ].join('\r\n');
    expect(readRedisFacts(info)).toEqual({
      version: '7.0.15',
      maxmemoryPolicy: 'volatile-lru',
      appendOnly: false,
      isSentinel: false,
    });
    expect(readRedisFacts('aof_enabled:1\r\n')).toMatchObject({ appendOnly: true });
    expect(readRedisFacts('')).toEqual({ isSentinel: false });
  });
});

test.each([
  ['a limit', 'maxmemory:1000\r\nmaxmemory_policy:noeviction', { usedBytes: 12, maxBytes: 1000 }],
  ['no limit', 'maxmemory:0\r\nmaxmemory_policy:noeviction', null],
  ['a limit at which it drops keys', 'maxmemory:1000\r\nmaxmemory_policy:allkeys-lru', null],
  ['nothing to say', '', null],
])('the memory of a Redis with %s', (_, info, memory) => {
  const all = `# Memory\r\nused_memory:12\r\nused_memory_rss:99\r\n${info}\r\n`;
  expect(readMemory(all)).toEqual(memory);
});
