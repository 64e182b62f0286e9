import { resolve } from 'node:path';
import { MAX_BACKLOG_DAYS, parseBacklog, type Backlog } from '../domain/backlog.ts';
import { quoted } from './mistakes.ts';
import { foldText } from '../domain/folded-text.ts';

/** What came of reading a variable's text. `problem` is as in ConfigMistake. */
export type Reading<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

/**
 * How the text of a variable is read. The text comes trimmed and is never empty. The problems of
 * a rule for secrets must not repeat the text.
 */
export interface Rule<T> {
  /** The allowed values, for people. */
  readonly allowed: string;
  readonly read: (text: string) => Reading<T>;
}

/** A reading that worked. */
export function accept<T>(value: T): Reading<T> {
  return { ok: true, value };
}

/** A reading that failed, and why. */
export function refuse(problem: string): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem };
}

interface Range {
  readonly from: number;
  readonly to: number;
  /** After the allowed range, such as ` seconds`. */
  readonly unit?: string;
}

/** A number in plain decimal notation; decimals allowed, a sign, exponent or unit not. */
export function decimal({ from, to, unit = '' }: Range): Rule<number> {
  return {
    allowed: `a number from ${from} to ${to}${unit}, decimals allowed`,
    read: (text) => {
      if (!/^-?\d+(\.\d+)?$/.test(text)) {
        return refuse(`is ${quoted(text)}, which is not a plain number`);
      }
      return inRange(text, from, to);
    },
  };
}

/** A whole number in plain decimal notation. */
export function whole({ from, to, unit = '' }: Range): Rule<number> {
  return {
    allowed: `a whole number from ${from} to ${to}${unit}`,
    read: (text) => {
      if (!/^-?\d+$/.test(text)) {
        return refuse(`is ${quoted(text)}, which is not a whole number`);
      }
      return inRange(text, from, to);
    },
  };
}

/** A number of seconds, read as milliseconds. */
export function secondsAsMs(range: { readonly from: number; readonly to: number }): Rule<number> {
  return scaled(decimal({ ...range, unit: ' seconds' }), 1000);
}

/** A number of days, read as milliseconds. */
export function daysAsMs(range: { readonly from: number; readonly to: number }): Rule<number> {
  return scaled(decimal({ ...range, unit: ' days' }), 86_400_000);
}

const MAX_RETRIES = 50;
const MAX_RETRY_DELAY_SECONDS = 604_800;
const retryDelay = secondsAsMs({ from: 0, to: MAX_RETRY_DELAY_SECONDS });

/** The delays before the retries of a delivery, in seconds, read as milliseconds. */
export const retrySchedule: Rule<readonly number[]> = {
  allowed: `1 to ${MAX_RETRIES} delays from 0 to ${MAX_RETRY_DELAY_SECONDS} seconds (7 days), separated by commas`,
  read: (text) => {
    const delays = text.split(',').map((part) => part.trim());
    if (delays.length > MAX_RETRIES) return refuse(`has ${delays.length} delays`);
    const delaysMs: number[] = [];
    for (const [index, delay] of delays.entries()) {
      if (delay === '') return refuse(`has an empty delay (number ${index + 1})`);
      const reading = retryDelay.read(delay);
      if (!reading.ok) return refuse(`has a delay (number ${index + 1}) that ${reading.problem}`);
      delaysMs.push(reading.value);
    }
    return accept(delaysMs);
  },
};

/** `true` or `false`. */
export const yesOrNo: Rule<boolean> = {
  allowed: 'true or false',
  read: (text) => {
    const word = text.toLowerCase();
    if (word === 'true' || word === 'false') return accept(word === 'true');
    return refuse(`is ${quoted(text)}, which is neither`);
  },
};

/** One of some words, without regard to case. */
/** One of some words, without regard to case. */
export function oneOf<const T extends string>(words: readonly T[]): Rule<T> {
  return {
    allowed: words.length === 1 ? String(words[0]) : `one of ${words.join(', ')}`,
    read: (text) => {
      const word = words.find((candidate) => candidate === text.toLowerCase());
      return word === undefined
        ? refuse(`is ${quoted(text)}, which is none of the allowed values`)
        : accept(word);
    },
  };
}

/** Words or phrases separated by commas, in lower case, each once. Commas alone are an empty list. */
export const commaSeparated: Rule<readonly string[]> = {
  allowed: 'a list separated by commas',
  read: (text) => {
    const entries = text.split(',').map((entry) => entry.trim().toLowerCase());
    return accept([...new Set(entries)].filter((entry) => entry !== ''));
  },
};

/** What becomes of the first window. */
export const backlog: Rule<Backlog> = {
  allowed: `all, none, or an age such as 90m, 24h or 7d, up to ${MAX_BACKLOG_DAYS}d`,
  read: (text) => {
    const value = parseBacklog(text);
    return value === null
      ? refuse(`is ${quoted(text)}, which is neither all, none nor an age`)
      : accept(value);
  },
};

/** A folder, read as an absolute path; a relative one starts from the working directory. */
export const folder: Rule<string> = {
  allowed: 'the path of a folder, without control characters',
  read: (text) =>
    /\p{Cc}/u.test(text) ? refuse('has a control character in its path') : accept(resolve(text)),
};

/** The prefix of every Redis key. The braces of a Redis Cluster hash tag are added elsewhere. */
export const redisPrefix: Rule<string> = {
  allowed: '1 to 60 of the characters A-Z, a-z, 0-9, "_", "." and "-", without braces',
  read: (text) => {
    if (!/^[A-Za-z0-9_.-]+$/.test(text)) {
      return refuse(`is ${quoted(text)}, which has other characters`);
    }
    return text.length > 60 ? refuse(`has ${text.length} characters`) : accept(text);
  },
};

function inRange(text: string, from: number, to: number): Reading<number> {
  const value = Number(text);
  if (value < from) return refuse(`is ${quoted(text)}, which is less than ${from}`);
  if (value > to) return refuse(`is ${quoted(text)}, which is more than ${to}`);
  return accept(value);
}

function scaled(rule: Rule<number>, factor: number): Rule<number> {
  return {
    allowed: rule.allowed,
    read: (text) => {
      const reading = rule.read(text);
      return reading.ok ? accept(Math.round(reading.value * factor)) : reading;
    },
  };
}

const MAX_ENTRIES = 1000;
const MAX_ENTRY = 200;

/**
 * Words, phrases, ids or names separated by commas: as they are written, each once, however it is
 * written. Commas alone are an empty list.
 */
export const exclusions: Rule<readonly string[]> = {
  allowed: `a list separated by commas and without quotation marks around its entries, of up to ${MAX_ENTRIES} with up to ${MAX_ENTRY} characters each`,
  read: (text) => {
    const entries = new Map<string, string>();
    for (const [index, part] of text.split(',').entries()) {
      const entry = part.trim();
      if (entry === '') continue;
      const reading = readEntry(entry);
      if (!reading.ok) return refuse(`has an entry (number ${index + 1}) that ${reading.problem}`);
      if (!entries.has(reading.value)) entries.set(reading.value, entry);
    }
    return entries.size > MAX_ENTRIES
      ? refuse(`has ${entries.size} entries`)
      : accept([...entries.values()]);
  },
};

/** What an entry is compared as. */
function readEntry(entry: string): Reading<string> {
  // Shells, systemd and .env files take them off in different ways, so they can't keep a comma in.
  if (/^["\u201c\u201d]/.test(entry)) {
    return refuse('begins with a quotation mark');
  }
  const folded = foldText(entry);
  if (folded === '') return refuse('holds nothing that can be seen');
  return folded.length > MAX_ENTRY ? refuse(`has ${folded.length} characters`) : accept(folded);
}
