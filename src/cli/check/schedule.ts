import type { Config } from '../../../config/env.ts';
import { backgroundBelow } from '../../pipeline/background-share.ts';
import { baseIntervalMs } from '../../pipeline/pace.ts';
import { findingsAbout, type Finding } from './finding.ts';

const { ok, warning } = findingsAbout('Configuration');

/** What the budget of requests makes of the polling interval, and whether it leaves room for sweeps. */
export function checkSchedule({ poll, budget }: Pick<Config, 'poll' | 'budget'>): Finding[] {
  const baseMs = baseIntervalMs({ ...poll, ...budget });
  const { requestsPerWindow, windowMs } = budget;
  const below = backgroundBelow({ ...budget, baseIntervalMs: baseMs });
  // So many slots the polls of a calm minute have at every moment.
  const alwaysTaken = Math.floor(Math.min(requestsPerWindow, windowMs / baseMs));
  const seconds = (ms: number): string => String(Math.round(ms / 100) / 10);
  return [
    ...(baseMs > poll.intervalMs
      ? [
          ok(
            'interval_stretched',
            `polls come every ${seconds(baseMs)} s while little happens, not every ${seconds(poll.intervalMs)} s: RATE_BUDGET_PER_MINUTE (${requestsPerWindow}) allows no more`,
          ),
        ]
      : []),
    ...(below <= alwaysTaken
      ? [
          warning(
            'no_room_for_sweeps',
            `RATE_BUDGET_PER_MINUTE (${requestsPerWindow}) leaves nothing beside polls: what they miss is not searched for, and changes of groups are not told`,
            'raise RATE_BUDGET_PER_MINUTE or POLL_INTERVAL_SECONDS',
          ),
        ]
      : []),
  ];
}
