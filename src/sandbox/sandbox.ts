import { once } from 'node:events';
import { SANDBOX_GROUPS, type SandboxGroup } from './account.ts';
import { createFaultList, type FaultRule } from './faults.ts';
import { createKeptMentions } from './kept-mentions.ts';
import { createMentionMaker, type SandboxMention } from './made-up-mentions.ts';
import { createRequestLog, type RequestRecord } from './request-log.ts';
import { BASE_PATH, createSandboxServer, urlOfServer } from './server.ts';

export interface SandboxOptions {
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** 127.0.0.1 by default. Everybody who reaches it can also control it. */
  readonly host?: string;
  /** `sandbox-key` by default. */
  readonly apiKey?: string;
  /** Requests allowed in any rolling window: 60 by default, as documented. */
  readonly requestLimit?: number;
  /** The length of that window: 60000 by default. */
  readonly requestWindowMs?: number;
  /** Mentions made up per minute; none by default. */
  readonly mentionsPerMinute?: number;
  /** The gaps between them: `exponential` by default. */
  readonly spacing?: Spacing;
  /** The most mentions that `/account/mentions` returns: 100 by default, as documented. */
  readonly windowSize?: number;
  /** The most posts that `/account/group` lists, for which no limit is documented: 1000 by default. */
  readonly postsPerGroup?: number;
  /** The account's groups: by default three that are tracked and one that waits for access. */
  readonly groups?: readonly SandboxGroup[];
  /** The number of mentions at the start, spotted over the last hours. 0 by default. */
  readonly backlog?: number;
  /** Called for each API request after its answer, or when its connection ended without one. */
  readonly onRequest?: (request: RequestRecord) => void;
  /** Milliseconds since 1970. The system's clock by default. */
  readonly now?: () => number;
  /** From 0 to below 1. `Math.random` by default; a seeded one makes the sandbox repeatable. */
  readonly random?: () => number;
}

/** A running sandbox: Groouply's documented API, served locally. */
export interface Sandbox {
  /** The API's base URL, such as `http://127.0.0.1:4010/api`. */
  readonly url: URL;
  /** The API requests that arrived, in that order; the newest 100,000 are kept. */
  readonly requests: () => readonly RequestRecord[];
  /**
   * The most API requests that arrived in any half-open window of this length, refused ones
   * included. The length is `requestWindowMs` by default.
   */
  readonly busiestWindow: (windowMs?: number) => number;
  /** Adds mentions one after the other: the last one is the newest and heads the window. */
  readonly addMentions: (...mentions: SandboxMention[]) => void;
  /** Makes up this many mentions (1 by default), spotted now, adds them and returns them. */
  readonly spot: (count?: number) => SandboxMention[];
  /** Removes mentions as if their posts had been deleted: older ones slide back into the window. */
  readonly removeMentions: (ids: readonly string[]) => void;
  /** Returns the newest 50,000 mentions, newest first, also those that have left the window. */
  readonly mentions: () => readonly SandboxMention[];
  /** Answers exactly this list as the window, whatever is in it, until it is set to null. */
  readonly setWindow: (list: readonly unknown[] | null) => void;
  /** Adds a fault that later requests meet. */
  readonly fault: (rule: FaultRule) => void;
  readonly clearFaults: () => void;
  /** Ends every connection, hanging ones too, and frees the port. May be called twice. */
  readonly stop: () => Promise<void>;
}

/** Starts the sandbox. Rejects with the error of `listen` if the port is taken. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { port = 0, host = '127.0.0.1', apiKey = 'sandbox-key' } = options;
  const { requestLimit = 60, requestWindowMs = 60_000, windowSize = 100, backlog = 0 } = options;
  const { mentionsPerMinute = 0, spacing = 'exponential', postsPerGroup = 1_000 } = options;
  const { now = () => Date.now(), random = () => Math.random() } = options;
  const { onRequest = () => {}, groups = SANDBOX_GROUPS } = options;

  const log = createRequestLog(requestLimit, requestWindowMs, now);
  const faults = createFaultList(random);
  const kept = createKeptMentions({ windowSize, postsPerGroup });
  const makeUp = createMentionMaker(random);

  const spottedAtMs: number[] = [];
  for (let atMs = now(); spottedAtMs.length < backlog;) {
    atMs -= (1 + 14 * random()) * 60_000;
    spottedAtMs.unshift(atMs);
  }
  kept.add(spottedAtMs.map(makeUp));

  const controls = {
    fault: (rule: FaultRule) => faults.add(rule),
    clearFaults: () => faults.clear(),
    addMentions: (...mentions: SandboxMention[]) => kept.add(mentions),
    spot: (count = 1) => {
      const mentions = Array.from({ length: count }, () => makeUp(now()));
      kept.add(mentions);
      return mentions;
    },
  };

  const server = createSandboxServer({
    log,
    onRequest,
    faults,
    account: { apiKey, groups, window: kept.window, ofGroup: kept.ofGroup },
    controlled: {
      ...controls,
      makeUp: () => makeUp(now()),
      state: () => ({
        requests: log.total(),
        busiestWindow: log.busiestWindow(requestWindowMs),
        requestWindowMs,
        requestLimit,
        mentions: kept.all().length,
        faults: faults.count(),
      }),
    },
  });
  server.listen(port, host);
  await once(server, 'listening');
  const endSpotting = startSpotTimer(mentionsPerMinute, spacing, random, () => {
    controls.spot();
  });

  let stopped: Promise<void> | undefined;
  return {
    ...controls,
    url: urlOfServer(server, host, BASE_PATH),
    requests: log.requests,
    busiestWindow: (windowMs = requestWindowMs) => log.busiestWindow(windowMs),
    removeMentions: kept.remove,
    mentions: kept.all,
    setWindow: kept.setWindow,
    stop: () => {
      stopped ??= new Promise((resolve) => {
        endSpotting();
        server.close(() => resolve());
        server.closeAllConnections();
      });
      return stopped;
    },
  };
}

/** The gaps between made-up mentions: equal, or random. */
export type Spacing = 'exponential' | 'steady';

/**
 * Returns the interval until the next mention, in milliseconds: always the same, or exponentially
 * distributed, as between independent people who write at any time.
 */
export function nextGapMs(perMinute: number, spacing: Spacing, random: () => number): number {
  const meanMs = 60_000 / perMinute;
  const gapMs = spacing === 'steady' ? meanMs : -Math.log(1 - random()) * meanMs;
  return Math.min(gapMs, MAX_TIMER_MS);
}

// Node fires a longer timer immediately.
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Calls `spot` after each such gap, at a rate above 0. Returns a function that ends it. */
export function startSpotTimer(
  perMinute: number,
  spacing: Spacing,
  random: () => number,
  spot: () => void,
): () => void {
  if (perMinute <= 0) return () => {};
  let timer: NodeJS.Timeout;
  const wait = (): void => {
    timer = setTimeout(
      () => {
        spot();
        wait();
      },
      nextGapMs(perMinute, spacing, random),
    );
  };
  wait();
  return () => clearTimeout(timer);
}
