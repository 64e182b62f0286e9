import type { Alert } from './alert.ts';
import { digest, loggedId, type Mention, type MentionKey } from './mention.ts';
import { loggedPostId, type RecoveredMention } from './recovered-mention.ts';

/** One mention, or one alert, for one webhook. */
export type Delivery = MentionDelivery | RecoveredDelivery | AlertDelivery;

/** `mention`: of a window; `recovered`: found after a gap; `alert`: of the relay itself. */
export const DELIVERY_KINDS = ['mention', 'recovered', 'alert'] as const;
export type DeliveryKind = (typeof DELIVERY_KINDS)[number];

interface ForWebhook {
  /** The webhook's name: never its URL, which is a secret. */
  readonly webhook: string;
  /** Its identity at this webhook: two deliveries with one key must not both arrive. */
  readonly key: MentionKey;
}

export interface MentionDelivery extends ForWebhook {
  readonly kind: 'mention';
  readonly mention: Mention;
  /**
   * Further mentions of its post or lead that the same window brought, oldest first, each as
   * `listedMention` gives it. Absent without any.
   */
  readonly others?: readonly Mention[];
  /** The time at which the window that brought the mention was received. */
  readonly polledAtMs: number;
}

export interface RecoveredDelivery extends ForWebhook {
  readonly kind: 'recovered';
  readonly mention: RecoveredMention;
  /** The time at which the answer that brought it was received. */
  readonly polledAtMs: number;
}

export interface AlertDelivery extends ForWebhook {
  readonly kind: 'alert';
  readonly alert: Alert;
}

/** The number of deliveries of one webhook in each state. */
export interface DeliveryCounts {
  readonly waiting: number;
  readonly active: number;
  readonly retrying: number;
  readonly failed: number;
}

/** A delivery that is not retried automatically, as it is kept. */
export interface FailedDelivery {
  readonly webhook: string;
  /** As `deliveryJobId` gives it. */
  readonly jobId: string;
  /** Null if it is damaged, or another release wrote it, of a kind that is unknown here. */
  readonly kind: DeliveryKind | null;
  /** The kept content: an item or a post of the API, or an alert, unless another release wrote it or it is damaged. */
  readonly content: unknown;
  /** In the form for log lines; null if it has none, or can't be read. */
  readonly mentionId: string | null;
  /** The attempts since it was queued, or since it was last retried by an operator. */
  readonly attempts: number;
  /** The reason for which the last attempt failed. */
  readonly reason: string;
  /** The time at which the mention was spotted, or the cause of the alert found; null if unreadable. */
  readonly spottedAtMs: number | null;
  /** Null for an alert. */
  readonly polledAtMs: number | null;
  readonly failedAtMs: number;
}

/** The outcome of one attempt's POST. */
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

/** The consequence of an attempt. Reasons are our own words or known codes: they go into logs. */
export type Verdict =
  | { readonly kind: 'delivered' }
  /** Try this delivery again by the schedule. */
  | { readonly kind: 'retry'; readonly reason: string }
  /** The whole webhook pauses; no attempt is used up. */
  | { readonly kind: 'pause'; readonly waitMs: number; readonly reason: string }
  /** The webhook works, but refuses the content of the message. */
  | { readonly kind: 'content-refused'; readonly reason: string }
  /**
   * A failed delivery: it is not retried automatically. `gone`: the webhook pauses until resumed.
   * `mayHaveArrived`: another attempt, also as a probe, would most likely be a copy.
   */
  | {
      readonly kind: 'fail';
      readonly reason: string;
      readonly gone?: true;
      readonly mayHaveArrived?: true;
    };

/**
 * Returns the name of the mention for log lines: the API's id, or the number in the link of a
 * recovered mention; null if there is none.
 */
export function mentionIdOf(delivery: Delivery): string | null {
  switch (delivery.kind) {
    case 'mention':
      return loggedId(delivery.mention);
    case 'recovered':
      return loggedPostId(delivery.mention);
    case 'alert':
      return null;
  }
}

/**
 * Returns the id of a delivery's job in its webhook's queue: the same mention or alert always gives
 * the same id, so adding it again is a no-op while the job exists. BullMQ allows no `:` in ids, no ids
 * of digits only, and no id that equals a key name of its own (`meta`, `delayed`): hence the prefix.
 */
export function deliveryJobId(key: MentionKey): string {
  return `m-${key}`;
}

/** Returns the id of a delivery's job, from a job id or a message id; null if the text is neither. */
export function parseDeliveryId(text: string): string | null {
  const [, key] = /^(?:m-|msg_)([\w-]{22}(?:_r[\w-]{8})?)$/.exec(text.trim()) ?? [];
  return key === undefined ? null : deliveryJobId(key as MentionKey);
}

/**
 * Returns the key of a delivery that the command `resend` makes: that of the mention's own delivery, and
 * a suffix that is the same for all deliveries of one run. So the run sends it past the ledger, but once:
 * job id, ledger and `webhook-id` have the suffix too. Releases that know no suffix take it for any key.
 *
 * @param run - 8 characters of base64url
 */
export function resentKey(key: MentionKey, run: string): MentionKey {
  return `${key}_r${run}` as MentionKey;
}

/** Returns the key without the suffix of a resent delivery. */
export function originalKey(key: MentionKey): MentionKey {
  return key.replace(RESENT, '') as MentionKey;
}

/** Returns true for the key of a resent delivery. */
export function isResent(key: MentionKey): boolean {
  return RESENT.test(key);
}

// A key has 22 characters, which may be any of base64url.
const RESENT = /(?<=^.{22})_r[\w-]{8}$/;

/** Returns the message id of a job's delivery. */
export function messageIdOfJob(jobId: string): string {
  return messageId(jobId.replace(/^m-/, '') as MentionKey);
}

/**
 * Returns the Standard Webhooks `webhook-id` of a mention or an alert: the same over attempts, replicas
 * and webhooks, so that receivers recognize a repeat. A resent mention has another one in each run.
 */
export function messageId(key: MentionKey): string {
  return `msg_${key}`;
}

/**
 * Returns the `webhook-id` of a message with these mentions: of a single mention its own, otherwise an
 * id that the same mentions in the same order always give.
 */
export function messageIdOf(keys: readonly MentionKey[]): string {
  const [only] = keys;
  if (keys.length === 1 && only !== undefined) return messageId(only);
  return `msg_${digest(keys.join(' '))}`;
}
