import type { Cluster } from 'ioredis';
import { ExplainedError } from '../domain/explanation.ts';
import type { RedisClient } from './redis-client.ts';

/** What a Redis says of itself; undefined is what it does not tell. */
export interface RedisFacts {
  readonly version: string | undefined;
  readonly maxmemoryPolicy: string | undefined;
  readonly appendOnly: boolean | undefined;
}

/** A setting of a Redis that may cost deliveries, and the command that fixes it. */
export interface RedisFinding {
  readonly reason: 'maxmemory-policy' | 'appendonly';
  /** For people: a sentence without its full stop. */
  readonly what: string;
  readonly command: string;
}

/** A Redis that the relay can't work with. */
export class RedisUnfitError extends ExplainedError {
  override readonly name = 'RedisUnfitError';
}

const MIN_VERSION = '6.2';

/**
 * The facts in an answer to INFO (https://redis.io/docs/latest/commands/info/). CONFIG would say
 * no more, and managed Redises forbid it. Valkey and others of the family give the version of Redis
 * that they are compatible with.
 */
export function readRedisFacts(info: string): RedisFacts {
  const field = (name: string): string | undefined =>
    new RegExp(`^${name}:([\\w.-]+)`, 'm').exec(info)?.[1];
  const aof = field('aof_enabled');
  return {
    version: field('redis_version'),
    maxmemoryPolicy: field('maxmemory_policy'),
    appendOnly: aof === undefined ? undefined : aof !== '0',
  };
}

/** Why the relay can't work with this Redis at all; null if it can. */
export function unfitness({ version }: RedisFacts): string | null {
  if (version === undefined || !isOlder(version, MIN_VERSION)) return null;
  return `Redis is version ${version}: ${MIN_VERSION} or newer is needed`;
}

/** What is unsafe about a Redis. Of what it does not tell, nothing is said. */
export function judgeRedis({ maxmemoryPolicy, appendOnly }: RedisFacts): RedisFinding[] {
  const findings: RedisFinding[] = [];
  if (maxmemoryPolicy !== undefined && maxmemoryPolicy !== 'noeviction') {
    findings.push({
      reason: 'maxmemory-policy',
      what: 'Redis may drop deliveries when its memory is full',
      command: 'CONFIG SET maxmemory-policy noeviction',
    });
  }
  if (appendOnly === false) {
    findings.push({
      reason: 'appendonly',
      what: 'Redis loses deliveries when it crashes',
      command: 'CONFIG SET appendonly yes',
    });
  }
  return findings;
}

/**
 * Asks a Redis, or each master of a Cluster, and judges it: each finding once. Throws
 * RedisUnfitError if the relay can't work with it.
 */
export async function checkRedis(redis: RedisClient): Promise<RedisFinding[]> {
  // The first answer of a Cluster says that its nodes are known.
  const answers = [await redis.info()];
  if (isCluster(redis)) {
    answers.push(...(await Promise.all(redis.nodes('master').map((node) => node.info()))));
  }
  const findings = new Map<string, RedisFinding>();
  for (const facts of answers.map(readRedisFacts)) {
    const unfit = unfitness(facts);
    if (unfit !== null) {
      throw new RedisUnfitError({ what: unfit, todo: 'let REDIS_URL name a newer one' });
    }
    for (const finding of judgeRedis(facts)) findings.set(finding.reason, finding);
  }
  return [...findings.values()];
}

/** What time it is by the clock of a Redis, in milliseconds since 1970. */
export async function serverTimeMs(redis: RedisClient): Promise<number> {
  const [seconds, microseconds] = await redis.time();
  return Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000);
}

function isCluster(redis: RedisClient): redis is Cluster {
  return redis.isCluster;
}

function isOlder(version: string, least: string): boolean {
  const [numbers, needed] = [version, least].map((text) => text.split('.').map(Number));
  for (const [index, part] of (needed ?? []).entries()) {
    const own = numbers?.[index] ?? 0;
    if (own !== part) return own < part;
  }
  return false;
}
