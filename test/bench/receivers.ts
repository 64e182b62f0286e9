import { fork } from 'node:child_process';
import { join } from 'node:path';

/** One POST that a receiver took. */
export interface Arrival {
  /** When its body was there, in milliseconds since 1970 with fractions. */
  readonly atMs: number;
  /** Which receiver: 0 for the first. */
  readonly receiver: number;
  readonly mentions: number;
  /** The id of the first mention, if ids are kept. */
  readonly id: string | null;
}

/** How receivers treat what they get. */
export interface ReceiverConduct {
  /** Before they answer; 0 unless said otherwise. */
  readonly delayMs?: number;
  readonly keepsIds?: boolean;
}

/** What the receivers' process is told. */
export type ReceiverOrder =
  | { readonly kind: 'open'; readonly count: number }
  | ({ readonly kind: 'begin' } & Required<ReceiverConduct>)
  | { readonly kind: 'await'; readonly mentions: number }
  | { readonly kind: 'look' };

/** What it says. */
export type ReceiverReport =
  | { readonly kind: 'open'; readonly ports: readonly number[] }
  | { readonly kind: 'begun' }
  | { readonly kind: 'complete'; readonly arrivals: readonly Arrival[] };

/** Receivers in a process of their own, so that they take nothing from what is measured but a core. */
export interface Receivers {
  /** The URLs of so many receivers: the same ones each time. */
  open(count: number): Promise<readonly string[]>;
  /** Forgets all arrivals. */
  begin(conduct?: ReceiverConduct): Promise<void>;
  /** Resolves with all arrivals when so many mentions have come; throws after `timeoutMs`. */
  waitFor(mentions: number, timeoutMs: number): Promise<readonly Arrival[]>;
  /** All arrivals so far. */
  arrivals(): Promise<readonly Arrival[]>;
  stop(): Promise<void>;
}

/** Starts the process. */
export function startReceivers(): Receivers {
  const child = fork(join(import.meta.dirname, 'receiver-process.ts'), { execArgv: [] });
  const ended = new Promise((resolve) => child.once('exit', resolve));

  async function ask<K extends ReceiverReport['kind']>(
    order: ReceiverOrder,
    kind: K,
    timeoutMs = 10_000,
  ): Promise<Extract<ReceiverReport, { kind: K }>> {
    const { promise, resolve, reject } =
      Promise.withResolvers<Extract<ReceiverReport, { kind: K }>>();
    const listen = (report: ReceiverReport): void => {
      if (report.kind === kind) resolve(report as Extract<ReceiverReport, { kind: K }>);
    };
    const timer = setTimeout(
      () => reject(new Error(`the receivers did not say ${kind} within ${timeoutMs} ms`)),
      timeoutMs,
    );
    child.on('message', listen);
    child.send(order);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      child.off('message', listen);
    }
  }

  return {
    async open(count) {
      const { ports } = await ask({ kind: 'open', count }, 'open');
      return ports.map((port) => `http://127.0.0.1:${port}/hook`);
    },
    async begin({ delayMs = 0, keepsIds = false } = {}) {
      await ask({ kind: 'begin', delayMs, keepsIds }, 'begun');
    },
    async waitFor(mentions, timeoutMs) {
      return (await ask({ kind: 'await', mentions }, 'complete', timeoutMs)).arrivals;
    },
    async arrivals() {
      return (await ask({ kind: 'look' }, 'complete')).arrivals;
    },
    async stop() {
      child.disconnect();
      await ended;
    },
  };
}
