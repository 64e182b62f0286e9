import { type Cluster, type Redis, ReplyError } from 'ioredis';
import { ExplainedError } from '../domain/explanation.ts';
import type { RedisClient } from './redis-client.ts';

/** Facts from a Redis's answer to INFO; undefined where it has none. */
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
    maxmemoryPolicy: field('maxmemory_policy'),
    appendOnly: aof === undefined ? undefined : aof !== '0',
  };
}

/** Explains why the relay can't work with this Redis at all; null if it can. */
export function unfitness({ version }: RedisFacts): string | null {
  if (version === undefined || !isOlder(version, MIN_VERSION)) return null;
  return `Redis is version ${version}: ${MIN_VERSION} or newer is needed`;
}

/** Lists the unsafe settings of a Redis. Hidden settings are not judged. */
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
  // After its first answer, a Cluster client knows the nodes.
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

/** Rejects with RedisUnfitError once the database of the URL is refused; otherwise never settles. */
export function databaseRefusal(redis: RedisClient): Promise<never> {
  return new Promise((_, reject) => {
    redis.on('error', (error: Error) => {
      const unfit = unfitDatabase(error);
      if (unfit !== null) reject(unfit);
    });
  });
}

/** Explains a refusal of the database of the URL; null if the error is another one. */
export function unfitDatabase(error: Error): RedisUnfitError | null {
  if (!isRefusedSelect(error)) return null;
  const [database] = error.command.args;
  return new RedisUnfitError(
    /out of range/.test(error.message)
      ? {
          what: `Redis has no database ${String(database)}, which REDIS_URL asks for`,
          todo: 'choose a smaller number, or raise databases in redis.conf',
        }
      : {
          what: `Redis refuses database ${String(database)}, which REDIS_URL asks for`,
          todo: 'allow its user the command SELECT, or leave the number out',
        },
  );
}

/** Returns true if SELECT was refused for another reason than authentication or loading. */
function isRefusedSelect(error: Error): error is Error & { command: { args: unknown[] } } {
  if (!(error instanceof ReplyError) || /^(NOAUTH|LOADING) /.test(error.message)) return false;
  return (error as { command?: { name?: string } }).command?.name === 'select';
}
