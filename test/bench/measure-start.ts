import { waitUntil } from '../helpers/wait-until.ts';
import { startProcess, startRelay } from './bench-process.ts';
import { epochMs } from './epoch.ts';
import type { Ground } from './ground.ts';
import type { Series } from './results.ts';
import { byTurns } from './turns.ts';

const BARE_NODE = 'node with nothing to do, to its end';
const RELAY = 'relay, to its first poll';

/** From exec to the first request at the API, beside a Node that does nothing. */
export async function measureStart(ground: Ground, rounds: number): Promise<Series[]> {
  const environment = await ground.environment(1);
  const contestants = [
    {
      subject: BARE_NODE,
      async run() {
        const node = startProcess(['--eval', '']);
        await node.ended;
        const tookMs = epochMs() - node.startedAtMs;
        await node.kill();
        return tookMs;
      },
    },
    {
      subject: RELAY,
      async run() {
        await ground.clear();
        const relay = startRelay(environment);
        return ground.during(relay, () =>
          waitUntil('the first poll', () => {
            const first = ground.answers().find(({ atMs }) => atMs > relay.startedAtMs);
            return first && first.atMs - relay.startedAtMs;
          }),
        );
      },
    },
  ];
  const samples = await byTurns(contestants, rounds);
  const about = { part: 'start', setting: 'from exec', unit: 'ms' } as const;
  const [bare = [], relay = []] = samples;
  return [
    { ...about, subject: BARE_NODE, samples: bare },
    { ...about, subject: RELAY, samples: relay, reference: BARE_NODE },
  ];
}
