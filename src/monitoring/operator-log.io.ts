import type { CommandRecord, EventLog, LogFields } from '../domain/event-log.ts';
import type { RedisClient } from '../redis/redis-client.ts';
import type { RedisKeys } from '../redis/redis-keys.ts';

/** The commands that change something in a relay. */
export type ChangingCommand =
  'pause' | 'resume' | 'drop' | 'digest' | 'resend' | 'failed retry' | 'failed discard';

/**
 * Brings what operators changed into the log of a running relay: a command adds it, and one replica takes
 * and logs it. If none runs, the next one to start does.
 */
export interface OperatorLog {
  /** Records what a command changed. The fields hold no secrets, no content and no names of people. */
  add(command: ChangingCommand, fields: LogFields): Promise<void>;
  /** Returns such a record, and its place, for a script of Redis that adds it with its own change. */
  record(command: ChangingCommand, fields: LogFields): CommandRecord;
  /** Logs what commands recorded since a replica last did. */
  write(log: EventLog): Promise<void>;
}

// Without a running relay the oldest are dropped.
const MAX_KEPT = 100;

/** Keeps the records in Redis, until a replica takes them. */
export function createOperatorLog(
  redis: RedisClient,
  keys: RedisKeys,
  nowMs: () => number = Date.now,
): OperatorLog {
  function record(command: ChangingCommand, fields: LogFields): CommandRecord {
    const at = new Date(nowMs()).toISOString();
    return { list: keys.commands, fields: { command, at, ...fields }, most: MAX_KEPT };
  }

  return {
    record,
    async add(command, given) {
      const { list, fields, most } = record(command, given);
      await redis.multi().rpush(list, JSON.stringify(fields)).ltrim(list, -most, -1).exec();
    },
    async write(log) {
      for (const text of (await redis.lpop(keys.commands, MAX_KEPT)) ?? []) {
        const fields = readRecord(text);
        if (fields !== null) log.info('command.ran', fields, 'a command changed something');
      }
    },
  };
}

/** Reads a record of this or another release; null if it is damaged. */
function readRecord(record: string): LogFields | null {
  try {
    const fields = JSON.parse(record) as unknown;
    const { command } = Object(fields) as { readonly command?: unknown };
    return typeof command === 'string' ? (fields as LogFields) : null;
  } catch {
    return null;
  }
}
