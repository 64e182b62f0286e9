import type { Fault } from './plan.ts';
import type { Post, RunRecord } from './record.ts';

/** The reason that excuses a repeated mention. */
export type Explanation =
  /** The receiver took the mention and kept its answer back: the relay cannot know that it arrived. */
  | 'webhook did not answer'
  | 'relay killed'
  | 'relay frozen'
  | 'relay stopped while Redis was away'
  | 'Redis away';

/** A mention that a receiver took again. */
export interface Duplicate {
  readonly receiver: string;
  readonly mention: string;
  /** The times of both arrivals. */
  readonly firstAtMs: number;
  readonly againAtMs: number;
  /** Null if nothing that happened explains it. */
  readonly explanation: Explanation | null;
  /** The fault that explains it, or the problem. */
  readonly why: string;
}

/** The judgment of a run. */
export interface Verdict {
  /** One sentence per broken promise. */
  readonly problems: readonly string[];
  /** The pairs of a mention and a receiver that it reached. */
  readonly deliveries: number;
  readonly lost: readonly { readonly receiver: string; readonly mention: string }[];
  readonly duplicates: readonly Duplicate[];
  /** The times from spotted to first arrival of all deliveries, ascending. */
  readonly latenciesMs: readonly number[];
}

// One call to Redis lies between an answer and its record; the machine may be busy.
const RECORDING_MS = 2_000;
// A signal and a request that cross each other may be recorded in either order.
const CROSSING_MS = 250;
// The time that a relay needs after a freeze to send what it had begun.
const WAKING_MS = 500;

/**
 * Judges a run: every mention reached every receiver, each repeat is explained by itself, and the
 * API's budget was never exceeded. Pure.
 *
 * A repeat is explained only if the relay could not have recorded the POST before it: the receiver
 * gave no answer, or a relay was killed or frozen, or Redis was away, between the POST's arrival
 * and its record. A repeat of what a relay had said to have recorded is never explained.
 */
export function judgeRun(run: RunRecord): Verdict {
  const taken = takenBy(run);
  const lost: { receiver: string; mention: string }[] = [];
  const duplicates: Duplicate[] = [];
  const latenciesMs: number[] = [];
  const explain = explainerOf(run);

  for (const receiver of run.receivers) {
    for (const { id: mention, spottedAtMs } of run.mentions) {
      const posts = taken.get(pair(receiver, mention)) ?? [];
      const [first] = posts;
      if (first === undefined || !posts.some(({ end }) => end === 'accepted')) {
        lost.push({ receiver, mention });
      }
      if (first !== undefined) latenciesMs.push(first.atMs - spottedAtMs);
      for (const [index, again] of posts.entries()) {
        const before = posts[index - 1];
        if (before !== undefined) duplicates.push(explain(before, again, mention));
      }
    }
  }
  return {
    problems: problemsOf(run, lost, duplicates, taken),
    deliveries: latenciesMs.length,
    lost,
    duplicates,
    latenciesMs: latenciesMs.toSorted((one, other) => one - other),
  };
}

/** Returns the value that this share of an ascending list does not exceed; 0 for an empty list. */
export function quantile(ascending: readonly number[], share: number): number {
  return ascending[Math.max(0, Math.ceil(share * ascending.length) - 1)] ?? 0;
}

function problemsOf(
  { api, drainedAtMs, mishaps, mentions }: RunRecord,
  lost: Verdict['lost'],
  duplicates: readonly Duplicate[],
  taken: ReadonlyMap<string, readonly Post[]>,
): string[] {
  const problems = [...mishaps];
  if (drainedAtMs === null) problems.push('some deliveries were never finished');
  for (const { receiver, mention } of lost) problems.push(`${mention} is lost to ${receiver}`);
  for (const { receiver, mention, againAtMs, explanation, why } of duplicates) {
    if (explanation !== null) continue;
    problems.push(`${mention} came again to ${receiver} at ${seconds(againAtMs)}: ${why}`);
  }
  const known = new Set(mentions.map(({ id }) => id));
  for (const [key, [post]] of taken) {
    const [receiver, mention = ''] = key.split(' ');
    if (!known.has(mention) && post !== undefined) {
      problems.push(`${receiver} got a mention that nobody spotted at ${seconds(post.atMs)}`);
    }
  }
  if (api.busiestMinute > api.budget) {
    problems.push(`${api.busiestMinute} API requests in a minute, of ${api.budget} allowed`);
  }
  if (api.refused > 0) problems.push(`the API's own limit refused ${api.refused} requests`);
  return problems;
}

/** Returns the POSTs that took each mention, by receiver and mention, in order of arrival. */
function takenBy({ posts }: RunRecord): Map<string, Post[]> {
  const taken = new Map<string, Post[]>();
  for (const post of posts.toSorted((one, other) => one.atMs - other.atMs)) {
    if (post.end === 'refused') continue;
    for (const mention of post.mentions) {
      const key = pair(post.receiver, mention);
      taken.set(key, [...(taken.get(key) ?? []), post]);
    }
  }
  return taken;
}

function explainerOf({ faults, recorded }: RunRecord) {
  const recordedAtMs = new Map<string, number[]>();
  for (const { receiver, mention, atMs } of recorded) {
    const key = pair(receiver, mention);
    recordedAtMs.set(key, [...(recordedAtMs.get(key) ?? []), atMs]);
  }
  const ofReplicas = (kind: string) =>
    faults.filter((fault) => fault.subject === 'replica' && fault.kind === kind);
  const kills = ofReplicas('kill');
  const freezes = ofReplicas('freeze');
  const stops = ofReplicas('restart');
  const outages = faults.filter(({ subject }) => subject === 'redis');

  return (before: Post, again: Post, mention: string): Duplicate => {
    const { receiver } = before;
    const firstAtMs = before.atMs;
    const duplicate = { receiver, mention, firstAtMs, againAtMs: again.atMs };
    const explained = (explanation: Explanation, { lane, kind, fromMs }: Fault): Duplicate => {
      return { ...duplicate, explanation, why: `${lane}: ${kind} at ${seconds(fromMs)}` };
    };

    const recordings = recordedAtMs.get(pair(receiver, mention)) ?? [];
    const recordingMs = recordings.find((atMs) => atMs >= firstAtMs && atMs < again.atMs);
    if (recordingMs !== undefined) {
      const why = `it was sent again after a relay had recorded it at ${seconds(recordingMs)}`;
      return { ...duplicate, explanation: null, why };
    }
    if (before.end === 'unanswered') {
      const meanwhile = { fromMs: firstAtMs, toMs: before.endedAtMs };
      const fault = faults.find((each) => each.lane === receiver && overlap(each, meanwhile));
      if (fault) return explained('webhook did not answer', fault);
    }

    // The time of an attempt that a freeze interrupted can be over when its POST goes out.
    const waking = { fromMs: firstAtMs - WAKING_MS, toMs: firstAtMs };
    const frozen = freezes.find(({ toMs }) => overlap({ fromMs: toMs, toMs }, waking));
    if (before.end === 'gone' && frozen) return explained('relay frozen', frozen);

    const span = { fromMs: firstAtMs - CROSSING_MS, toMs: before.endedAtMs + RECORDING_MS };
    // The record waits while Redis is away.
    let away: Fault | undefined;
    for (const outage of outages) {
      if (!overlap(outage, span)) continue;
      away = outage;
      span.toMs = Math.max(span.toMs, outage.toMs + RECORDING_MS);
    }
    // The start of a fault counts: a relay that was away before the POST cannot have made it.
    const begins = ({ fromMs }: Fault): boolean => overlap({ fromMs, toMs: fromMs }, span);
    const kill = kills.find(begins);
    if (kill) return explained('relay killed', kill);
    const freeze = freezes.find(begins);
    if (freeze) return explained('relay frozen', freeze);
    const stop = stops.find((fault) => overlap(fault, span));
    if (stop && away) return explained('relay stopped while Redis was away', stop);
    if (away) return explained('Redis away', away);
    return { ...duplicate, explanation: null, why: `nothing explains it (${before.end})` };
  };
}

function overlap(
  one: { readonly fromMs: number; readonly toMs: number },
  other: { readonly fromMs: number; readonly toMs: number },
): boolean {
  return one.fromMs <= other.toMs && other.fromMs <= one.toMs;
}

function pair(receiver: string, mention: string): string {
  return `${receiver} ${mention}`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
