import type { DigestPeriod } from '../domain/hours/digest-times.ts';
import { keepsHours } from '../domain/hours/working-hours.ts';
import type { DeliveryJobs, DueDelivery } from '../queues/taken-deliveries.ts';
import type { Stopping } from '../queues/open-queues.ts';
import type { DigestTurn } from './gate/digest-turn.io.ts';
import type { WebhookGate } from './gate/webhook-gate.io.ts';
import { bySpotted, runsOf, type Sharing } from './runs.ts';

/** Dependencies of an intake. */
export interface IntakePorts<Item extends DueDelivery> {
  readonly webhook: {
    readonly name: string;
    /** POSTs at the same time in this replica. */
    readonly concurrency: number;
    /** Requests per second over all replicas; null for no pace. */
    readonly ratePerSecond: number | null;
  };
  readonly sharing: Sharing;
  readonly jobs: Pick<DeliveryJobs<Item>, 'next' | 'more' | 'due'>;
  readonly gate: Pick<WebhookGate, 'closedForMs'>;
  /** Null if deliveries are sent as they come. */
  readonly digest: DigestPorts | null;
  readonly stopping: Stopping;
  /** Returns the milliseconds until the webhook's working hours begin; 0 within them. */
  readonly untilOpenMs: () => number;
  /** Resolves after `durationMs`, or sooner when the signal aborts. */
  readonly wait: (durationMs: number, signal: AbortSignal) => Promise<void>;
  readonly onError: (error: Error) => void;
}

/** The rules of a webhook's digests. */
export interface DigestPorts {
  /** Returns null while it is another replica's turn. */
  readonly turn: () => Promise<DigestTurn | null>;
  /** Returns the period whose deliveries wait now. */
  readonly waiting: (turn: DigestTurn) => DigestPeriod;
}

/** The loop that an intake serves. */
interface LoopSide<Item> {
  /** Returns the number of deliveries to take now. */
  readonly room: () => number;
  /** Sends deliveries back to their queue. */
  readonly giveBack: (items: readonly Item[]) => void;
  /** Resolves when a delivery has an outcome, and when the relay stops. */
  readonly rung: () => Promise<void>;
  readonly ring: () => void;
}

/** Takes the deliveries that a webhook may get now, and keeps them until their POST begins. */
export interface Intake<Item extends DueDelivery> {
  /** Returns the number of deliveries that were taken and wait for their POST. */
  readonly count: () => number;
  /** Keeps deliveries that were taken. */
  readonly add: (items: readonly Item[]) => void;
  /** Returns all deliveries that were taken, and keeps them no longer. */
  readonly empty: () => readonly Item[];
  /** Returns the runs of deliveries whose POSTs begin now. */
  readonly begin: (max: number) => readonly (readonly Item[])[];
  /** Takes deliveries, or waits until some come, until the gate may be open, or until the bell rings. */
  readonly take: () => Promise<void>;
  /** Returns the wait for the next delivery, while there is one. */
  readonly arriving: () => Promise<void> | undefined;
  /** Lets the gate be asked again: a POST was made. */
  readonly askGate: () => void;
  /** Returns whether the end of a delivery may take the next one, whichever it is. */
  readonly takesNext: () => boolean;
}

// An operator or a probe may open the gate early, an alert may come while the webhook is closed, and a
// digest may be asked for: the loop asks again after this time at most.
const MAX_NAP_MS = 1_000;
/** The pause after an error, in milliseconds. */
export const TROUBLE_PAUSE_MS = 1_000;

/**
 * Creates the intake of a loop. Outside the working hours it takes alerts alone, and other deliveries
 * that were taken go back. Of a webhook with digests it takes those that are due, for one POST at a
 * time, while it is this replica's turn.
 */
export function createIntake<Item extends DueDelivery>(
  ports: IntakePorts<Item>,
  loop: LoopSide<Item>,
): Intake<Item> {
  const { webhook, sharing, jobs, gate, digest, wait, onError } = ports;
  const { begun } = ports.stopping;
  /** Taken deliveries, in runs that may share a POST. */
  const ready: (readonly Item[])[] = [];
  let arriving: Promise<void> | undefined;
  /** The gate is asked after each POST, and not after each wait of an idle loop. */
  let asksGate = true;
  /** False after a search in vain for what is due in a digest. */
  let thorough = true;

  function isClosed(): boolean {
    return ports.untilOpenMs() > 0;
  }

  function add(items: readonly Item[]): void {
    if (items.length > 0) ready.push(...runsOf([...ready.splice(0).flat(), ...items], sharing));
  }

  /** Sends back what may no longer be attempted: the relay stops, or the working hours have ended. */
  function sendBack(): void {
    if (!begun.aborted && !isClosed()) return;
    for (const item of ready.splice(0).flat()) {
      if (begun.aborted || keepsHours(item.delivery.kind)) loop.giveBack([item]);
      else add([item]);
    }
  }

  async function take(): Promise<void> {
    if (arriving === undefined) {
      const gatedMs = asksGate ? await gate.closedForMs(webhook.name) : 0;
      if (gatedMs > 0) return nap(gatedMs);
      asksGate = false;
      const closedMs = ports.untilOpenMs();
      if (closedMs > 0) return takeDue(null, closedMs);
      if (digest !== null) return takeDigest(digest);
      arriving = arrival();
    }
    await Promise.race([arriving, loop.rung()]);
  }

  async function takeDigest({ turn, waiting }: DigestPorts): Promise<void> {
    const ours = await turn();
    if (ours !== null) return takeDue(waiting(ours), MAX_NAP_MS);
    thorough = true;
    return nap(MAX_NAP_MS);
  }

  async function takeDue(waiting: DigestPeriod | null, waitMs: number): Promise<void> {
    const most = waiting === null ? 1 : loop.room();
    const items = await jobs.due({ waiting, most, thorough });
    thorough = items.length > 0 || waiting === null;
    if (items.length === 0) return nap(waitMs);
    // What does not fit fills the next message, together with those that follow.
    const [first = [], ...others] = runsOf(waiting === null ? items : bySpotted(items), sharing);
    add(first);
    loop.giveBack(others.flat());
  }

  async function nap(durationMs: number): Promise<void> {
    await Promise.race([wait(Math.min(durationMs, MAX_NAP_MS), begun), loop.rung()]);
  }

  async function arrival(): Promise<void> {
    try {
      const first = await jobs.next();
      if (first === undefined) return;
      add([first]);
      // A delivery with a POST of its own does not wait: its POST starts while more are taken.
      if (sharing.batchSize === 1) loop.ring();
      // Ahead only when all POSTs are under way: another replica may be free.
      const count = Math.min(loop.room(), webhook.concurrency * sharing.batchSize - 1);
      if (!begun.aborted && !isClosed() && count > 0) add(await jobs.more(count));
    } catch (error) {
      onError(error as Error);
      await wait(TROUBLE_PAUSE_MS, begun);
    } finally {
      arriving = undefined;
    }
  }

  return {
    count: () => ready.reduce((sum, run) => sum + run.length, 0),
    add,
    empty: () => ready.splice(0).flat(),
    begin(max) {
      sendBack();
      return ready.splice(0, max);
    },
    take,
    arriving: () => arriving,
    askGate: () => void (asksGate = true),
    takesNext: () => webhook.ratePerSecond === null && digest === null && !isClosed(),
  };
}
