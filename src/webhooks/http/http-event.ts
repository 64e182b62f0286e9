import { alertAtMs, type Alert } from '../../domain/alert.ts';
import type { Delivery } from '../../domain/delivery.ts';
import type { JsonObject } from '../../domain/mention.ts';

/** The JSON of a request's body. docs/schemas/ holds a schema of each type. */
export interface HttpEvent {
  readonly type:
    | 'mention.created'
    | 'mention.batch'
    | 'mention.digest'
    | 'mention.recovered'
    | 'gap.detected'
    | 'group.coverage_changed'
    | 'relay.trouble';
  /** ISO 8601. */
  readonly timestamp: string;
  readonly data: JsonObject | readonly JsonObject[];
}

// RFC 3339, which JSON Schema's `date-time` follows, knows the years 0000 to 9999.
const FIRST_TIME_MS = Date.parse('0000-01-01T00:00:00Z');
const LAST_TIME_MS = Date.parse('9999-12-31T23:59:59.999Z');

/**
 * Returns the JSON of an event. It is well-formed Unicode without NUL, which databases and
 * languages of receivers refuse: U+FFFD stands for both, in names too.
 */
export function eventJson(event: HttpEvent): string {
  const json = JSON.stringify(event);
  if (!json.includes('\\u')) return json;
  const clean = json.replace(UNWELCOME, '$1\ufffd');
  // Two names may have become one, which strict receivers refuse: the last one stays.
  return clean === json ? json : JSON.stringify(JSON.parse(clean));
}

// JSON.stringify escapes NUL and a surrogate without its other half, and writes pairs as they are. An
// escape has an even number of backslashes before it: they are text.
const UNWELCOME = /(?<!\\)((?:\\\\)*)\\u(?:0000|d[89a-f]..)/g;

/**
 * Returns the event of one delivery, or the `mention.batch` of several, oldest first. Mentions in it
 * are just as the API gave them; those of the same post or lead stand in the field `merged`.
 */
export function eventOf(deliveries: readonly Delivery[]): HttpEvent {
  const [only] = deliveries;
  return {
    type: only !== undefined && deliveries.length === 1 ? typeOf(only) : 'mention.batch',
    timestamp: latestTimeOf(deliveries),
    data: only !== undefined && deliveries.length === 1 ? dataOf(only) : deliveries.map(dataOf),
  };
}

/** Returns the `mention.digest` of these mentions, oldest first, also of a single one. */
export function digestOf(mentions: readonly Delivery[]): HttpEvent {
  return {
    type: 'mention.digest',
    timestamp: latestTimeOf(mentions),
    data: mentions.map(dataOf),
  };
}

function latestTimeOf(deliveries: readonly Delivery[]): string {
  return new Date(Math.max(...deliveries.map(timeOf))).toISOString();
}

function typeOf(delivery: Delivery): HttpEvent['type'] {
  switch (delivery.kind) {
    case 'mention':
      return 'mention.created';
    case 'recovered':
      return 'mention.recovered';
    case 'alert':
      return delivery.alert.type;
  }
}

function dataOf(delivery: Delivery): JsonObject {
  switch (delivery.kind) {
    case 'mention':
      return delivery.others === undefined
        ? delivery.mention.raw
        : { ...delivery.mention.raw, merged: delivery.others.map(({ raw }) => raw) };
    case 'recovered':
      return { ...delivery.mention.raw, group: delivery.mention.rawGroup, content: null };
    case 'alert':
      return alertData(delivery.alert);
  }
}

function alertData(alert: Alert): JsonObject {
  switch (alert.type) {
    case 'gap.detected':
      return { missingFrom: isoTime(alert.fromMs), missingTo: isoTime(alert.toMs) };
    case 'group.coverage_changed': {
      const { groupId, groupName, change, status } = alert;
      return { group: { id: groupId, name: groupName }, change, status };
    }
    case 'relay.trouble': {
      const { trouble, webhook, endsAlertAtMs } = alert;
      return { trouble, webhook, ...(endsAlertAtMs !== undefined && { resolved: true }) };
    }
  }
}

/** Returns when a mention was spotted, or if that is unreadable, polled; when an alert was found. */
function timeOf(delivery: Delivery): number {
  if (delivery.kind === 'alert') return alertAtMs(delivery.alert);
  const { mention, polledAtMs } = delivery;
  return isWritable(mention.spottedAtMs) ? mention.spottedAtMs : polledAtMs;
}

function isoTime(timeMs: number | null): string | null {
  return isWritable(timeMs) ? new Date(timeMs).toISOString() : null;
}

function isWritable(timeMs: number | null): timeMs is number {
  return timeMs !== null && timeMs >= FIRST_TIME_MS && timeMs <= LAST_TIME_MS;
}
