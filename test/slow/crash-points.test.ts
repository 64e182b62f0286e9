import { describe, expect, test } from 'vitest';
import { ACCEPTED, CLAIM } from '../../src/delivering/gate/webhook-gate.io.ts';
import { END, KEEP } from '../../src/history/history.io.ts';
import { redisKeys } from '../../src/redis/redis-keys.ts';
import { CLAIM_LEADS } from '../../src/state/leads/leads.io.ts';
import { MARK_SEEN, FIND_UNSEEN } from '../../src/state/seen-mentions.io.ts';
import { relayBench, type RelayBench } from '../helpers/relay-bench.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { startRedisProxy } from '../helpers/redis-proxy.ts';

/** The scripts that mark the points. Their SHA1 stands in each call. */
const SCRIPTS = {
  unseen: FIND_UNSEEN,
  leads: CLAIM_LEADS,
  mark: MARK_SEEN,
  claim: CLAIM,
  accepted: ACCEPTED,
  keep: KEEP,
  end: END,
};

// Its names come before its content. On a busy machine other calls for B share a packet with A's jobs.
const JOBS_OF_B = /:deliver-B:(?:(?!:deliver-A:)[^])*polledAtMs/;

const keys = redisKeys('mention-relay');
const MENTIONS = 4;
const WEBHOOKS = ['A', 'B'] as const;

/** Facts about the relay's work, as Redis and the receivers know them. */
interface Progress {
  /** The webhooks that have jobs, or had: on a busy machine all may be delivered by now. */
  readonly queued: readonly string[];
  /** True if leads have begun. */
  readonly claimed: boolean;
  readonly marked: boolean;
  readonly posted: boolean;
  readonly recorded: boolean;
  /** True if the history has a mention. */
  readonly kept: boolean;
}

interface Point {
  readonly name: string;
  /** The call of a script, or the first job of webhook B, at which the relay is killed. */
  readonly at: keyof typeof SCRIPTS | 'jobs of B';
  /** Redis executes that call; the relay is killed before it gets the answer. */
  readonly executed?: 'claimed' | 'marked' | 'recorded' | 'kept';
  /** With DEDUPE_BY=lead: all mentions but the second are one lead. */
  readonly leads?: true;
  /** The progress that shows that the relay died where it should. */
  readonly progress: Partial<Progress>;
}

const POINTS: readonly Point[] = [
  { name: 'after the API answered', at: 'unseen', progress: { queued: [], marked: false } },
  {
    name: "after the first webhook's jobs",
    at: 'jobs of B',
    progress: { queued: ['A'], marked: false },
  },
  {
    name: 'after the history, before anything else is certain',
    at: 'keep',
    executed: 'kept',
    progress: { kept: true, marked: false },
  },
  {
    name: 'after all jobs, before marking',
    at: 'mark',
    progress: { queued: ['A', 'B'], marked: false },
  },
  { name: 'after marking', at: 'mark', executed: 'marked', progress: { marked: true } },
  {
    name: 'after pick-up, before the POST',
    at: 'claim',
    progress: { posted: false, recorded: false },
  },
  {
    name: 'after the POST, before the ledger',
    at: 'accepted',
    progress: { posted: true, recorded: false },
  },
  {
    name: 'after the ledger, before the job is completed',
    at: 'accepted',
    executed: 'recorded',
    progress: { queued: ['A', 'B'], posted: true, recorded: true },
  },
  {
    name: 'after the ledger, before the end is in the history',
    at: 'end',
    progress: { posted: true, recorded: true, kept: true },
  },
  {
    name: 'after the leads began, before their jobs',
    leads: true,
    at: 'leads',
    executed: 'claimed',
    progress: { queued: [], claimed: true, marked: false },
  },
  {
    name: 'after all jobs of leads, before marking',
    leads: true,
    at: 'mark',
    progress: { queued: ['A', 'B'], claimed: true, marked: false },
  },
];

describe('killed with SIGKILL and started again, the relay loses nothing and repeats nothing else', () => {
  test.concurrent.each(POINTS)('$name', { timeout: 150_000 }, async (point) => {
    await using bench = await relayBench();
    const mentions = spotted(bench, point);

    await runUntilDeath(bench, point, mentions.length);
    expect(await progressOf(bench)).toMatchObject(point.progress);
    const unrecorded = await unrecordedPosts(bench);

    const heir = startRelay(bench, bench.redis.url, point);
    await waitUntil(
      'every mention at both receivers',
      () =>
        [bench.a, bench.b].every((receiver) =>
          mentions.every((id) => receiver.mentionIds().includes(id)),
        ),
      100_000,
    );
    await waitUntil(
      'every delivery to be done',
      async () => (await jobsOf(bench, '*')).length === 0,
      100_000,
    );
    heir.kill('SIGTERM');
    expect(await heir.ended).toEqual({ code: 0, signal: null });

    // Each mention once, whatever its delivery met.
    expect(await bench.redis.client.zcard(keys.history.times)).toBe(MENTIONS);
    // The only repeats allowed: what was POSTed and not recorded when the process died.
    for (const webhook of WEBHOOKS) {
      const received = receiverOf(bench, webhook).mentionIds();
      const repeated = mentions.filter((id) => received.filter((each) => each === id).length > 1);
      expect(received.length - mentions.length).toBe(repeated.length);
      expect(unrecorded[webhook]).toEqual(expect.arrayContaining(repeated));
    }
  });
});

/** Shows mentions in the window, and returns the ids of those that have a message of their own. */
function spotted({ sandbox }: RelayBench, { leads }: Point): readonly string[] {
  const made = sandbox.spot(MENTIONS);
  if (leads === undefined) return made.map(({ id }) => id);
  const copies = made.map((each, index) => ({
    ...each,
    position: 'post',
    link: `https://facebook.com/groups/${index}/permalink/${each.id}`,
    content: 'Can anyone recommend a good realtor in Austin?',
    owner: { ...each.owner, id: index === 1 ? '8' : '7' },
  }));
  sandbox.setWindow(copies.toReversed());
  return made.slice(0, 2).map(({ id }) => id);
}

function startRelay(bench: RelayBench, redisUrl: string, { leads }: Point) {
  return bench.relay({
    REDIS_URL: redisUrl,
    DEDUPE_BY: leads && 'lead',
    POLL_INTERVAL_SECONDS: '1',
    HISTORY_DAYS: '1',
    WEBHOOK_B_URL: bench.b.url,
    WEBHOOK_B_CONCURRENCY: '1',
  });
}

/** Runs a relay that is killed at this point. Throws if it delivers everything without meeting it. */
async function runUntilDeath(bench: RelayBench, point: Point, messages: number): Promise<void> {
  const { name, at, executed } = point;
  // Redis knows the scripts beforehand, so that the first call of each is executed.
  const hashes = new Map<string, unknown>();
  for (const [script, lua] of Object.entries(SCRIPTS)) {
    hashes.set(script, await bench.redis.client.script('LOAD', lua));
  }
  const isPoint = (request: string): boolean =>
    at === 'jobs of B'
      ? JOBS_OF_B.test(request)
      : request.includes(String(hashes.get(at))) &&
        // A relay that starts runs the same script without a mention.
        (at !== 'keep' || request.includes('keyword'));
  const proxy = await startRedisProxy(bench.redis.port, (request) => {
    if (!isPoint(request)) return 'pass';
    if (executed === undefined) {
      doomed.kill('SIGKILL');
      return 'cut';
    }
    void waitUntil(`${name}: the call to be executed`, async () => {
      return (await progressOf(bench))[executed];
    }).finally(() => doomed.kill('SIGKILL'));
    return 'silence';
  });
  const doomed = startRelay(bench, proxy.url, point);
  const fail = (): never => {
    throw new Error(`the relay never met the point '${name}'`);
  };
  const missed = doomed
    .waitForEvent('delivery.succeeded', messages * WEBHOOKS.length)
    .then(fail, fail);
  expect(await Promise.race([doomed.ended, missed])).toEqual({ code: null, signal: 'SIGKILL' });
  await proxy.stop();
}

async function progressOf(bench: RelayBench): Promise<Progress> {
  const { client } = bench.redis;
  const jobs = await Promise.all(WEBHOOKS.map((webhook) => jobsOf(bench, webhook)));
  const ledgers = WEBHOOKS.map((webhook) => keys.delivered(webhook).current);
  return {
    queued: WEBHOOKS.filter(
      (webhook, index) =>
        jobs[index]?.length !== 0 || receiverOf(bench, webhook).received.length > 0,
    ),
    claimed: (await client.exists(keys.leads.current)) === 1,
    marked: (await client.exists(keys.seen.current)) === 1,
    posted: [bench.a, bench.b].some(({ received }) => received.length > 0),
    recorded: (await client.exists(...ledgers)) > 0,
    kept: (await client.exists(keys.history.times)) === 1,
  };
}

/** The keys of all jobs of mentions for a webhook. */
function jobsOf({ redis }: RelayBench, webhook: string): Promise<string[]> {
  return redis.client.keys(`${keys.queues}:deliver-${webhook}:m-*`);
}

function receiverOf({ a, b }: RelayBench, webhook: (typeof WEBHOOKS)[number]) {
  return { A: a, B: b }[webhook];
}

/** The mentions that receivers got and that are not in the ledger. */
async function unrecordedPosts(bench: RelayBench): Promise<Record<string, readonly string[]>> {
  const found: Record<string, readonly string[]> = {};
  for (const webhook of WEBHOOKS) {
    const recorded = await bench.redis.client.smembers(keys.delivered(webhook).current);
    found[webhook] = receiverOf(bench, webhook)
      .received.filter(
        ({ headers }) => !recorded.some((key) => headers['webhook-id'] === `msg_${key}`),
      )
      .map(({ json }) => String((json()['data'] as { id: unknown }).id));
  }
  return found;
}
