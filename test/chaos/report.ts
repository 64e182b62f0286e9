import type { RunRecord } from './record.ts';
import { quantile, type Verdict } from './verdict.ts';

/** Returns the report of a run: a few lines of plain text. Pure. */
export function reportOf(run: RunRecord, verdict: Verdict): string {
  const { faults, api, mentions, posts, receivers, faultsEndedAtMs, drainedAtMs } = run;
  const { latenciesMs, duplicates, lost, problems } = verdict;
  const end =
    drainedAtMs === null
      ? 'not finished'
      : `finished after ${duration(drainedAtMs - faultsEndedAtMs)}`;
  const latency = [0.5, 0.99].map((share) => duration(quantile(latenciesMs, share)));
  return [
    `seed        ${run.seed}`,
    `length      ${duration(faultsEndedAtMs)} of faults, then ${end}`,
    `faults      ${counted(faults.map(({ subject, kind }) => `${subject} ${kind}`)).join(', ')}`,
    `mentions    ${mentions.length}`,
    `deliveries  ${verdict.deliveries} to ${receivers.length} webhooks, in ${posts.length} requests`,
    `latency     p50 ${latency[0]}, p99 ${latency[1]}, from spotted to first arrival`,
    `API         ${api.requests} requests, ${api.busiestMinute} in the busiest minute, of ${api.budget} allowed; ${api.refused} refused by its limit`,
    `lost        ${lost.length}`,
    `repeats     ${duplicates.length}`,
    ...counted(
      duplicates.map(({ receiver, explanation, why }) => {
        return `to ${receiver}: ${explanation ?? 'UNEXPLAINED'} (${why})`;
      }),
    ).map((line) => `  ${line}`),
    '',
    ...(problems.length === 0
      ? ['Nothing lost, every repeat explained, never over the budget.']
      : [`${problems.length} problems:`, ...problems.map((problem) => `  ${problem}`)]),
    '',
  ].join('\n');
}

/** Formats a duration in the unit that suits it. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${(ms / 1_000).toFixed(1)} s`;
  return `${(ms / 60_000).toFixed(1)} min`;
}

/** Returns each text once, after its count. */
function counted(texts: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].map(([text, count]) => `${count} ${text}`);
}
