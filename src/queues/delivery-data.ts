import { parseAlert } from '../domain/alert.ts';
import { DELIVERY_KINDS, type Delivery, type DeliveryKind } from '../domain/delivery.ts';
import { parseMention, type JsonObject, type Mention, type MentionKey } from '../domain/mention.ts';
import { parseRecoveredMention, type RecoveredMention } from '../domain/recovered-mention.ts';
import { failure, success, type Result } from '../domain/result.ts';

/**
 * The data of a delivery's job in Redis. It must hold no secret. Releases up to 0.1.0 wrote mentions
 * without their kind, and fail a job that has no `mention`.
 */
export type DeliveryData =
  | {
      readonly kind?: 'mention';
      readonly key: MentionKey;
      readonly mention: JsonObject;
      /** At most 99, without their content. */
      readonly others?: readonly JsonObject[];
      readonly polledAtMs: number;
    }
  | {
      readonly kind: 'recovered';
      readonly key: MentionKey;
      readonly post: JsonObject;
      readonly group: RecoveredMention['group'];
      readonly polledAtMs: number;
    }
  | { readonly kind: 'alert'; readonly key: MentionKey; readonly alert: JsonObject };

/** Returns the data of a delivery's job. */
export function dataOf(delivery: Delivery): DeliveryData {
  const { key } = delivery;
  switch (delivery.kind) {
    case 'mention': {
      const { mention, others, polledAtMs } = delivery;
      const listed = others && { others: others.map(({ raw }) => raw) };
      return {
        kind: 'mention',
        key,
        mention: mention.raw,
        ...listed,
        polledAtMs,
      };
    }
    case 'recovered': {
      const { mention, polledAtMs } = delivery;
      const { raw: post, rawGroup: group } = mention;
      return { kind: 'recovered', key, post, group, polledAtMs };
    }
    case 'alert':
      return { kind: 'alert', key, alert: { ...delivery.alert } };
  }
}

/** The kept data of a delivery, and its reading. */
export interface KeptDelivery {
  /** Null if this release does not know the kind, or it is lost. */
  readonly kind: DeliveryKind | null;
  /** The mention, the post with its group, or the alert, as kept, in any shape. */
  readonly content: unknown;
  /** The delivery, or the reason why it can't be read, without any content. */
  readonly reading: Result<Delivery>;
}

/** Reads data that {@link dataOf} wrote, in this or another release. Never throws. */
export function readKept(webhook: string, data: unknown): KeptDelivery {
  const kept = asObject(data);
  if (kept !== data) return unknown(data, 'is damaged: its content is no JSON object');
  const about = { webhook, key: kept['key'] as MentionKey };
  const polledAtMs = kept['polledAtMs'] as number;
  switch (kindOf(kept)) {
    case 'mention': {
      const parsed = parseMention(kept['mention']);
      const others = othersOf(kept['others']);
      const content =
        others === undefined
          ? kept['mention']
          : { ...asObject(kept['mention']), merged: others.map(({ raw }) => raw) };
      if (!parsed.ok) return unreadable('mention', content, parsed.error);
      const mention = parsed.value;
      return readable(content, {
        kind: 'mention',
        ...about,
        mention,
        ...(others && { others }),
        polledAtMs,
      });
    }
    case 'recovered': {
      const group = groupOf(kept['group']);
      const content = { ...asObject(kept['post']), group };
      const parsed = parseRecoveredMention(kept['post'], group);
      if (!parsed.ok) return unreadable('recovered', content, parsed.error);
      const mention = parsed.value;
      return readable(content, { kind: 'recovered', ...about, mention, polledAtMs });
    }
    case 'alert': {
      const content = kept['alert'];
      const parsed = parseAlert(content);
      if (!parsed.ok) return unreadable('alert', content, parsed.error);
      return readable(content, { kind: 'alert', ...about, alert: parsed.value });
    }
    case null:
      return unknown(data, 'is of a kind that this release does not know');
  }
}

const NAMES: Readonly<Record<DeliveryKind, string>> = {
  mention: 'mention',
  recovered: 'recovered mention',
  alert: 'alert',
};

function unknown(content: unknown, why: string): KeptDelivery {
  return { kind: null, content, reading: failure(`the queued delivery ${why}`) };
}

function readable(content: unknown, delivery: Delivery): KeptDelivery {
  if (typeof delivery.key !== 'string')
    return unreadable(delivery.kind, content, 'its key is damaged');
  if (delivery.kind !== 'alert' && readTime(delivery.polledAtMs) === null)
    return unreadable(delivery.kind, content, 'the time at which it was polled is damaged');
  return { kind: delivery.kind, content, reading: success(delivery) };
}

function unreadable(kind: DeliveryKind, content: unknown, why: string): KeptDelivery {
  return { kind, content, reading: failure(`the queued ${NAMES[kind]} is unreadable: ${why}`) };
}

function kindOf(kept: JsonObject): DeliveryKind | null {
  const kind = kept['kind'] ?? 'mention';
  return DELIVERY_KINDS.find((known) => known === kind) ?? null;
}

/** Reads the other mentions that a message lists. Leaves out those that are damaged. */
function othersOf(kept: unknown): readonly Mention[] | undefined {
  const items: readonly unknown[] = Array.isArray(kept) ? kept : [];
  const others = items.flatMap((item) => {
    const parsed = parseMention(item);
    return parsed.ok ? [parsed.value] : [];
  });
  return others.length === 0 ? undefined : others;
}

function groupOf(kept: unknown): RecoveredMention['group'] {
  const { id, name } = asObject(kept);
  return { id: typeof id === 'string' ? id : '', name: typeof name === 'string' ? name : '' };
}

/** Returns a time, in milliseconds since 1970; null if a kept value is none. */
export function readTime(kept: unknown): number | null {
  return typeof kept === 'number' && Math.abs(kept) <= LATEST_MS ? kept : null;
}

// The latest time of JavaScript.
const LATEST_MS = 8.64e15;

function asObject(value: unknown): JsonObject {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as JsonObject) : {};
}
