import { InvalidArgumentError } from 'commander';
import { parseAgeMs } from '../../domain/backlog.ts';

/** Reads a port: 0, which takes a free one, to 65535. */
export function port(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) {
    throw new InvalidArgumentError('It must be a whole number from 0 to 65535.');
  }
  return Number(text);
}

/** Reads a number of mentions a minute: 0 to 6000, with decimals. */
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
 * Reads a moment of the past, in milliseconds since 1970: an age (`90m`, `24h`, `7d`), or a date or
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

const ISO_8601 = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:\d\d)?)?$/i;
