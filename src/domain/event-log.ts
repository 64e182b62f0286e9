/**
 * The names of all log events. docs/logs.md describes each; a test holds the two together.
 * Names are part of the public interface: people build alerts on them.
 */
export const EVENTS = [
  'relay.started',
  'relay.start_failed',
  'relay.summary',
  'relay.stopping',
  'relay.stopped',
  'relay.crashed',
  'relay.notify_failed',
  'poll.completed',
  'poll.failed',
  'poll.retrying',
  'poll.key_rejected',
  'poll.key_accepted',
  'poll.item_malformed',
  'poll.window_saturated',
  'poll.gap_detected',
  'poll.rescheduled',
  'budget.waited',
  'gap.closed',
  'gap.unresolved',
  'sweep.completed',
  'sweep.failed',
  'sweep.distrusted',
  'group.coverage_changed',
  'mention.queued',
  'mention.skipped',
  'delivery.succeeded',
  'delivery.repeated',
  'delivery.retrying',
  'delivery.failed',
  'delivery.unrecorded',
  'delivery.purged',
  'webhook.paused',
  'webhook.held',
  'webhook.probe_failed',
  'webhook.released',
  'webhook.unconfigured',
  'redis.embedded_started',
  'redis.embedded_adopted',
  'redis.embedded_stopped',
  'redis.data_dir_open',
  'redis.lost',
  'redis.back',
  'redis.error',
  'redis.unsafe',
  'state.empty',
  'state.migrated',
  'health.listening',
  'heartbeat.failed',
  'heartbeat.recovered',
] as const;

export type EventName = (typeof EVENTS)[number];

/** Fields of a log line, with units in their names. Nothing secret, no content, no names of people. */
export type LogFields = Readonly<Record<string, unknown>>;

type Write = (event: EventName, fields: LogFields, message: string) => void;

/** Where events are told: one line each. `message` is for people and holds no foreign text. */
export interface EventLog {
  readonly trace: Write;
  readonly debug: Write;
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
}

/** A time as logs and answers to programs have it, in ISO 8601; null where it is not known. */
export function isoTime(timeMs: number | null): string | null {
  return timeMs === null ? null : new Date(timeMs).toISOString();
}
