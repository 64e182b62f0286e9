import { setTimeout as sleep } from 'node:timers/promises';
import type { Handlers } from './fault-handlers.ts';
import type { Fault, Plan } from './plan.ts';
import type { Work } from './remaining-work.ts';

// A window shows 100: the mentions that no poll has seen yet must fit in, with a margin.
const MAX_UNSEEN = 80;
const CHECK_INTERVAL_MS = 250;

/** Makes faults and mentions happen as planned; resolves with the faults as they really were. */
export async function live(
  plan: Plan,
  world: {
    readonly handlers: Handlers;
    readonly work: Work;
    readonly spot: (count: number) => void;
    readonly nowMs: () => number;
    readonly signal: AbortSignal;
  },
): Promise<Fault[]> {
  const { handlers, work, spot, nowMs } = world;
  // If one fails, all end.
  const failed = new AbortController();
  const signal = AbortSignal.any([world.signal, failed.signal]);
  const until = (atMs: number): Promise<void> =>
    sleep(Math.max(0, atMs - nowMs()), undefined, { signal });

  const happened: Fault[] = [];
  const lanes = plan.lanes.map(async ({ name }) => {
    for (const fault of plan.faults.filter(({ lane }) => lane === name)) {
      await until(fault.fromMs);
      const fromMs = nowMs();
      const end = await handlers[fault.subject](fault);
      await until(fault.toMs);
      await end();
      happened.push({ ...fault, fromMs, toMs: nowMs() });
    }
  });
  const spotting = (async () => {
    for (const { atMs, count } of plan.spottings) {
      await until(atMs);
      while (work.unseen() + count > MAX_UNSEEN) await sleep(100, undefined, { signal });
      spot(count);
    }
  })();
  const checking = (async () => {
    while (nowMs() < plan.lengthMs) {
      await work.check();
      await until(nowMs() + CHECK_INTERVAL_MS);
    }
  })();
  try {
    await Promise.all([...lanes, spotting, checking, until(plan.lengthMs)]);
  } catch (error) {
    failed.abort(error);
    await Promise.allSettled([...lanes, spotting]);
    throw error;
  }
  return happened.toSorted((one, other) => one.fromMs - other.fromMs);
}

/** Resolves with the time at which nothing was left to do, or with null if that takes too long. */
export async function drained(
  work: Work,
  drainMs: number,
  nowMs: () => number,
  signal: AbortSignal,
): Promise<number | null> {
  const deadlineMs = nowMs() + drainMs;
  while ((await work.left()) > 0) {
    if (nowMs() > deadlineMs) return null;
    await sleep(250, undefined, { signal });
  }
  return nowMs();
}
