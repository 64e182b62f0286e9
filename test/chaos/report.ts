import type { Fault, Subject } from './plan.ts';
import type { RunRecord } from './record.ts';
import { quantile, type Verdict } from './verdict.ts';

const SUBJECTS: Record<Subject, string> = {
  replica: 'replicas',
  redis: 'Redis',
  receiver: 'receivers',
  api: 'API',
};
const KINDS: Partial<Record<Fault['kind'], string>> = {
  kill: 'killed',
  freeze: 'frozen',
  restart: 'stopped and started',
  '500': 'status 500',
  '429': 'status 429',
  reset: 'reset',
  hang: 'hung',
  truncated: 'truncated answers',
};

/** Returns the report of a run: a few lines of plain text. Pure. */
export function reportOf(run: RunRecord, verdict: Verdict): string {
  const { latenciesMs, duplicates, lost, problems } = verdict;
  const replicas = run.lanes.filter(({ subject }) => subject === 'replica').length;
  const subjects: Subject[] = ['replica', 'redis', 'receiver', 'api'];
  const rows: [string, string][] = [
    ['seed', `${run.seed}`],
    [
      'length',
      `${duration(run.faultsEndedAtMs)} of faults, then ${run.drainedAtMs === null ? 'not finished' : `finished after ${duration(run.drainedAtMs - run.faultsEndedAtMs)}`}`,
    ],
    ['relays', `${replicas} replicas on one Redis`],
    ...subjects.map((subject, index): [string, string] => [
      index === 0 ? 'faults' : '',
      `${SUBJECTS[subject]}: ${faultsOf(run.faults, subject)}`,
    ]),
    ['mentions', `${run.mentions.length}`],
    [
      'deliveries',
      `${verdict.deliveries} to ${run.receivers.length} webhooks, in ${run.posts.length} requests`,
    ],
    ['lost', `${lost.length}`],
    ['repeats', `${duplicates.length}${duplicates.length > 0 ? `: ${explanations(verdict)}` : ''}`],
    [
      'API',
      `${run.api.requests} requests, ${run.api.busiestMinute} in the busiest minute, of ${run.api.budget} allowed; ${run.api.refused} refused by its limit`,
    ],
    [
      'latency',
      `p50 ${duration(quantile(latenciesMs, 0.5))}, p99 ${duration(quantile(latenciesMs, 0.99))}, from spotted to first arrival`,
    ],
  ];
  return [
    ...rows.map(([name, value]) => `${name.padEnd(11)}${value}`),
    '',
    ...(duplicates.length > 0
      ? ['Repeats, by their explanation:', ...reasonLines(duplicates), '']
      : []),
    problems.length === 0
      ? 'Nothing lost, every repeat explained, never over the budget.'
      : `${problems.length} problems:\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
    '',
  ].join('\n');
}

/** Formats a duration in the unit that suits it. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${(ms / 1_000).toFixed(1)} s`;
  return `${(ms / 60_000).toFixed(1)} min`;
}

function faultsOf(faults: readonly Fault[], subject: Subject): string {
  const counts = new Map<string, number>();
  for (const { subject: whose, kind } of faults) {
    if (whose !== subject) continue;
    const word = KINDS[kind] ?? kind;
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return [...counts].map(([word, count]) => `${count} ${word}`).join(', ') || 'none';
}

function explanations({ duplicates }: Verdict): string {
  const counts = new Map<string, number>();
  for (const { explanation } of duplicates) {
    const word = explanation ?? 'UNEXPLAINED';
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return [...counts]
    .toSorted(([, one], [, other]) => other - one)
    .map(([word, count]) => `${count} ${word}`)
    .join(', ');
}

/** Returns a line for each fault that caused repeats. */
function reasonLines(duplicates: Verdict['duplicates']): string[] {
  const counts = new Map<string, number>();
  for (const { receiver, explanation, why } of duplicates) {
    const reason = `${explanation ?? 'UNEXPLAINED'} (${why}), to ${receiver}`;
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return [...counts].map(([reason, count]) => `  ${String(count).padStart(4)}  ${reason}`);
}
