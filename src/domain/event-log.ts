const RELAY = [
  'relay.started',
  'config.warning',
  'relay.start_failed',
  'relay.summary',
  'relay.reloading',
  'relay.reloaded',
  'relay.reload_refused',
  'relay.stopping',
  'relay.stopped',
  'relay.crashed',
  'relay.hung',
  'relay.notify_failed',
  'clock.jumped',
  'command.ran',
] as const;

const POLLS = [
  'poll.completed',
  'poll.failed',
  'poll.retrying',
  'poll.key_rejected',
  'poll.key_accepted',
  'poll.item_malformed',
  'poll.gap_detected',
  'poll.window_saturated',
  'poll.rescheduled',
  'budget.waited',
  'mention.queued',
  'mention.merged',
  'mention.skipped',
] as const;

const GAPS = [
  'gap.closed',
  'gap.unresolved',
  'sweep.completed',
  'sweep.distrusted',
  'sweep.failed',
  'group.coverage_changed',
] as const;

const DELIVERIES = [
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
] as const;

const REDIS = [
  'redis.embedded_started',
  'redis.embedded_adopted',
  'redis.embedded_repaired',
  'redis.embedded_stopped',
  'redis.data_dir_open',
  'redis.lost',
  'redis.back',
  'redis.error',
  'redis.unsafe',
  'redis.nearly_full',
  'redis.has_room',
  'state.empty',
  'state.migrated',
] as const;

const MONITORING = [
  'health.listening',
  'health.file_failed',
  'heartbeat.failed',
  'heartbeat.recovered',
] as const;

/**
 * The names of all log events, by the section of docs/logs.md that describes them: `npm run docs`
 * writes its headings. Names are part of the public interface: people build alerts on them.
 */
export const EVENT_GROUPS = {
  'The relay': RELAY,
  Polls: POLLS,
  'Gaps and groups': GAPS,
  Deliveries: DELIVERIES,
  Redis: REDIS,
  Monitoring: MONITORING,
} as const;

export const EVENTS = Object.values(EVENT_GROUPS).flat();

export type EventName = (typeof EVENTS)[number];

/** Fields of a log line, with units in their names. Nothing secret, no content, no names of people. */
export type LogFields = Readonly<Record<string, unknown>>;

type Write = (event: EventName, fields: LogFields, message: string) => void;

/** Logs events, one line each. `message` is for people and holds no foreign text. */
export interface EventLog {
  readonly trace: Write;
  readonly debug: Write;
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
}

/** The record of a change by a command, for a list of such JSON objects in Redis. A replica logs them. */
export interface CommandRecord {
  readonly list: string;
  readonly fields: LogFields;
  /** The most records that the list keeps. */
  readonly most: number;
}

/** Formats a time for logs and JSON output, in ISO 8601; null if it is unknown. */
export function isoTime(timeMs: number | null): string | null {
  return timeMs === null ? null : new Date(timeMs).toISOString();
}
