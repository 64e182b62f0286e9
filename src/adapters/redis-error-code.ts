/**
 * What may be told of a Redis error: its code, or the first word of Redis's own answer
 * (`NOAUTH`, `READONLY`, `OOM`...), or what a message of ioredis or BullMQ means. Never its message:
 * that can hold an address or arguments.
 */
export function errorCode(error: Error & { code?: unknown; lastNodeError?: unknown }): string {
  if (typeof error.code === 'string') return error.code;
  if (error.lastNodeError instanceof Error) return errorCode(error.lastNodeError);
  const known = MEANINGS.find(([beginning]) => error.message.startsWith(beginning));
  return known?.[1] ?? /^[A-Z]{3,20}\b/.exec(error.message)?.[0] ?? error.name;
}

const MEANINGS: readonly (readonly [beginning: string, meaning: string])[] = [
  ['All sentinels are unreachable', 'no Sentinel answers'],
  ['None of startup nodes is available', 'no Cluster node answers'],
  ['Failed to refresh slots cache', 'no Cluster node answers'],
  ['ERR DB index is out of range', 'no such database'],
  // BullMQ's, of a job that is not this worker's any more: it was taken over, or its lock ran out.
  ['Missing lock for job', 'lock lost'],
  ['Lock mismatch for job', 'lock lost'],
  ['could not renew lock for job', 'lock lost'],
];
