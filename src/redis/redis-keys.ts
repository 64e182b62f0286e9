import { createHash } from 'node:crypto';

/** The names of all our own keys in Redis. docs/state.md lists each with its shape and its bound. */
export interface RedisKeys {
  /** Prefix of BullMQ's keys, `{prefix}`. */
  readonly queues: string;
  readonly state: string;
  readonly seen: GenerationKeys;
  /** The leads of the last days: two hashes. */
  readonly leads: GenerationKeys;
  /** Open gaps: no sweep has closed them yet. */
  readonly gaps: string;
  /** The status of each of the account's groups at the last check. */
  readonly groups: string;
  /** Exists until the next check of the groups is due. */
  readonly coverage: string;
  /** Exists while no alert with this cause may be sent again. */
  readonly alerted: (cause: string) => string;
  /** The troubles that were found and are not over. */
  readonly troubles: string;
  /** The last reported troubles that are over. */
  readonly pastTroubles: string;
  /** The commands that changed something and that no replica has logged yet. */
  readonly commands: string;
  readonly delivered: (webhook: string) => GenerationKeys;
  readonly history: HistoryKeys;
  /** When a poll last ran. */
  readonly tick: string;
  /** When a poll last began, and the next extra poll: its token and its delay. */
  readonly pollClaim: string;
  /** Exists until the next request to HEARTBEAT_URL is due. */
  readonly ping: string;
  /** The names of all webhooks that ever had a delivery. */
  readonly webhooks: string;
  /** The hold, the pauses and the pace of a webhook. */
  readonly gate: (webhook: string) => string;
  /** The number of turns that the mentions of a webhook have taken. */
  readonly pingTurns: (webhook: string) => string;
  /** The last run of the command `resend` for a webhook. */
  readonly resend: (webhook: string) => string;
  readonly budget: (apiKey: string) => BudgetKeys;
  readonly daemon: string;
}

/** The keys of one API key's budget. */
export interface BudgetKeys {
  readonly slots: string;
  /** Exists while the API asks for a pause. */
  readonly blocked: string;
  /** Exists while the account is busy. */
  readonly busy: string;
  /** Exists while the API rejects the key. */
  readonly rejected: string;
}

/** The keys of the history of mentions. */
export interface HistoryKeys {
  readonly records: string;
  /** The order in time of the records. */
  readonly times: string;
  /** The records of each post. */
  readonly posts: string;
}

/** The two keys of a generational set or hash. */
export interface GenerationKeys {
  readonly current: string;
  readonly previous: string;
}

/**
 * The key names below one prefix. The prefix is a hash tag, `{prefix}`, so that on a Redis
 * Cluster all keys share a slot and one script may touch several of them.
 */
export function redisKeys(prefix: string): RedisKeys {
  const tag = `{${prefix}}`;
  return {
    queues: tag,
    state: `${tag}:state`,
    seen: generations(`${tag}:seen`),
    leads: generations(`${tag}:leads`),
    gaps: `${tag}:gaps`,
    groups: `${tag}:groups`,
    delivered: (webhook) => generations(`${tag}:delivered:${webhook}`),
    history: {
      records: `${tag}:history`,
      times: `${tag}:history:times`,
      posts: `${tag}:history:posts`,
    },
    tick: `${tag}:tick`,
    pollClaim: `${tag}:poll-claim`,
    coverage: `${tag}:coverage`,
    // A hash, because groups are named by the API.
    alerted: (cause) =>
      `${tag}:alerted:${createHash('sha256').update(cause).digest('hex').slice(0, 16)}`,
    troubles: `${tag}:troubles`,
    pastTroubles: `${tag}:past-troubles`,
    commands: `${tag}:commands`,
    ping: `${tag}:ping`,
    webhooks: `${tag}:webhooks`,
    gate: (webhook) => `${tag}:gate:${webhook}`,
    pingTurns: (webhook) => `${tag}:ping-turns:${webhook}`,
    resend: (webhook) => `${tag}:resend:${webhook}`,
    budget: (apiKey) => {
      // A hash, so that the key itself is not readable in Redis.
      const account = createHash('sha256').update(apiKey).digest('hex').slice(0, 16);
      const slots = `${tag}:budget:${account}`;
      return {
        slots,
        blocked: `${slots}:blocked`,
        busy: `${slots}:busy`,
        rejected: `${slots}:rejected`,
      };
    },
    daemon: `${tag}:daemon`,
  };
}

function generations(base: string): GenerationKeys {
  return { current: `${base}:current`, previous: `${base}:previous` };
}
