import { ExplainedError } from '../domain/explanation.ts';
import { LUA_NOW, luaScript, type RedisClient } from '../redis/redis-client.ts';

/** The version of what this release keeps in Redis, in the field `version` of the state. */
export const STATE_VERSION = 2;

/** State that this release can't work with. */
export class StateVersionError extends ExplainedError {
  override readonly name = 'StateVersionError';
}

/** How the state of one version becomes that of the next. */
export interface StateMigration {
  readonly from: number;
  /** Lua that does it, with the names of all keys made from KEYS[1], `{prefix}:state`. Its version is set for it. */
  readonly lua: string;
}

/** One for each version that ever was, in order. */
const MIGRATIONS: readonly StateMigration[] = [
  {
    from: 1,
    // What was seen until now can't be told from what a sweep of the groups finds: only what is
    // spotted from now on can be recovered.
    lua: `
${LUA_NOW}
redis.call('HSET', KEYS[1], 'rememberedFromMs', now, 'generationAtMs', now, 'sweptAtMs', now)`,
  },
];

/** Throws StateVersionError if the state is of another version than this release's. */
export function expectOwnVersion(found: string | null): void {
  if (found !== null && Number(found) !== STATE_VERSION) throw foreignVersion(found, STATE_VERSION);
}

/**
 * How the state of `found` stands to this release: `older` is what the next start of a relay brings
 * up to date, and what a command can work with until then. Throws StateVersionError if it can't be.
 */
export function expectUsableVersion(found: string | null): 'current' | 'older' {
  if (found === null || Number(found) === STATE_VERSION) return 'current';
  pathFrom(found, STATE_VERSION, MIGRATIONS);
  return 'older';
}

/**
 * Brings the state in Redis to this release's version, where it is older: one atomic script a
 * version, so that replicas which start together do it once. Says from which version it came, or
 * null if there was nothing to do. Throws StateVersionError, and changes nothing, if the state is
 * newer, or too old to be migrated.
 */
export async function migrateState(
  redis: RedisClient,
  stateKey: string,
  { version, migrations } = { version: STATE_VERSION, migrations: MIGRATIONS },
): Promise<number | null> {
  const found = await redis.hget(stateKey, 'version');
  if (found === null || Number(found) === version) return null;
  for (const { from, lua } of pathFrom(found, version, migrations)) {
    await step(redis, stateKey, from, lua);
  }
  return Number(found);
}

function pathFrom(
  found: string,
  version: number,
  migrations: readonly StateMigration[],
): readonly StateMigration[] {
  const path = migrations.filter(({ from }) => from >= Number(found) && from < version);
  if (!(Number(found) < version) || path.length !== version - Number(found)) {
    throw foreignVersion(found, version);
  }
  return path;
}

async function step(
  redis: RedisClient,
  stateKey: string,
  from: number,
  lua: string,
): Promise<void> {
  const migrate = luaScript(
    redis,
    `if redis.call('HGET', KEYS[1], 'version') ~= ARGV[1] then return 0 end
${lua}
redis.call('HSET', KEYS[1], 'version', ARGV[1] + 1)
return 1`,
  );
  await migrate([stateKey], [from]);
}

function foreignVersion(found: string, known: number): StateVersionError {
  const readable = /^\d{1,6}$/.test(found);
  if (readable && Number(found) < known) {
    return new StateVersionError({
      what: `the state in Redis is of version ${found}, too old for this release (${known})`,
      todo: 'start a release in between first, or use another REDIS_PREFIX',
    });
  }
  if (!readable) {
    return new StateVersionError({
      what: 'the state in Redis has a version that is no number: no mention-relay wrote it',
      todo: 'use another REDIS_PREFIX',
    });
  }
  return new StateVersionError({
    what: `the state in Redis is of version ${found}, and this release knows ${known}: a newer mention-relay wrote it`,
    todo: 'run that one, or use another REDIS_PREFIX',
  });
}
