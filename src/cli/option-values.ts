import { InvalidArgumentError } from 'commander';

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
