import { randomBytes } from 'node:crypto';
import { digest } from '../../domain/mention.ts';
import type { RedisClient } from '../../redis/redis-client.ts';
import type { RedisKeys } from '../../redis/redis-keys.ts';

/** The last run of `resend` for a webhook, as it is kept in Redis. */
export interface ResendRun {
  /** The suffix of its deliveries' keys: 8 characters of base64url. */
  readonly id: string;
  /** A digest of its options as they were typed: only the same command continues a run. */
  readonly command: string;
  readonly sinceMs: number;
  /** Mentions that were kept at this time or later are no part of the run. */
  readonly untilMs: number;
  /** All mentions that were kept before this time are queued; null if none is yet. */
  readonly queuedToMs: number | null;
  /** The job of the last delivery; null if none is queued yet. */
  readonly lastJobId: string | null;
  /** True once all deliveries are queued. */
  readonly complete: boolean;
}

/** The relation of a command to the last run for its webhook. */
export type RunStart =
  /** `interrupted`: an earlier command of this run ended before all its deliveries were queued. */
  | { readonly kind: 'begin' | 'interrupted'; readonly run: ResendRun }
  /** The same command queued everything, and some of it still waits. */
  | { readonly kind: 'under-way' };

/**
 * Decides whether a command begins a run or continues one. The same command continues its run until
 * everything is queued, with the same times and suffix, so that no mention is sent by both. Afterwards
 * it is refused until the last delivery has left the queue, and then begins another run.
 */
export function startRun(
  last: ResendRun | null,
  asked: Pick<ResendRun, 'id' | 'command' | 'sinceMs' | 'untilMs'>,
  lastWaits: boolean,
): RunStart {
  if (last?.command === asked.command) {
    if (!last.complete) return { kind: 'interrupted', run: last };
    if (lastWaits) return { kind: 'under-way' };
  }
  return {
    kind: 'begin',
    run: { ...asked, queuedToMs: null, lastJobId: null, complete: false },
  };
}

/** Returns the suffix of a new run. */
export function newRunId(): string {
  return randomBytes(6).toString('base64url');
}

/** Names a command by its options. */
export function commandDigest(options: object): string {
  return digest(JSON.stringify(options));
}

// An interrupted command that nobody repeats within a day is not continued.
const KEPT_MS = 86_400_000;

/** Reads the last run for a webhook; null if there is none. */
export async function readResendRun(
  redis: RedisClient,
  keys: RedisKeys,
  webhook: string,
): Promise<ResendRun | null> {
  const text = await redis.get(keys.resend(webhook));
  if (text === null) return null;
  try {
    const run = JSON.parse(text) as ResendRun | null;
    return /^[\w-]{8}$/.test(run?.id ?? '') ? run : null;
  } catch {
    return null;
  }
}

/** Keeps the state of a run. */
export async function writeResendRun(
  redis: RedisClient,
  keys: RedisKeys,
  webhook: string,
  run: ResendRun,
): Promise<void> {
  await redis.set(keys.resend(webhook), JSON.stringify(run), 'PX', KEPT_MS);
}
