import type { App } from './app.ts';

type StopOutcome = Awaited<ReturnType<App['stop']>>;

/** The relays of this process: one at a time, each with a configuration of its own. */
export interface SuccessiveApps<C> {
  /** Runs the first one, and those that replace it. Resolves after a stop. Throws if one can't start. */
  readonly run: (config: C) => Promise<StopOutcome>;
  /** Stops the one that runs or starts, then starts one with this configuration. */
  readonly replace: (config: C) => void;
  /** Stops the one that runs or starts; none follows. */
  readonly stop: () => void;
}

/** Creates a succession that has not begun. */
export function createSuccessiveApps<C>(ports: {
  readonly create: (config: C) => Pick<App, 'start'>;
  /** Stops the app that was created last. */
  readonly end: (config: C) => Promise<StopOutcome>;
  readonly started: (config: C) => void;
  /**
   * Decides what follows if one can't start: `before`, the configuration of the one that it replaced,
   * or another one. Null lets `run` throw. There is no `before` of the first one, nor of one that
   * follows a failure.
   */
  readonly afterFailure: (error: unknown, before: C | null) => C | null;
}): SuccessiveApps<C> {
  const { create, end, started, afterFailure } = ports;
  let next: C | null = null;
  let stopped = false;
  let endCurrent = (): void => undefined;

  /** Runs one until `endCurrent` was called and it has ended. */
  async function runOne(config: C): Promise<StopOutcome> {
    const ending = Promise.withResolvers<StopOutcome>();
    let asked = false;
    const app = create(config);
    endCurrent = () => {
      if (asked) return;
      asked = true;
      ending.resolve(end(config));
    };
    await app.start();
    if (!asked) started(config);
    return ending.promise;
  }

  return {
    async run(first) {
      let config = first;
      let before: C | null = null;
      for (;;) {
        try {
          const outcome = await runOne(config);
          if (stopped || next === null) return outcome;
          before = config;
          config = next;
        } catch (error) {
          const then: C | null = next ?? afterFailure(error, before);
          if (stopped || then === null) throw error;
          before = null;
          config = then;
        }
        next = null;
      }
    },
    replace(config) {
      next = config;
      endCurrent();
    },
    stop() {
      stopped = true;
      endCurrent();
    },
  };
}
