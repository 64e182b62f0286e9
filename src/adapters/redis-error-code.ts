/**
 * What may be told of a Redis error: its code, or the first word of Redis's own answer
 * (`NOAUTH`, `READONLY`, `OOM`...). Never its message: that can hold an address or arguments.
 */
export function errorCode(error: Error & { code?: unknown; lastNodeError?: unknown }): string {
  if (typeof error.code === 'string') return error.code;
  if (error.lastNodeError instanceof Error) return errorCode(error.lastNodeError);
  if (error.message.startsWith('All sentinels are unreachable')) return 'no Sentinel answers';
  if (error.message.startsWith('ERR DB index is out of range')) return 'no such database';
  return /^[A-Z]{3,20}\b/.exec(error.message)?.[0] ?? error.name;
}
