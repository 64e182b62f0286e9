import { InvalidArgumentError, type Command } from 'commander';
import { distance } from 'fastest-levenshtein';
import { parseAgeMs } from '../../domain/backlog.ts';
import { printable } from '../../domain/foreign/printable.ts';

/** The option of all commands that print for scripts too. */
export const JSON_OPTION = ['--json', 'print one line of JSON'] as const;

/** Reads a port: 0, which takes a free one, to 65535. */
export function port(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) {
    throw new InvalidArgumentError('It must be a whole number from 0 to 65535.');
  }
  return Number(text);
}

/** Reads a number of mentions per minute: 0 to 6000, with decimals. */
export function perMinute(text: string): number {
  if (!/^\d{1,4}(\.\d+)?$/.test(text) || Number(text) > 6000) {
    throw new InvalidArgumentError('It must be a number from 0 to 6000.');
  }
  return Number(text);
}

/** Reads a count of mentions: 0 to 10000. */
export function count(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 10_000) {
    throw new InvalidArgumentError('It must be a whole number from 0 to 10000.');
  }
  return Number(text);
}

/**
 * Reads a time in the past, in milliseconds since 1970: an age (`90m`, `24h`, `7d`), or a date or
 * time of ISO 8601, in UTC unless it names its zone.
 */
export function since(text: string, nowMs: number): number {
  const ageMs = parseAgeMs(text);
  if (ageMs !== null) return nowMs - ageMs;
  const [, date, time = '00:00', zone = 'Z'] = ISO_8601.exec(text.trim()) ?? [];
  const timeMs = Date.parse(`${date}T${time}${zone}`);
  if (!Number.isNaN(timeMs)) return timeMs;
  throw new InvalidArgumentError(
    'It must be an age such as 90m, 24h or 7d, or a date and time of ISO 8601.',
  );
}

/** A time in the past, and how it was typed. */
export interface PastTime {
  readonly text: string;
  readonly atMs: number;
}

/** Does the same as {@link since}, and keeps the text. */
export function pastTime(text: string, nowMs: number): PastTime {
  return { text, atMs: since(text, nowMs) };
}

/** Collects the values of an option that may be given several times. */
export function collected(text: string, before: readonly string[]): readonly string[] {
  return [...before, text];
}

const ISO_8601 = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:\d\d)?)?$/i;

/** Reads the length of a pause, in milliseconds: `90m`, `2h`, `7d`. */
export function lengthOfTime(text: string): number {
  const lengthMs = parseAgeMs(text);
  if (lengthMs !== null) return lengthMs;
  throw new InvalidArgumentError('It must be a length of time such as 90m, 2h or 7d.');
}

type StatusRow = readonly [status: string, meaning: string];

/** Returns the end of a command's help: the meaning of each exit status. */
export function statusLines(rows: readonly StatusRow[]): string {
  const lines = rows.map(([status, meaning]) => `  ${status.padEnd(4)}${meaning}`);
  return `\nExit status:\n${lines.join('\n')}`;
}

/** Returns the same for a command that reads the configuration. */
export function exitStatuses(rows: readonly StatusRow[]): string {
  return statusLines([...rows, ['78', 'the configuration has errors']]);
}

/** Ends the process with an error if its first argument names no command. */
export function refuseUnknownCommand(program: Command, [word]: readonly string[]): void {
  const names = program.commands.map((command) => command.name());
  if (word === undefined || word.startsWith('-') || [...names, 'help'].includes(word)) return;
  // Without this, the default command would only complain about an argument.
  program.error(unknownCommand(word, names));
}

const MAX_MISTYPED = 2;

/** Returns the error for an unknown command, with the command that was probably meant. */
export function unknownCommand(word: string, names: readonly string[]): string {
  const meant = nearest(word, names);
  return `error: unknown command '${printable(word)}'${meant === undefined ? '' : `, did you mean ${meant}?`}`;
}

/**
 * Returns the name that was probably meant by a word: the nearest one, in any case, if at most two
 * letters differ and others are the same.
 */
export function nearest(word: string, names: readonly string[]): string | undefined {
  const [found] = names
    .map((name) => ({ name, apart: distance(word.toUpperCase(), name.toUpperCase()) }))
    .toSorted((one, other) => one.apart - other.apart);
  const isNear =
    found !== undefined && found.apart <= MAX_MISTYPED && found.apart < found.name.length;
  return isNear ? found.name : undefined;
}
