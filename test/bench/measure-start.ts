import { waitUntil } from '../helpers/wait-until.ts';
import { contestantsOf, type Build } from './builds.ts';
import type { Ground } from './ground.ts';
import { measure, type Sample, type Series } from './statistics.ts';

/** Measures the time from exec to the first poll. */
export async function measureStart(
  ground: Ground,
  builds: readonly Build[],
  rounds: number,
): Promise<Series[]> {
  const env = await ground.environment(1);
  const about = { setting: 'from exec to the first poll', subject: 'relay', reference: null };
  const contestants = contestantsOf(builds, about, async (build): Promise<Sample> => {
    await ground.clear();
    const relay = build.start(env);
    try {
      const { atMs } = await waitUntil('the first poll', () => ground.polls()[0]);
      return { ms: atMs - relay.startedAtMs };
    } finally {
      await relay.kill();
    }
  });
  return measure('start', contestants, rounds);
}
