import { z } from 'zod';
import { digest, type MentionKey } from './mention.ts';
import { failure, success, type Result } from './result.ts';

/** A message to webhooks about something else than a mention. Times are in milliseconds since 1970. */
export type Alert = GapAlert | CoverageAlert | TroubleAlert;

/** Mentions may have come and gone between two windows. */
export interface GapAlert {
  readonly type: 'gap.detected';
  /** When the newest mention before the gap was spotted; null where that is not known. */
  readonly fromMs: number | null;
  /** When the oldest mention after it was spotted; null where that is not known. */
  readonly toMs: number | null;
  readonly detectedAtMs: number;
}

/** The coverage of one group of the account has changed. */
export interface CoverageAlert {
  readonly type: 'group.coverage_changed';
  readonly groupId: string;
  /** Foreign text as the API gave it; null where it is not known. */
  readonly groupName: string | null;
  /**
   * `left`: it is in the account, but no longer tracked; `returned`: it is tracked again;
   * `appeared`: it is new in the account; `vanished`: it is no longer in the account.
   */
  readonly change: CoverageChange;
  /** The present status from the API, such as `pending access`. Foreign text. */
  readonly status: string;
  readonly changedAtMs: number;
}

/** The relay itself can't do all of its work, or has lost state; or such a trouble is over. */
export interface TroubleAlert extends TroubleCause {
  readonly type: 'relay.trouble';
  /** When the trouble was found; in an all-clear, when its end was found. */
  readonly foundAtMs: number;
  /** The `foundAtMs` of the alert that this all-clear ends; absent in an alert. */
  readonly endsAlertAtMs?: number;
}

/** The cause of an alert about a trouble. */
export interface TroubleCause {
  readonly trouble: Trouble;
  /** The name of the webhook that it is about; null if it is about none. */
  readonly webhook: string | null;
}

/**
 * - `key_rejected`: the API rejects the key, and nothing is polled
 * - `polls_failing`: no poll succeeds
 * - `items_unreadable`: the API sends items that are not sent on
 * - `webhook_held`: a webhook keeps failing, and its deliveries wait
 * - `webhook_gone`: its URL is gone, and they wait until it is resumed or has another URL
 * - `deliveries_failed`: deliveries to it have failed and are kept
 * - `state_emptied`: seen mentions and waiting deliveries are gone
 * - `redis_nearly_full`: Redis will soon refuse writes
 * - `clock_jumped`: the clock of Redis or of a replica
 */
export const TROUBLES = [
  'key_rejected',
  'polls_failing',
  'items_unreadable',
  'webhook_held',
  'webhook_gone',
  'deliveries_failed',
  'state_emptied',
  'redis_nearly_full',
  'clock_jumped',
] as const;
export type Trouble = (typeof TROUBLES)[number];

export const COVERAGE_CHANGES = ['left', 'returned', 'appeared', 'vanished'] as const;
export type CoverageChange = (typeof COVERAGE_CHANGES)[number];

// The range of a Date (ECMAScript, Time Values and Time Range).
const spottedMs = z.number().min(-8.64e15).max(8.64e15);
// Of this machine's clock: a year of four digits, which every format can write.
const found = z.number().min(0).max(Date.parse('9999-12-31T23:59:59.999Z'));
const alertSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('gap.detected'),
    fromMs: spottedMs.nullable(),
    toMs: spottedMs.nullable(),
    detectedAtMs: found,
  }),
  z.object({
    type: z.literal('group.coverage_changed'),
    groupId: z.string(),
    groupName: z.string().nullable(),
    change: z.enum(COVERAGE_CHANGES),
    status: z.string(),
    changedAtMs: found,
  }),
  z.object({
    type: z.literal('relay.trouble'),
    trouble: z.enum(TROUBLES),
    webhook: z.string().nullable(),
    foundAtMs: found,
    endsAlertAtMs: found.exactOptional(),
  }),
]);

/** Reads an alert that was kept in Redis. The reason for a refusal holds none of its content. */
export function parseAlert(kept: unknown): Result<Alert> {
  const parsed = alertSchema.safeParse(kept);
  return parsed.success ? success(parsed.data) : failure(whyUnreadable(parsed.error));
}

/** Returns the time at which the cause of an alert was found. */
export function alertAtMs(alert: Alert): number {
  switch (alert.type) {
    case 'gap.detected':
      return alert.detectedAtMs;
    case 'group.coverage_changed':
      return alert.changedAtMs;
    case 'relay.trouble':
      return alert.foundAtMs;
  }
}

/**
 * Returns the identity of an alert, in the form of a mention's. A poll that is repeated after a crash
 * finds the same gap a little later: the ends of a gap identify it, or, if neither is known, the ten
 * minutes in which it was found. An all-clear is identified by the alert that it ends. Content and time
 * identify all other alerts.
 */
export function alertKey(alert: Alert): MentionKey {
  return digest(JSON.stringify(identityOf(alert))) as MentionKey;
}

/**
 * Returns the cause of an alert: one alert per cause is enough for a while. All gaps have one cause;
 * each change of a group, and each webhook, has its own.
 */
export function alertCause(alert: Alert): string {
  switch (alert.type) {
    case 'gap.detected':
      return alert.type;
    case 'group.coverage_changed':
      return JSON.stringify([alert.type, alert.groupId, alert.change]);
    case 'relay.trouble':
      return JSON.stringify([alert.type, alert.trouble, alert.webhook]);
  }
}

const SAME_GAP_MS = 600_000;

function identityOf(alert: Alert): readonly unknown[] {
  switch (alert.type) {
    case 'gap.detected': {
      const { type, fromMs, toMs, detectedAtMs } = alert;
      return fromMs === null && toMs === null
        ? [type, Math.floor(detectedAtMs / SAME_GAP_MS)]
        : [type, fromMs, toMs];
    }
    case 'group.coverage_changed': {
      const { type, groupId, change, changedAtMs } = alert;
      return [type, groupId, change, changedAtMs];
    }
    case 'relay.trouble': {
      const { type, trouble, webhook, foundAtMs, endsAlertAtMs } = alert;
      return endsAlertAtMs === undefined
        ? [type, trouble, webhook, foundAtMs]
        : [type, trouble, webhook, endsAlertAtMs, 'resolved'];
    }
  }
}

/** Lists the fields that could not be read, and why, without their content. */
function whyUnreadable({ issues }: z.ZodError): string {
  return issues
    .map(({ path, message }) => `${path.join('.') || 'the item'}: ${message}`)
    .join('; ');
}
