/** A time as logs and answers to programs have it, in ISO 8601; null where it is not known. */
export function isoTime(timeMs: number | null): string | null {
  return timeMs === null ? null : new Date(timeMs).toISOString();
}
