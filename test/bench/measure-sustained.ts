import { setTimeout as sleep } from 'node:timers/promises';
import { startRelay } from './bench-process.ts';
import { epochMs } from './epoch.ts';
import type { Ground } from './ground.ts';
import type { Series } from './results.ts';

// A window that shares nothing with the one before would be a gap, and be searched for.
const NEW_A_POLL = 90;
// More than a thousand deliveries a second, what 10 would come to with all 100 new.
const WEBHOOKS = 13;
const TIMEOUT_MS = 120_000;

interface Sustained {
  readonly deliveriesPerSecond: number;
  readonly behindSeconds: number;
  readonly lost: number;
}

/**
 * As much as the API can give: 90 new mentions in each poll, and as many polls as may be made, to
 * 13 webhooks with one POST a mention.
 */
export async function measureSustained(
  ground: Ground,
  { rounds, lengthMs }: { readonly rounds: number; readonly lengthMs: number },
): Promise<Series[]> {
  const runs: Sustained[] = [];
  for (let round = 0; round < rounds; round++) runs.push(await sustain(ground, lengthMs));
  const about = {
    part: 'sustained',
    setting: '90 new a poll, 13 webhooks',
    subject: 'relay',
  } as const;
  return [
    { ...about, unit: 'deliveries/s', samples: runs.map((run) => run.deliveriesPerSecond) },
    { ...about, unit: 's behind at the end', samples: runs.map((run) => run.behindSeconds) },
    { ...about, unit: 'lost', samples: runs.map((run) => run.lost) },
  ];
}

async function sustain(ground: Ground, lengthMs: number): Promise<Sustained> {
  const { sandbox, receivers } = ground;
  const environment = await ground.environment(WEBHOOKS);
  await ground.clear({ keepsIds: true });
  const spotted: string[] = [];
  const spot = (): void => {
    spotted.push(...sandbox.spot(NEW_A_POLL).map(({ id }) => id));
  };
  spot();
  const relay = startRelay({
    ...environment,
    POLL_INTERVAL_SECONDS: '1',
    RATE_BUDGET_PER_MINUTE: '60',
  });
  return ground.during(relay, async () => {
    const endAtMs = epochMs() + lengthMs;
    let answered = 0;
    while (epochMs() < endAtMs) {
      const polls = ground.answers().filter(({ atMs }) => atMs > relay.startedAtMs);
      const windows = polls.filter(({ endpoint }) => endpoint === '/account/mentions');
      if (windows.length > answered) {
        answered = windows.length;
        spot();
      }
      await sleep(10);
    }
    const arrivals = await receivers.waitFor(spotted.length * WEBHOOKS, TIMEOUT_MS);
    const polls = ground.answers().filter(({ endpoint }) => endpoint === '/account/mentions');
    const lastAtMs = arrivals.at(-1)?.atMs ?? NaN;
    // Of what came last the poll is the one that brought it: the first after it was spotted.
    const lastPoll = polls.find(({ atMs }) => atMs >= endAtMs) ?? polls.at(-1);
    const firstAtMs = arrivals[0]?.atMs ?? NaN;
    const taken = new Set(arrivals.map(({ receiver, id }) => `${receiver} ${id}`));
    return {
      deliveriesPerSecond: ((arrivals.length - 1) / (lastAtMs - firstAtMs)) * 1_000,
      behindSeconds: (lastAtMs - (lastPoll?.outAtMs ?? NaN)) / 1_000,
      lost: spotted.length * WEBHOOKS - taken.size,
    };
  });
}
