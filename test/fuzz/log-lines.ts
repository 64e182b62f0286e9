import { expect } from 'vitest';
import { createLogger } from '../../src/monitoring/logger.io.ts';
import { EVENTS, type EventLog } from '../../src/domain/event-log.ts';
import { CANARY } from './foreign-json.ts';

/** Returns the real logger at level trace, writing into memory. */
export async function capturedLog(): Promise<{
  readonly log: EventLog;
  readonly written: string[];
}> {
  const written: string[] = [];
  const { log } = await createLogger(
    { level: 'trace', format: 'json' },
    { write: (chunk: string) => void written.push(chunk) },
  );
  return { log, written };
}

/** Asserts that each line is one line of JSON with a known event and without foreign text. */
export function expectLogLines(written: readonly string[]): void {
  for (const line of written) {
    expect(line, 'one line').toMatch(/^[^\n\r\u0085\u2028\u2029]*\n$/);
    const entry = JSON.parse(line) as { event: string; msg: string; time: string };
    expect(EVENTS).toContain(entry.event);
    expect(Number.isNaN(Date.parse(entry.time))).toBe(false);
    expect(line, 'no foreign text').not.toContain(CANARY);
    expect(line, 'nothing that controls a terminal').not.toMatch(/[\p{Cc}--\n]/v);
  }
}
