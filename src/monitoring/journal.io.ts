import { fstatSync } from 'node:fs';

/**
 * Returns true if a file descriptor leads to the journal of systemd, as JOURNAL_STREAM says
 * (systemd.exec(5)).
 */
export function isJournal(
  descriptor: number,
  { JOURNAL_STREAM: named }: Readonly<{ JOURNAL_STREAM?: string | undefined }>,
): boolean {
  if (named === undefined) return false;
  try {
    const { dev, ino } = fstatSync(descriptor, { bigint: true });
    return named === `${dev}:${ino}`;
  } catch {
    return false;
  }
}

// Pino's levels, and the priorities of syslog(3). journald removes them from the lines (sd-daemon(3)).
const PRIORITIES = [
  { from: 50, prefix: '<3>' },
  { from: 40, prefix: '<4>' },
  { from: 30, prefix: '<6>' },
  { from: 0, prefix: '<7>' },
];

/** Returns a text of several lines as errors for the journal. */
export function asJournalErrors(text: string): string {
  return text.replaceAll(/^(?=.)/gm, priorityOf(50));
}

/** Returns the prefix of a line for one of pino's levels. */
export function priorityOf(level: number): string {
  return PRIORITIES.find(({ from }) => level >= from)?.prefix ?? '';
}
