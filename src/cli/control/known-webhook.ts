import type { Config } from '../../config/env.ts';
import { createKnownWebhooks } from '../../delivering/outbox.io.ts';
import { printable } from '../../domain/foreign/printable.ts';
import type { RedisClient } from '../../redis/redis-client.ts';
import type { RedisKeys } from '../../redis/redis-keys.ts';
import { refuse } from '../terminal/output.ts';
import { nearest } from '../terminal/usage.ts';

/** The names of the webhooks that a command may be about. */
export interface KnownNames {
  readonly configured: ReadonlySet<string>;
  /** The configured ones first, then those that had deliveries once. */
  readonly all: readonly string[];
}

/** Reads the names of all webhooks that are configured or ever had a delivery. */
export async function readKnownNames(
  config: Pick<Config, 'webhooks'>,
  redis: RedisClient,
  keys: RedisKeys,
): Promise<KnownNames> {
  const configured = new Set(config.webhooks.map(({ name }) => name));
  const ever = new Set(await createKnownWebhooks(redis, keys).names());
  return { configured, all: [...configured.union(ever)] };
}

/**
 * Returns true if a webhook has this name. Otherwise prints the names, and the one that was probably
 * meant, and sets the exit status to 1.
 */
export function expectKnown(name: string, { all }: Pick<KnownNames, 'all'>): boolean {
  if (all.includes(name)) return true;
  refuse(unknownWebhook(name, all));
  return false;
}

/** Returns the error for a name that no webhook has. */
export function unknownWebhook(name: string, names: readonly string[]): string {
  const meant = nearest(name, names);
  const hint = meant === undefined ? '.' : `; did you mean ${meant}?`;
  return `No webhook is named ${printable(name)}${hint} Known webhooks: ${names.join(', ')}.`;
}
