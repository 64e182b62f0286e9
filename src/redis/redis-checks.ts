import type { Cluster, Redis } from 'ioredis';
import { luaScript, type RedisClient } from './redis-client.ts';
import { isRefusedSelect, mistakeIn, RedisUnfitError } from './redis-mistakes.ts';

/** Facts from a Redis's answer to INFO; undefined where it has none. */
export interface RedisFacts {
  readonly version: string | undefined;
  readonly isSentinel: boolean;
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

const MIN_VERSION = '6.2';

/**
 * Reads the facts in an answer to INFO (https://redis.io/docs/latest/commands/info/). CONFIG has no
 * more, and managed Redis servers forbid it. Valkey and others of the family give the version of Redis
 * that they are compatible with.
 */
export function readRedisFacts(info: string): RedisFacts {
  const field = (name: string): string | undefined =>
    new RegExp(`^${name}:([\\w.-]+)`, 'm').exec(info)?.[1];
  const aof = field('aof_enabled');
  return {
    version: field('redis_version'),
    isSentinel: field('redis_mode') === 'sentinel',
    maxmemoryPolicy: field('maxmemory_policy'),
    appendOnly: aof === undefined ? undefined : aof !== '0',
  };
}

/** The memory of a Redis server that refuses writes when it is full. */
export interface RedisMemory {
  readonly usedBytes: number;
  readonly maxBytes: number;
}

/**
 * Reads the memory in an answer to INFO; null if it has no limit, hides it, or would drop keys instead of
 * refusing writes, which {@link judgeRedis} reports.
 */
export function readMemory(info: string): RedisMemory | null {
  const bytes = (name: string): number =>
    Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? 0);
  const maxBytes = bytes('maxmemory');
  if (maxBytes === 0 || readRedisFacts(info).maxmemoryPolicy !== 'noeviction') return null;
  return { usedBytes: bytes('used_memory'), maxBytes };
}

/** Returns the memory of the fullest server of a Redis, of those with a limit; null if none has one. */
export async function fullestMemory(redis: RedisClient): Promise<RedisMemory | null> {
  const found = (await askInfo(redis)).flatMap((info) => readMemory(info) ?? []);
  const share = ({ usedBytes, maxBytes }: RedisMemory): number => usedBytes / maxBytes;
  return found.toSorted((a, b) => share(b) - share(a))[0] ?? null;
}

/** Explains why the relay can't work with this Redis at all; null if it can. */
export function unfitness({ version, isSentinel }: RedisFacts): RedisUnfitError | null {
  if (isSentinel) {
    return new RedisUnfitError('sentinel', {
      what: 'REDIS_URL names a Sentinel where it should name a Redis server',
      todo: 'write redis+sentinel:// instead of redis://, and the name of the master at the end',
    });
  }
  if (version === undefined || !isOlder(version, MIN_VERSION)) return null;
  return new RedisUnfitError('too_old', {
    what: `Redis is version ${version}: ${MIN_VERSION} or newer is needed`,
    todo: 'let REDIS_URL name a newer one',
  });
}

/** Lists the unsafe settings of a Redis. Hidden settings are not judged. */
export function judgeRedis({
  maxmemoryPolicy,
  appendOnly,
}: Pick<RedisFacts, 'maxmemoryPolicy' | 'appendOnly'>): RedisFinding[] {
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

// A write that changes nothing: it shows whether this Redis runs scripts, holds the relay's keys, and
// takes writes from this user.
const LUA_TRIAL = "return redis.call('HDEL', KEYS[1], 'trial')";

/**
 * Asks a Redis, or each master of a Cluster, and judges it: each finding once. Throws
 * RedisUnfitError if the relay can't work with it, and Redis's own error if it refuses a write to
 * `stateKey`.
 */
export async function checkRedis(redis: RedisClient, stateKey: string): Promise<RedisFinding[]> {
  const findings = new Map<string, RedisFinding>();
  for (const facts of (await askInfo(redis)).map(readRedisFacts)) {
    const unfit = unfitness(facts);
    if (unfit !== null) throw unfit;
    for (const finding of judgeRedis(facts)) findings.set(finding.reason, finding);
  }
  await luaScript(redis, LUA_TRIAL)([stateKey], []);
  return [...findings.values()];
}

/** Asks a Redis, or also each master of a Cluster, for INFO. */
async function askInfo(redis: RedisClient): Promise<readonly string[]> {
  // After its first answer, a Cluster client knows the nodes.
  const first = await redis.info();
  if (!isCluster(redis)) return [first];
  return [first, ...(await Promise.all(redis.nodes('master').map((node) => node.info())))];
}

/** Returns the time by the clock of a Redis, in milliseconds since 1970. */
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

// --- The database ---

/**
 * Keeps a connection, and BullMQ's duplicates of it, from every database but that of its URL: ioredis
 * reports that its SELECT was refused, and then goes on in database 0. Here the connection ends
 * instead, before any command, and is opened again as after any loss.
 */
export function guardDatabase(redis: Redis): void {
  redis.on('error', (error: Error) => {
    if (isRefusedSelect(error)) redis.stream?.destroy();
  });
}

/**
 * Rejects with RedisUnfitError once an error of the connection shows that waiting does not help;
 * otherwise never settles.
 */
export function unfitByError(redis: RedisClient): Promise<never> {
  return new Promise((_, reject) => {
    redis.on('error', (error: Error) => {
      const mistake = mistakeIn(error);
      if (mistake !== null) reject(mistake);
    });
  });
}
