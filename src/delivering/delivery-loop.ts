import type {
  DeliveryJobs,
  DeliveryOutcome,
  DueDelivery,
  Ended,
} from '../queues/taken-deliveries.ts';
import type { DeliveryEvents } from './delivery-events.ts';
import { createIntake, TROUBLE_PAUSE_MS, type IntakePorts } from './intake.ts';
import type { Admission, Released, WebhookGate } from './gate/webhook-gate.io.ts';

/** Dependencies of a loop that delivers to one webhook. */
export interface LoopPorts<Item extends DueDelivery> extends IntakePorts<Item> {
  readonly jobs: DeliveryJobs<Item>;
  readonly gate: Pick<WebhookGate, 'closedForMs' | 'claim' | 'accepted'>;
  /** Makes the attempt of deliveries that share a POST. Calls `end` for each of them. */
  readonly deliver: (
    run: readonly Item[],
    admission: Admission,
    end: (item: Item, outcome: DeliveryOutcome) => void,
  ) => Promise<void>;
  readonly events: Pick<DeliveryEvents, 'succeeded' | 'unrecorded' | 'released'>;
}

const BACK = { kind: 'back' } as const;

/**
 * Delivers to one webhook until the relay stops. Never throws. Each round of the loop does one thing:
 *
 * 1. ends deliveries whose POST is over: records successes in the ledger, then finishes the jobs;
 * 2. starts POSTs of deliveries that were taken, once the gate admits them;
 * 3. takes more deliveries, while the gate is open and there is room for them; see {@link createIntake}.
 *
 * The loop continues during a slow POST. A crash between a POST and its record repeats the POST;
 * docs/deliveries.md lists all causes of duplicates.
 */
export async function runDeliveryLoop<Item extends DueDelivery>(
  ports: LoopPorts<Item>,
): Promise<void> {
  const { jobs, gate, webhook, events, wait, onError } = ports;
  const mostInPost = ports.sharing.batchSize;
  const { begun, overdue } = ports.stopping;
  const paced = webhook.ratePerSecond !== null;
  // The POST after one that ended does not wait for Redis. A batch waits less often.
  // One POST at a time keeps the order strictly.
  const inOrder = paced || mostInPost > 1 || webhook.concurrency === 1;
  const ahead = inOrder ? 0 : webhook.concurrency;
  const ended: Ended<Item>[] = [];
  let posts = 0;
  /** Number of POSTs with a delivery that has no outcome yet. */
  let undecided = 0;
  /** Number of rounds whose jobs are being finished, or wait for a retry. */
  let finishing = 0;
  /** Number of deliveries that may be taken when the current jobs are finished. */
  let expected = 0;
  let bell = Promise.withResolvers<void>();

  const intake = createIntake(ports, {
    room,
    giveBack,
    rung: () => bell.promise,
    ring: () => bell.resolve(),
  });

  function onStop(): void {
    jobs.takeNoMore().catch(onError);
    bell.resolve();
  }
  if (begun.aborted) onStop();
  else begun.addEventListener('abort', onStop, { once: true });

  const busy = (): boolean =>
    posts + finishing + ended.length + intake.count() > 0 || intake.arriving() !== undefined;

  while (!begun.aborted || busy()) {
    // Rings when a delivery has an outcome, and when the relay stops.
    bell = Promise.withResolvers();
    try {
      if (ended.length > 0) await settle();
      else if (intake.count() > 0 && (posts < webhook.concurrency || begun.aborted)) await start();
      else if (begun.aborted || room() <= 0) await rung();
      else await intake.take();
    } catch (error) {
      onError(error as Error);
      // A POST that ends meanwhile is recorded without delay.
      await Promise.race([wait(TROUBLE_PAUSE_MS, begun), bell.promise]);
    }
  }
  await jobs.close().catch(onError);

  function rung(): Promise<void> {
    const arriving = intake.arriving();
    return arriving && begun.aborted ? Promise.race([arriving, bell.promise]) : bell.promise;
  }

  /**
   * Returns the number of deliveries to take now. Those that ended bring their successors. A paced
   * webhook takes the deliveries of one POST.
   */
  function room(): number {
    const free = webhook.concurrency - undecided;
    const slots = (paced ? Math.min(free, 1) : free + ahead) * mostInPost;
    return slots - intake.count() - expected - ended.length;
  }

  function giveBack(items: readonly Item[]): void {
    for (const item of items) ended.push({ item, outcome: BACK });
  }

  async function settle(): Promise<void> {
    const someGoBack = ended.some(({ outcome: { kind } }) => kind === 'back' || kind === 'behind');
    // Otherwise those that were taken after them would return before them.
    if (someGoBack && ahead > 0) giveBack(intake.empty());
    const round = ended.splice(0);
    const recorded = await record(round);
    const mayTake = intake.takesNext() && !begun.aborted && !someGoBack;
    const takeNext = mayTake && room() >= round.length;
    const finished = finish(
      round.filter(({ outcome }) => recorded || outcome.kind !== 'accepted'),
      takeNext,
    );
    // The next round is recorded meanwhile, unless order or full batches depend on this one.
    if (someGoBack || mostInPost > 1) await finished;
  }

  /** Finishes jobs. Retries after a pause if Redis refuses. */
  async function finish(round: readonly Ended<Item>[], takeNext: boolean): Promise<void> {
    const successors = takeNext ? round.length : 0;
    finishing += 1;
    expected += successors;
    try {
      const { taken, unfinished } = await jobs
        .finish(round, { takeNext })
        .finally(() => (expected -= successors));
      intake.add(taken);
      // After a quiet time rounds are small; without this, all later batches would stay small.
      if (taken.length > 0 && mostInPost > 1 && !begun.aborted && room() > 0) {
        intake.add(await jobs.more(room()));
      }
      if (unfinished.length > 0) void postpone(unfinished);
    } catch (error) {
      onError(error as Error);
    }
    finishing -= 1;
    bell.resolve();
  }

  /** Retries to finish jobs after a pause. Their successes are already recorded. */
  async function postpone(unfinished: readonly Ended<Item>[]): Promise<void> {
    // The locks of these jobs expire, and the jobs run again.
    if (overdue.aborted) return;
    finishing += 1;
    await wait(TROUBLE_PAUSE_MS, overdue);
    finishing -= 1;
    for (const { item, outcome } of unfinished)
      ended.push({ item, outcome: outcome.kind === 'accepted' ? { kind: 'repeated' } : outcome });
    bell.resolve();
  }

  /**
   * Records successes. Retries for as long as Redis refuses; giving up would send them again.
   * Returns false if the relay had to stop before Redis accepted them.
   */
  async function record(round: readonly Ended<Item>[]): Promise<boolean> {
    const accepted = round.flatMap(({ item, outcome }) =>
      outcome.kind === 'accepted' ? [{ item, ...outcome }] : [],
    );
    if (accepted.length === 0) return true;
    const keys = accepted.map(({ item }) => item.delivery.key);
    let released: Released | undefined;
    for (let tries = 1; released === undefined; tries += 1) {
      try {
        released = await gate.accepted(webhook.name, keys);
      } catch (error) {
        onError(error as Error);
        if (overdue.aborted) return false;
        if (tries === 1) events.unrecorded(webhook.name, keys.length);
        await wait(TROUBLE_PAUSE_MS, overdue);
      }
    }
    if (released.heldForMs !== null) events.released(webhook.name, released);
    for (const { item, result, batchSize } of accepted) events.succeeded(item, result, batchSize);
    return true;
  }

  async function start(): Promise<void> {
    const runs = intake.begin(webhook.concurrency - posts);
    if (runs.length === 0) return;
    posts += runs.length;
    undecided += runs.length;
    intake.askGate();
    try {
      const keys = runs.map((run) => run.map(({ delivery }) => delivery.key));
      const admissions = await gate.claim(webhook.name, keys, 'reserve');
      for (const [index, run] of runs.entries()) {
        void post(run, admissions[index] ?? { kind: 'wait' });
      }
    } catch (error) {
      posts -= runs.length;
      undecided -= runs.length;
      giveBack(runs.flat());
      throw error;
    }
  }

  async function post(run: readonly Item[], admission: Admission): Promise<void> {
    const open = new Set(run);
    const end = (item: Item, outcome: DeliveryOutcome): void => {
      if (open.delete(item) && open.size === 0) undecided -= 1;
      ended.push({ item, outcome });
      bell.resolve();
    };
    try {
      await ports.deliver(run, admission, end);
    } catch (error) {
      onError(error as Error);
      // Waits before it frees the slot, so that the delivery is not POSTed again immediately.
      await wait(TROUBLE_PAUSE_MS, begun);
    }
    posts -= 1;
    intake.askGate();
    for (const item of open) end(item, BACK);
    bell.resolve();
  }
}
