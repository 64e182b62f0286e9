/**
 * Jobs that are damaged in Redis, by an operator or a restore. BullMQ throws while it reads such a
 * job, which it has locked by then, and again whenever the lock has expired.
 */
import { Job, Worker, type JobJson, type Processor, type WorkerOptions } from 'bullmq';
import { luaScript, readLua, type RedisClient } from '../redis/redis-client.ts';
import { JOB_OPTIONS } from './bullmq-internals.ts';
import { DamagedError, isOfDamage, jsonOrText } from './kept-jobs.ts';

/** The name of a job that was damaged when a worker took it. */
export const DAMAGED = 'damaged';

const SALVAGE = readLua(new URL('./salvage-job.lua', import.meta.url));

/** A worker that can finish damaged jobs too. Their name is {@link DAMAGED}, their data as in KeptJob. */
export class SalvagingWorker extends Worker {
  readonly #redis: RedisClient;

  constructor(
    name: string,
    process: Processor | null,
    options: WorkerOptions & { readonly connection: RedisClient },
  ) {
    super(name, process, options);
    this.#redis = options.connection;
  }

  protected override async moveToActive(token: string, name?: string): Promise<Job> {
    try {
      return await super.moveToActive(token, name);
    } catch (error) {
      return this.salvage(token, error as Error);
    }
  }

  /** Returns the job that was taken; throws if it is damaged. */
  override createJob(json: JobJson, id: string): Job {
    const { name, data, attemptsMade, parent, repeatJobKey, opts } = json;
    const whole =
      typeof name === 'string' &&
      data.startsWith('{') &&
      Number.isSafeInteger(attemptsMade) &&
      parent === undefined &&
      (repeatJobKey === undefined || 'repeat' in opts);
    if (!whole) throw new DamagedError('a queued job is damaged');
    return super.createJob(json, id);
  }

  /** Returns the damaged job that was taken with this token before `error` was thrown. */
  async salvage(token: string, error: Error): Promise<Job> {
    if (!isOfDamage(error)) throw error;
    const run = luaScript(this.#redis, SALVAGE);
    const reply = await run([this.toKey('active')], [this.toKey(''), token, DAMAGED]);
    if (!Array.isArray(reply)) throw error;
    const [id, data, attempts] = reply as string[];
    const job = new Job(this, DAMAGED, jsonOrText(data), JOB_OPTIONS, id);
    job.attemptsMade = Number(attempts);
    job.token = token;
    return job;
  }
}

/** Deletes what is no hash: BullMQ's scripts refuse it, and stop halfway. */
export async function dropForeignKeys(redis: RedisClient, keys: readonly string[]): Promise<void> {
  const types = await Promise.all(keys.map((key) => redis.type(key)));
  const foreign = keys.filter((_, index) => !['hash', 'none'].includes(types[index] ?? ''));
  await Promise.all(foreign.map((key) => redis.del(key)));
}
