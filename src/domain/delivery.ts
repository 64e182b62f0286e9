import { createHash } from 'node:crypto';
import type { JsonObject, Mention, MentionKey } from './mention.ts';

/** One mention for one webhook. */
export interface Delivery {
  /** The webhook's name: never its URL, which is a secret. */
  readonly webhook: string;
  readonly key: MentionKey;
  readonly mention: Mention;
  /** When the window that brought the mention was received. */
  readonly polledAtMs: number;
}

/** What a delivery's job holds in Redis. No secret may be in it. */
export interface DeliveryData {
  readonly key: MentionKey;
  readonly mention: JsonObject;
  readonly polledAtMs: number;
}

/** How many deliveries of one webhook are where. */
export interface DeliveryCounts {
  readonly waiting: number;
  readonly active: number;
  readonly retrying: number;
  readonly failed: number;
}

/** A delivery that will not be tried again by itself, as it is kept. */
export interface FailedDelivery {
  readonly webhook: string;
  /** As `deliveryJobId` gives it. */
  readonly jobId: string;
  /** What is kept of the mention: an item of the API, unless another release wrote it. */
  readonly mention: unknown;
  /** Attempts made since it was queued, or since it was last put back. */
  readonly attempts: number;
  /** Why the last attempt failed. */
  readonly reason: string;
  /** Null where the mention's own time is unreadable. */
  readonly spottedAtMs: number | null;
  readonly polledAtMs: number | null;
  readonly failedAtMs: number;
}

/** What came of one attempt's POST. */
export type AttemptResult =
  | {
      readonly kind: 'answered';
      readonly status: number;
      /** Lower-case names. */
      readonly headers: Readonly<Record<string, string | undefined>>;
      /** The first kilobytes of the body. Foreign text: it may even repeat the webhook's URL. */
      readonly body: string;
      readonly durationMs: number;
    }
  | {
      readonly kind: 'unanswered';
      /** A short code, such as `ECONNREFUSED` or `ETIMEDOUT`. Never foreign text. */
      readonly code: string;
      readonly durationMs: number;
    };

/** What follows from an attempt. Reasons are our own words or known codes: they go into logs. */
export type Verdict =
  | { readonly kind: 'delivered' }
  /** Try this delivery again by the schedule. */
  | { readonly kind: 'retry'; readonly reason: string }
  /** The whole webhook waits; no attempt is used up. */
  | { readonly kind: 'hold'; readonly waitMs: number; readonly reason: string }
  /** The webhook is fine, but not with what the message holds. */
  | { readonly kind: 'content-refused'; readonly reason: string }
  /** A failed delivery: it will not be tried again by itself. */
  | { readonly kind: 'fail'; readonly reason: string };

/**
 * The id of a delivery's job in its webhook's queue: the same mention always gives the same id,
 * so adding it again is a no-op while the job exists. BullMQ allows no `:` in ids, no ids of
 * digits only, and none that equals a key name of its own (`meta`, `delayed`): hence the prefix.
 */
export function deliveryJobId(key: MentionKey): string {
  return `m-${key}`;
}

/** The id of a delivery's job, from that or from the mention's message id; null if it is neither. */
export function parseDeliveryId(text: string): string | null {
  const [, key] = /^(?:m-|msg_)([\w-]{22})$/.exec(text.trim()) ?? [];
  return key === undefined ? null : deliveryJobId(key as MentionKey);
}

/** The message id of the mention that a job delivers. */
export function messageIdOfJob(jobId: string): string {
  return messageId(jobId.replace(/^m-/, '') as MentionKey);
}

/**
 * The Standard Webhooks `webhook-id` of a mention: the same over attempts, replicas and webhooks,
 * so that receivers can tell a repeat.
 */
export function messageId(key: MentionKey): string {
  return `msg_${key}`;
}

/**
 * The `webhook-id` of a message with these mentions: that of the mention if there is one, otherwise
 * one that the same mentions in the same order always give.
 */
export function messageIdOf(keys: readonly MentionKey[]): string {
  const [only] = keys;
  if (keys.length === 1 && only !== undefined) return messageId(only);
  const hash = createHash('sha256').update(keys.join(' ')).digest('base64url');
  return `msg_${hash.slice(0, 22)}`;
}
