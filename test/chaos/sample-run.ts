import type { Fault } from './plan.ts';
import type { Post, RunRecord } from './record.ts';

/** A run of one mention, `m`, spotted after a second, and one webhook, `A`. */
export function sampleRun(changes: Partial<RunRecord> = {}): RunRecord {
  return {
    seed: 7,
    lanes: [
      { name: 'replica 1', subject: 'replica' },
      { name: 'Redis', subject: 'redis' },
      { name: 'A', subject: 'receiver' },
      { name: 'API', subject: 'api' },
    ],
    receivers: ['A'],
    faults: [],
    mentions: [{ id: 'm', spottedAtMs: 1_000 }],
    posts: [samplePost(10_000)],
    recorded: [],
    api: { requests: 60, budget: 50, busiestMinute: 50, refused: 0 },
    faultsEndedAtMs: 60_000,
    drainedAtMs: 70_000,
    mishaps: [],
    ...changes,
  };
}

/** A POST of `m` to `A` that was accepted after 100 ms. */
export function samplePost(atMs: number, changes: Partial<Post> = {}): Post {
  return {
    receiver: 'A',
    atMs,
    endedAtMs: atMs + 100,
    end: 'accepted',
    mentions: ['m'],
    ...changes,
  };
}

export function sampleFault(
  lane: 'replica 1' | 'Redis' | 'A' | 'API',
  kind: Fault['kind'],
  fromMs: number,
  toMs = fromMs,
): Fault {
  const subjects = { 'replica 1': 'replica', Redis: 'redis', A: 'receiver', API: 'api' } as const;
  return { lane, subject: subjects[lane], kind, fromMs, toMs };
}
