import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { runDeliveryLoop, type LoopPorts } from '../../src/delivering/delivery-loop.ts';
import { bySpotted, runsOf } from '../../src/delivering/runs.ts';
import type { Admission } from '../../src/delivering/gate/webhook-gate.io.ts';
import type { AttemptResult, DeliveryKind } from '../../src/domain/delivery.ts';
import type { DeliveryOutcome, DueDelivery } from '../../src/queues/taken-deliveries.ts';
import { deliveryOf } from '../webhooks/delivery-samples.ts';
import { alertOf, recoveredOf } from '../webhooks/recovered-and-alert-samples.ts';

const RESULT: AttemptResult = { kind: 'unanswered', code: 'none', durationMs: 1 };
const SAMPLES = { mention: deliveryOf(), recovered: recoveredOf(), alert: alertOf() };
const BATCHED: readonly DeliveryKind[] = ['mention'];
const GO: Admission = { kind: 'go', probe: false, afterMs: 0, delivered: [] };
/** So many calls of a kind are no longer a loop that waits in between. */
const SPINNING = 10_000;

interface Item extends DueDelivery {
  readonly number: number;
}

const items = (kinds: readonly DeliveryKind[]): Item[] =>
  kinds.map((kind, number) => ({
    number,
    attempt: 1,
    delivery: { ...SAMPLES[kind], key: `${number}` as Item['delivery']['key'] },
  }));
const numbers = (of: readonly DueDelivery[]) => of.map(({ delivery }) => Number(delivery.key));
const upTo = (count: number) => Array.from({ length: count }, (_, number) => number);

interface Setting {
  /** Deliveries that wait: mentions, so many; or one of each of these kinds. */
  readonly waiting: number | readonly DeliveryKind[];
  readonly concurrency?: number;
  readonly batchSize?: number;
  readonly ratePerSecond?: number;
  readonly closedForMs?: () => number;
  readonly untilOpenMs?: () => number;
  readonly admissions?: (runs: number) => readonly Admission[];
  /** Makes a POST. Throws, or returns the outcome of all its deliveries. */
  readonly post?: (posted: number[]) => Promise<DeliveryOutcome['kind']>;
  /** Returns true if Redis refuses this call. */
  readonly refuses?: (call: string, count: number) => boolean;
  /** The time that each call of Redis takes; 0 by default. */
  readonly redisMs?: number;
  readonly stopped?: boolean;
  /** Deliveries with a lower number are due in a digest, so many fit into one; null while another replica has the turn. */
  readonly digest?: { readonly due: () => number | null; readonly fit: number };
}

/** A loop with a queue in memory. `calls` are what it asked for, in order. */
function loop(setting: Setting) {
  const { waiting, concurrency = 2, batchSize = 1, ratePerSecond = null } = setting;
  const queue = items(
    typeof waiting === 'number' ? upTo(waiting).map(() => 'mention' as const) : waiting,
  );
  const calls: string[] = [];
  const counts = new Map<string, number>();
  const events: string[] = [];
  const errors: string[] = [];
  const begun = new AbortController();
  const overdue = new AbortController();
  let arrived = Promise.withResolvers<void>();
  let under = 0;
  let mostUnder = 0;

  async function asked(call: string, about: unknown = ''): Promise<void> {
    const count = (counts.get(call) ?? 0) + 1;
    counts.set(call, count);
    if (count > SPINNING) await new Promise(() => undefined);
    calls.push(`${call} ${JSON.stringify(about)}`);
    if (setting.redisMs !== undefined) await after(setting.redisMs);
    if (setting.refuses?.(call, count)) throw new Error(`${call} refused`);
  }

  const outcomeOf = (kind: DeliveryOutcome['kind'], of: number): DeliveryOutcome => {
    if (kind === 'accepted') return { kind, result: RESULT, batchSize: of };
    if (kind === 'retry') return { kind, delayMs: 1, reason: '' };
    return kind === 'failed' ? { kind, reason: '' } : { kind };
  };

  const ports: LoopPorts<Item> = {
    webhook: { name: 'A', concurrency, ratePerSecond },
    sharing: {
      batchSize,
      batched: BATCHED,
      ...(setting.digest && { fitting: () => setting.digest?.fit ?? 1 }),
    },
    digest: setting.digest
      ? {
          async turn() {
            await asked('turn');
            return setting.digest?.due() === null ? null : { askedAtMs: null };
          },
          waiting: () => ({ sinceMs: setting.digest?.due() ?? 0, untilMs: Infinity }),
        }
      : null,
    jobs: {
      async next() {
        await asked('next');
        // As the real wait, it ends by itself.
        if (queue.length === 0 && !begun.signal.aborted)
          await Promise.race([arrived.promise, after(10_000)]);
        return begun.signal.aborted ? undefined : queue.shift();
      },
      async more(max) {
        await asked('more', max);
        return queue.splice(0, max);
      },
      async due({ waiting: period, most, thorough }) {
        await asked(period === null ? 'alert' : 'due', { most, thorough });
        const index = queue.findIndex(({ delivery }) => delivery.kind === 'alert');
        if (index !== -1) return queue.splice(index, 1);
        const isDue = ({ number }: Item) => period !== null && number < period.sinceMs;
        const taken = queue.filter(isDue).slice(0, most);
        for (const item of taken) queue.splice(queue.indexOf(item), 1);
        return taken;
      },
      async finish(ended, { takeNext }) {
        const round = ended.map(({ item, outcome }) => [outcome.kind, item.number]);
        try {
          await asked('finish', round);
        } catch {
          return { taken: [], unfinished: ended };
        }
        const back = ended.filter(({ outcome }) => outcome.kind === 'back');
        queue.unshift(...back.map(({ item }) => item).toSorted((a, b) => a.number - b.number));
        const done = takeNext ? ended.length - back.length : 0;
        return { taken: queue.splice(0, done), unfinished: [] };
      },
      async takeNoMore() {
        await asked('takeNoMore');
        arrived.resolve();
      },
      close: () => asked('close'),
    },
    gate: {
      async closedForMs() {
        await asked('closedForMs');
        return setting.closedForMs?.() ?? 0;
      },
      async claim(_webhook, runs, kind) {
        await asked(
          'claim',
          runs.map((run) => run.map(Number)),
        );
        expect(kind).toBe('reserve');
        return setting.admissions?.(runs.length) ?? runs.map(() => GO);
      },
      async accepted(_webhook, keys) {
        await asked('record', keys.map(Number));
        return { heldForMs: null };
      },
    },
    async deliver(run, admission, end) {
      calls.push(`POST ${JSON.stringify(numbers(run))}`);
      if (admission.kind === 'wait') return run.forEach((item) => end(item, { kind: 'back' }));
      under += 1;
      mostUnder = Math.max(mostUnder, under);
      const kind = (await setting.post?.(numbers(run))) ?? 'accepted';
      under -= 1;
      for (const item of run) end(item, outcomeOf(kind, run.length));
    },
    events: {
      succeeded: (item) => events.push(`succeeded ${numbers([item]).join()}`),
      unrecorded: (webhook, deliveries) => events.push(`unrecorded ${webhook} ${deliveries}`),
      released: (webhook) => events.push(`released ${webhook}`),
    },
    stopping: {
      begun: AbortSignal.any([begun.signal, overdue.signal]),
      overdue: overdue.signal,
    },
    untilOpenMs: () => setting.untilOpenMs?.() ?? 0,
    wait: (durationMs, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve();
        setTimeout(resolve, durationMs);
        signal.addEventListener('abort', () => resolve());
      }),
    onError: ({ message }) => errors.push(message),
  };

  if (setting.stopped) begun.abort();
  let ended = false;
  void runDeliveryLoop(ports).then(() => (ended = true));
  return {
    queue,
    calls,
    events,
    errors,
    count: (call: string) => counts.get(call) ?? 0,
    /** What calls of this kind were about. */
    of: (call: string) =>
      calls
        .filter((each) => each.startsWith(`${call} `))
        .map((each) => JSON.parse(each.slice(call.length + 1)) as unknown),
    mostUnder: () => mostUnder,
    ended: () => ended,
    add: (kinds: readonly DeliveryKind[]): void => {
      queue.push(...items(kinds));
      arrived.resolve();
      arrived = Promise.withResolvers();
    },
    stop: () => begun.abort(),
    overdue: () => overdue.abort(),
  };
}

const pass = (durationMs = 0) => vi.advanceTimersByTimeAsync(durationMs);
const after = (durationMs: number) =>
  new Promise<void>((resolve) => setTimeout(resolve, durationMs));

/** A POST that is accepted after so long. */
const lasting = (durationMs: number) => async () => {
  await after(durationMs);
  return 'accepted' as const;
};

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test.each<[string, DeliveryKind[], number, number[][]]>([
  ['nothing', [], 3, []],
  ['up to the size of a batch', ['mention', 'mention', 'mention'], 2, [[0, 1], [2]]],
  ['alone where nothing is batched', ['mention', 'mention'], 1, [[0], [1]]],
  ['alone if its kind is not batched', ['alert', 'alert', 'recovered'], 9, [[0], [1], [2]]],
  [
    'in order, with neighbours of one kind',
    ['mention', 'mention', 'alert', 'mention'],
    9,
    [[0, 1], [2], [3]],
  ],
])('deliveries travel %s', (_, kinds, batchSize, expected) => {
  expect(runsOf(items(kinds), { batchSize, batched: BATCHED }).map(numbers)).toEqual(expected);
});

test('deliveries that came back in any order are put in that of their times', () => {
  const at = (spotted: string) => ({ delivery: deliveryOf({ spotted }) });
  const [one, two, three] = [at('2026-01-01 10:00:00'), at('2026-01-01 10:00:01'), at('')];
  // One without a readable time counts as spotted when it was polled.
  expect(bySpotted([two, one, three])).toEqual([three, one, two]);
  expect(bySpotted([{ delivery: alertOf() }, one])).toEqual([{ delivery: alertOf() }, one]);
});

test('in a digest the kinds that are batched travel together, as many as fit', () => {
  const kinds: DeliveryKind[] = ['mention', 'recovered', 'mention', 'alert', 'recovered', 'alert'];
  const batched: readonly DeliveryKind[] = ['mention', 'recovered'];
  const runs = runsOf(items(kinds), { batchSize: 9, batched, fitting: () => 2 });
  expect(runs.map(numbers)).toEqual([[0, 1], [2], [3], [4], [5]]);
});

test('retried deliveries share no POST with new ones', () => {
  const attempts = [1, 3, 2, 1];
  const mixed = items(attempts.map(() => 'mention' as const)).map((item) =>
    Object.assign(item, { attempt: attempts[item.number] }),
  );
  expect(runsOf(mixed, { batchSize: 9, batched: BATCHED }).map(numbers)).toEqual([
    [0],
    [1, 2],
    [3],
  ]);
});

describe('the loop', () => {
  test('delivers all in order, and records a round before it finishes it', async () => {
    const { of, calls, events, queue } = loop({ waiting: 50, concurrency: 3 });
    await pass();
    expect(of('POST').flat()).toEqual(upTo(50));
    expect(events).toEqual(upTo(50).map((number) => `succeeded ${number}`));
    expect(queue).toEqual([]);
    for (const [index, call] of calls.entries()) {
      if (!call.startsWith('finish')) continue;
      const round = (JSON.parse(call.slice(7)) as [string, number][]).map(([, number]) => number);
      expect(calls[index - 1]).toBe(`record ${JSON.stringify(round)}`);
    }
  });

  test('claims, records and finishes in one call what comes together', async () => {
    const answered = Promise.withResolvers<'accepted'>();
    const post = () => answered.promise;
    const { of } = loop({ waiting: 4, concurrency: 4, batchSize: 2, post });
    await pass();
    expect(of('claim')).toEqual([
      [
        [0, 1],
        [2, 3],
      ],
    ]);
    answered.resolve('accepted');
    await pass();
    expect(of('record')).toEqual([upTo(4)]);
    expect(of('finish')).toHaveLength(1);
  });

  test('never makes more POSTs at once than allowed, and delivers each once', async () => {
    const kind = fc.constantFrom<DeliveryKind>(
      'mention',
      'mention',
      'mention',
      'recovered',
      'alert',
    );
    const setting = fc.record({
      waiting: fc.array(kind, { maxLength: 30 }),
      later: fc.array(kind, { maxLength: 30 }),
      concurrency: fc.integer({ min: 1, max: 4 }),
      batchSize: fc.integer({ min: 1, max: 5 }),
      durations: fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1 }),
    });
    await fc.assert(
      fc.asyncProperty(setting, async ({ waiting, later, durations, ...webhook }) => {
        let posts = 0;
        const each = loop({
          waiting,
          ...webhook,
          async post() {
            posts += 1;
            await after(durations[posts % durations.length] ?? 0);
            return 'accepted';
          },
        });
        await pass(70);
        each.add(later);
        await pass(5_000);
        const runs = each.of('POST') as number[][];
        expect(each.mostUnder()).toBeLessThanOrEqual(webhook.concurrency);
        expect(Math.max(0, ...runs.map(({ length }) => length))).toBeLessThanOrEqual(
          webhook.batchSize,
        );
        expect(each.events).toHaveLength(waiting.length + later.length);
        if (webhook.concurrency === 1) {
          expect(runs.flat()).toEqual([...waiting.keys(), ...later.keys()]);
        }
        each.stop();
        await pass();
        expect([each.ended(), each.errors]).toEqual([true, []]);
      }),
      { numRuns: 100 },
    );
  });

  test.each([
    { name: 'one POST each', sizes: { waiting: 200, concurrency: 10, batchSize: 1 } },
    { name: 'in batches', sizes: { waiting: 2_000, concurrency: 5, batchSize: 20 } },
  ])('takes the next deliveries with the end of others, $name', async ({ sizes }) => {
    const { of, count, queue } = loop({
      ...sizes,
      redisMs: 3,
      post: async ([number = 0]) => {
        await after(10 + (number % 7));
        return 'accepted';
      },
    });
    await pass(200);
    expect(of('POST').flat().length).toBeGreaterThan(sizes.waiting / 3);
    expect(queue.length).toBeGreaterThan(sizes.waiting / 10);
    // Once for the first POSTs, and once for those that follow them.
    expect(count('next')).toBeLessThanOrEqual(2);
    expect(count('more')).toBeLessThanOrEqual(2);
  });

  test.each([
    { name: 'as many again, once all POSTs are under way', setting: {}, taken: 4 },
    { name: 'nothing while a POST is free', setting: { waiting: 1, concurrency: 3 }, taken: 1 },
    { name: 'nothing with one POST at a time', setting: { concurrency: 1 }, taken: 1 },
    { name: 'nothing of a paced webhook', setting: { ratePerSecond: 1 }, taken: 2 },
    { name: 'nothing beyond the batches', setting: { batchSize: 2, waiting: 10 }, taken: 4 },
  ])('takes ahead $name', async ({ setting, taken }) => {
    const { queue } = loop({ waiting: 10, post: lasting(60_000), ...setting });
    const { length } = queue;
    await pass(5_000);
    expect(length - queue.length).toBe(taken);
  });

  test('returns what it took ahead behind what has to wait', async () => {
    let pausedMs = 0;
    const { of } = loop({
      waiting: 6,
      post: async () => {
        await after(100);
        if (of('POST').length > 2) return 'accepted';
        pausedMs = 60_000;
        return 'back';
      },
      closedForMs: () => pausedMs,
      admissions: (runs) => Array(runs).fill(pausedMs > 0 ? { kind: 'wait' } : GO) as Admission[],
    });
    await pass(5_000);
    pausedMs = 0;
    await pass(5_000);
    // The first two were refused together, and keep no order between them.
    expect(new Set(of('POST').flat().slice(2, 4))).toEqual(new Set([0, 1]));
    expect(of('POST').flat().slice(4)).toEqual([2, 3, 4, 5]);
  });

  test('is not held up by a slow POST', async () => {
    const { of } = loop({
      waiting: 20,
      post: async ([first]) => {
        if (first === 0) await after(60_000);
        return 'accepted';
      },
    });
    await pass(1);
    expect(of('record').flat()).toEqual(upTo(20).slice(1));
  });

  test('fills its batches again after a lull', async () => {
    const { of, add } = loop({ waiting: 1, concurrency: 1, batchSize: 10, post: lasting(100) });
    await pass(50);
    add(upTo(25).map(() => 'mention'));
    await pass(1_000);
    expect((of('POST') as number[][]).map(({ length }) => length)).toEqual([1, 10, 10, 5]);
  });
});

describe('a closed gate', () => {
  test('lets nothing be taken, and is asked again each second', async () => {
    let closedMs = 60_000;
    const { of, count, queue } = loop({ waiting: 5, closedForMs: () => closedMs });
    await pass(10_500);
    expect([count('next'), queue.length, count('closedForMs')]).toEqual([0, 5, 11]);
    closedMs = 0;
    await pass(1_000);
    expect(of('POST')).toHaveLength(5);
  });

  test('is asked again sooner if it says so', async () => {
    const { count } = loop({ waiting: 5, closedForMs: () => 100 });
    await pass(950);
    expect(count('closedForMs')).toBe(10);
  });

  test('is not asked again by a loop that waits for work, until a POST was made', async () => {
    const { count, add } = loop({ waiting: 0 });
    await pass(60_000);
    expect([count('next'), count('closedForMs')]).toEqual([7, 1]);
    add(['mention']);
    await pass(60_000);
    expect([count('next'), count('closedForMs')]).toEqual([14, 2]);
  });

  test('does not delay the record of a POST under way', async () => {
    let closedMs = 0;
    const { of } = loop({
      waiting: 1,
      closedForMs: () => closedMs,
      post: async () => {
        closedMs = 60_000;
        await after(300);
        return 'accepted';
      },
    });
    await pass(301);
    expect(of('record')).toEqual([[0]]);
  });

  test('sends back in order what was taken when it closed, and a probe goes alone', async () => {
    const probe: Admission = { ...GO, probe: true };
    const admissions = (runs: number) =>
      upTo(runs).map((run) => (run === 0 ? probe : { kind: 'wait' as const }));
    let closedMs = 0;
    const { queue, mostUnder } = loop({
      waiting: 6,
      concurrency: 4,
      admissions,
      closedForMs: () => closedMs,
      post: async () => {
        closedMs = 60_000;
        await after(10_000);
        return 'accepted';
      },
    });
    await pass(5_000);
    expect(mostUnder()).toBe(1);
    expect(queue.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5]);
  });
});

describe('outside the working hours', () => {
  const minute = 60_000;
  const opensAt = (openMs: number) => {
    const startMs = Date.now();
    return () => Math.max(0, startMs + openMs - Date.now());
  };

  test('nothing is taken until they begin, and then all in order and in full batches', async () => {
    const { of, count, queue } = loop({
      waiting: 23,
      concurrency: 1,
      batchSize: 10,
      untilOpenMs: opensAt(minute + 400),
    });
    await pass(minute + 399);
    expect([count('next'), count('claim'), queue.length]).toEqual([0, 0, 23]);
    await pass(1);
    expect(of('POST')).toEqual([upTo(10), upTo(20).slice(10), upTo(23).slice(20)]);
  });

  test('an alert is sent at once, also one that comes later or waits behind others', async () => {
    const { of, add, queue, count } = loop({
      waiting: ['mention', 'recovered', 'alert', 'mention'],
      concurrency: 4,
      batchSize: 10,
      untilOpenMs: opensAt(minute),
    });
    await pass();
    expect(of('POST')).toEqual([[2]]);
    add(['alert']);
    await pass(1_000);
    expect(of('POST')).toEqual([[2], [0]]);
    expect(queue.map(({ number }) => number)).toEqual([0, 1, 3]);
    expect([count('next'), count('more')]).toEqual([0, 0]);
  });

  test('an alert waits while the gate is closed', async () => {
    let gateMs = minute;
    const { of, count } = loop({
      waiting: ['alert'],
      closedForMs: () => gateMs,
      untilOpenMs: () => minute,
    });
    await pass(5_000);
    expect([count('alert'), count('POST')]).toEqual([0, 0]);
    gateMs = 0;
    await pass(1_000);
    expect(of('POST')).toEqual([[0]]);
  });

  test('what was taken before goes back in order without an attempt; a POST under way ends', async () => {
    let closedMs = 0;
    const { of, queue, events, count } = loop({
      waiting: ['mention', 'recovered', 'mention', 'mention', 'mention'],
      concurrency: 1,
      batchSize: 3,
      untilOpenMs: () => closedMs,
      post: async () => {
        await after(500);
        closedMs = minute;
        await after(4_500);
        return 'accepted';
      },
    });
    await pass(499);
    expect(queue.map(({ number }) => number)).toEqual([3, 4]);
    await pass(20_000);
    expect([of('POST'), events]).toEqual([[[0]], ['succeeded 0']]);
    expect(queue.map(({ number }) => number)).toEqual([1, 2, 3, 4]);
    expect(count('claim')).toBe(1);
    closedMs = 0;
    await pass(1_000);
    expect(of('POST').slice(1)).toEqual([[1]]);
  });

  test('what a wait brings after they ended goes back', async () => {
    let closedMs = 0;
    const { of, add, queue, count } = loop({ waiting: 0, untilOpenMs: () => closedMs });
    await pass(1_000);
    closedMs = minute;
    add(['mention', 'mention']);
    await pass(10_000);
    expect([of('POST'), count('next'), count('more')]).toEqual([[], 1, 0]);
    expect(queue.map(({ number }) => number)).toEqual([0, 1]);
  });

  test('Redis is asked for an alert once a second, also if it refuses', async () => {
    const { count, errors } = loop({
      waiting: 3,
      untilOpenMs: () => minute,
      refuses: (call, at) => call === 'alert' && at > 5,
    });
    await pass(10_500);
    expect(count('alert')).toBe(11);
    expect(errors).toHaveLength(6);
  });

  test('a stop ends the loop at once', async () => {
    const { stop, ended, queue } = loop({ waiting: 3, untilOpenMs: () => Infinity });
    await pass(500);
    stop();
    await pass();
    expect([ended(), queue.length]).toEqual([true, 3]);
  });
});

describe('of a webhook with digests', () => {
  const setting = { concurrency: 1, batchSize: 10, ratePerSecond: 1 };

  test('nothing is taken before it is due; then all that is, in order, in as few POSTs as hold it', async () => {
    let due = 0;
    const digest = { due: () => due, fit: 6 };
    const { of, queue, count } = loop({ ...setting, waiting: 25, digest });
    await pass(5_500);
    expect([count('due'), count('POST'), queue.length]).toEqual([6, 0, 25]);
    due = 20;
    await pass(1_000);
    const numbered = upTo(20);
    expect(of('POST')).toEqual([
      numbered.slice(0, 6),
      numbered.slice(6, 12),
      numbered.slice(12, 18),
      numbered.slice(18),
    ]);
    expect(queue.map(({ number }) => number)).toEqual([20, 21, 22, 23, 24]);
    await pass(60_000);
    expect([count('next'), count('more'), of('POST').length]).toEqual([0, 0, 4]);
    // Only after something was taken, all of the queue is searched.
    const searches = of('due') as { thorough: boolean }[];
    expect(searches.filter(({ thorough }) => thorough)).toHaveLength(1 + 4);
  });

  test('what came back from a dead replica in any order is sent with the oldest first', async () => {
    const { of, queue } = loop({ ...setting, waiting: 3, digest: { due: () => 3, fit: 6 } });
    for (const [number, spotted] of ['10:00:02', '10:00:00', '10:00:01'].entries()) {
      const item = queue[number];
      if (item === undefined) continue;
      const { key } = item.delivery;
      queue[number] = {
        ...item,
        delivery: { ...deliveryOf({ spotted: `2026-01-01 ${spotted}` }), key },
      };
    }
    await pass(1_000);
    expect(of('POST')).toEqual([[1, 2, 0]]);
  });

  test('alerts do not wait for it', async () => {
    const digest = { due: () => 0, fit: 6 };
    const { of, add, queue } = loop({ ...setting, waiting: 3, digest });
    add(['alert']);
    await pass(1_000);
    expect([of('POST'), queue.length]).toEqual([[[0]], 3]);
  });

  test('nothing is taken while another replica has the turn', async () => {
    let due: number | null = null;
    const { of, count } = loop({ ...setting, waiting: 3, digest: { due: () => due, fit: 6 } });
    await pass(5_500);
    expect([count('turn'), count('due')]).toEqual([6, 0]);
    due = 3;
    await pass(1_000);
    expect(of('POST')).toEqual([upTo(3)]);
  });

  test('a digest that is due outside the working hours waits for their beginning', async () => {
    let closedMs = 60_000;
    const digest = { due: () => 5, fit: 6 };
    const each = loop({ ...setting, waiting: 7, digest, untilOpenMs: () => closedMs });
    await pass(10_000);
    expect([each.count('alert') > 5, each.count('POST')]).toEqual([true, 0]);
    closedMs = 0;
    await pass(1_000);
    expect(each.of('POST')).toEqual([upTo(5)]);
  });

  test('what is not sent because the gate closes or the relay stops goes back in order', async () => {
    const digest = { due: () => 25, fit: 6 };
    let gateMs = 0;
    const admissions = () => {
      gateMs = 60_000;
      return [{ kind: 'wait' as const }];
    };
    const gate = { admissions, closedForMs: () => gateMs };
    const { queue, stop, ended } = loop({ ...setting, waiting: 25, digest, ...gate });
    await pass(100);
    expect(queue.map(({ number }) => number)).toEqual(upTo(25));
    stop();
    await pass(1_000);
    expect(ended()).toBe(true);
    expect(queue.map(({ number }) => number)).toEqual(upTo(25));
  });
});

test('of a paced webhook only the deliveries of one POST are taken', async () => {
  const { of, queue } = loop({
    waiting: 20,
    concurrency: 4,
    batchSize: 3,
    ratePerSecond: 1,
    post: () => new Promise(() => undefined),
  });
  await pass(1);
  expect(of('more')).toEqual([2, 2, 2, 2]);
  expect(queue).toHaveLength(8);
});

describe('a refusal of Redis', () => {
  test('to record is tried again until it is taken, and reported once', async () => {
    const { of, events, calls } = loop({
      waiting: 1,
      refuses: (call, count) => call === 'record' && count < 4,
    });
    await pass(2_999);
    expect(events).toEqual(['unrecorded A 1']);
    await pass(1);
    expect(events).toEqual(['unrecorded A 1', 'succeeded 0']);
    expect(of('record')).toHaveLength(4);
    expect(calls.findLastIndex((call) => call.startsWith('record'))).toBeLessThan(
      calls.findIndex((call) => call.startsWith('finish')),
    );
  });

  test('to finish is tried again each second; nothing is recorded twice, and others go on', async () => {
    const { of, events, add } = loop({
      waiting: 1,
      concurrency: 1,
      refuses: (call, count) => call === 'finish' && count < 4,
    });
    await pass();
    add(['alert']);
    await pass(3_000);
    expect(of('finish').slice(0, 2)).toEqual([[['accepted', 0]], [['accepted', 0]]]);
    expect(of('finish').flat()).toContainEqual(['repeated', 0]);
    expect(of('record')).toEqual([[0], [0]]);
    expect(events).toHaveLength(2);
  });

  test('to claim sends all back in order, and pauses', async () => {
    const { of, count, queue, errors } = loop({
      waiting: 5,
      concurrency: 3,
      refuses: (call, at) => call === 'claim' && at < 3,
    });
    await pass(1_500);
    expect(count('claim')).toBe(2);
    expect(errors).toEqual(['claim refused', 'claim refused']);
    await pass(1_000);
    expect(of('POST').flat()).toEqual(upTo(5));
    expect(queue).toEqual([]);
  });

  test.each(['next', 'more', 'closedForMs'])('to answer %s is no reason to spin', async (call) => {
    const { count, errors } = loop({
      waiting: 30,
      concurrency: 2,
      refuses: (each) => each === call,
    });
    await pass(10_500);
    expect(count(call)).toBeLessThanOrEqual(11);
    expect(new Set(errors)).toEqual(new Set([`${call} refused`]));
  });

  test('to give deliveries does not delay the record of a POST', async () => {
    const { of, errors } = loop({
      waiting: 1,
      refuses: (call, count) => call === 'next' && count > 1,
      post: lasting(300),
    });
    await pass(301);
    expect([errors, of('record')]).toEqual([['next refused'], [[0]]]);
  });

  test('in an attempt sends back what has no outcome, at most one POST a second and place', async () => {
    const { of, errors, queue, stop } = loop({
      waiting: 2,
      concurrency: 1,
      post: () => Promise.reject(new Error('OOM')),
    });
    await pass(9_999);
    expect(of('POST')).toHaveLength(10);
    expect(errors).toHaveLength(10);
    stop();
    await pass();
    expect(queue.map(({ number }) => number)).toEqual([0, 1]);
  });
});

describe('a stop', () => {
  test('sends back what was taken in order, lets a POST end, and takes nothing more', async () => {
    const { queue, of, stop, ended, calls } = loop({
      waiting: 9,
      concurrency: 1,
      batchSize: 3,
      post: lasting(5_000),
    });
    await pass(100);
    stop();
    const callsBefore = calls.length;
    await pass(4_000);
    expect(ended()).toBe(false);
    expect(calls.slice(callsBefore)).toEqual([]);
    await pass(1_000);
    expect(of('record')).toEqual([[0, 1, 2]]);
    expect(queue.map(({ number }) => number)).toEqual([3, 4, 5, 6, 7, 8]);
    expect(ended()).toBe(true);
    expect(calls.slice(-2)).toEqual([
      'finish [["accepted",0],["accepted",1],["accepted",2]]',
      'close ""',
    ]);
  });

  test('while deliveries are claimed does not lose them', async () => {
    const each = loop({
      waiting: 5,
      concurrency: 2,
      admissions: (runs) => {
        each.stop();
        return upTo(runs).map(() => ({ kind: 'wait' as const }));
      },
    });
    await pass();
    expect(each.queue.map(({ number }) => number)).toEqual(upTo(5));
    expect(each.ended()).toBe(true);
  });

  test.each<[string, Setting]>([
    ['before it starts', { waiting: 3, stopped: true }],
    ['while it waits for a delivery', { waiting: 0 }],
    ['while the gate is closed', { waiting: 3, closedForMs: () => 60_000 }],
    ['while Redis refuses to give deliveries', { waiting: 3, refuses: (call) => call === 'next' }],
    ['while Redis refuses claims', { waiting: 3, refuses: (call) => call === 'claim' }],
  ])('%s ends it at once, and releases its jobs once', async (_, setting) => {
    const { stop, ended, count, queue } = loop(setting);
    await pass(500);
    stop();
    await pass();
    expect([ended(), count('takeNoMore'), count('close')]).toEqual([true, 1, 1]);
    expect(queue).toHaveLength(setting.waiting as number);
  });

  test('waits for records that Redis refuses, until it is overdue; the rest is finished', async () => {
    const { stop, overdue, ended, of } = loop({
      waiting: 2,
      refuses: (call) => call === 'record',
      post: async ([first]) => (first === 0 ? 'accepted' : 'failed'),
    });
    await pass();
    stop();
    await pass(30_000);
    expect(ended()).toBe(false);
    overdue();
    await pass();
    expect(ended()).toBe(true);
    expect(of('finish').flat()).toEqual([['failed', 1]]);
  });

  test('waits for jobs that Redis does not finish, until it is overdue', async () => {
    const { stop, overdue, ended } = loop({ waiting: 1, refuses: (call) => call === 'finish' });
    await pass();
    stop();
    await pass(30_000);
    expect(ended()).toBe(false);
    overdue();
    await pass();
    expect(ended()).toBe(true);
  });
});
