import { ExplainedError } from '../domain/explanation.ts';
import { LUA_NOW, luaScript, readLua, type RedisClient } from '../redis/redis-client.ts';

/** The version of the data that this release keeps in Redis: field `version` of the state. */
export const STATE_VERSION = 4;

/** The state is of a version that this release can't work with. */
export class StateVersionError extends ExplainedError {
  override readonly name = 'StateVersionError';
}

/** Brings the state from one version to the next. */
export interface StateMigration {
  readonly from: number;
  /** Lua that defines `migrate(state)`. `now` is set for it. */
  readonly lua: string;
}

const lua = (name: string): string => readLua(new URL(`./${name}`, import.meta.url));
const LUA_MIGRATE = lua('migrate-state.lua');

/** One migration for each version that ever was, in order. */
const MIGRATIONS: readonly StateMigration[] = [
  { from: 1, lua: lua('migrate-1-to-2.lua') },
  { from: 2, lua: lua('migrate-2-to-3.lua') },
  { from: 3, lua: lua('migrate-3-to-4.lua') },
];

/** Throws StateVersionError if the state is of another version than this release's. */
export function expectOwnVersion(found: string | null): void {
  if (found !== null && Number(found) !== STATE_VERSION) throw foreignVersion(found, STATE_VERSION);
}

/**
 * Returns `older` for state that the next start of a relay migrates, and that commands can work with
 * until then. Throws StateVersionError if this release can't work with it.
 */
export function expectUsableVersion(found: string | null): 'current' | 'older' {
  if (found === null || Number(found) === STATE_VERSION) return 'current';
  pathFrom(found, STATE_VERSION, MIGRATIONS);
  return 'older';
}

/**
 * Brings older state in Redis to this release's version: one atomic script per version, so that
 * replicas that start together run it once. Returns the version it came from, or null if there was
 * nothing to do. Throws StateVersionError, and changes nothing, if the state is newer, or too old.
 */
export async function migrateState(
  redis: RedisClient,
  stateKey: string,
  { version, migrations } = { version: STATE_VERSION, migrations: MIGRATIONS },
): Promise<number | null> {
  const found = await redis.hget(stateKey, 'version');
  if (found === null || Number(found) === version) return null;
  for (const { from, lua: migration } of pathFrom(found, version, migrations)) {
    await luaScript(redis, `${LUA_NOW}\n${migration}\n${LUA_MIGRATE}`)([stateKey], [from]);
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
