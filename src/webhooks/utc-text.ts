/** A time in UTC, to the minute: for text in which a service writes no dates. */
export function utcText(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, -8).replace('T', ' ')} UTC`;
}
