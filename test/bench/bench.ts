/**
 * Measures what the relay costs: `npm run bench`. It starts everything it needs on ports of its own,
 * measures each thing several times by turns with a reference, and prints medians, spread and ratios.
 * `--against <folder>` compares this build with that of another checkout; `--guard` does so with the
 * last release, and fails if this build is worse; `--docs` writes the tables of docs/performance.md.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { openBuilds } from './builds.ts';
import { buildLastRelease, decayed } from './guard.ts';
import { startGround } from './ground.ts';
import { measureDelay } from './measure-delay.ts';
import { measureDeliveries } from './measure-deliveries.ts';
import { measureGrowth } from './measure-growth.ts';
import { measureIdle } from './measure-idle.ts';
import { measureStart } from './measure-start.ts';
import { PARTS, type Part, type Series } from './statistics.ts';
import { describeMachine, markdownTable, textTable, withTables } from './tables.ts';

interface Options {
  readonly only: readonly Part[];
  readonly against?: string;
  readonly quick: boolean;
  readonly rounds?: number;
  readonly docs: boolean;
  readonly guard: boolean;
}

const PAGE = join(import.meta.dirname, '../../docs/performance.md');
const SECOND_MS = 1_000;
// The status that shells give a program that SIGINT ended.
const INTERRUPTED = 130;

const command = new Command('npm run bench --')
  .option('--only <parts>', `some of ${PARTS.join(',')}`, partsOf, PARTS)
  .option('--against <folder>', 'compare with the build of another checkout')
  .option('--quick', 'take a few minutes, and be rough', false)
  .option('--rounds <count>', 'measure each thing this often: 5, with --quick 1', roundsOf)
  .option('--guard', 'fail if deliveries or bursts cost 10 % more than in the last release', false)
  .option('--docs', 'write the tables of docs/performance.md', false)
  .allowExcessArguments(false)
  .parse();
const { quick, docs, guard, ...given } = command.opts<Options>();
const only: readonly Part[] = guard ? ['deliveries', 'delay'] : given.only;
const against = given.against ?? (guard ? lastRelease() : undefined);
if (docs && (quick || against !== undefined)) {
  command.error('error: --docs is for exact figures of this build: omit --quick and --against');
}
const rounds = given.rounds ?? (quick ? 1 : 5);
const slowRounds = Math.min(rounds, given.rounds ?? 3);
const scale = quick ? 0.3 : 1;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => process.exit(INTERRUPTED));
}

const builds = await openBuilds(against);
const all: Series[] = [];
print(`Measuring ${only.join(', ')}${quick ? ', roughly' : ''}. Let nothing else run meanwhile.`);
for (const part of only) {
  const startedMs = performance.now();
  all.push(...(await measurePart(part)));
  print(`${part}: measured in ${Math.round((performance.now() - startedMs) / SECOND_MS)} s`);
}
print(['', ...textTable(all)].join('\n'));
if (guard) {
  const lines = decayed(all);
  print(['', ...lines, lines.length > 0 ? 'The build costs more.' : 'No worse.'].join('\n'));
  if (lines.length > 0) process.exitCode = 1;
}
if (docs) {
  const tables = new Map<string, readonly string[]>([['machine', [`${describeMachine()}.`]]]);
  for (const part of only) tables.set(part, markdownTable(all, part));
  writeFileSync(PAGE, withTables(readFileSync(PAGE, 'utf8'), tables));
}

async function measurePart(part: Part): Promise<readonly Series[]> {
  await using ground = await startGround();
  switch (part) {
    case 'deliveries':
      return await measureDeliveries(ground, builds, { rounds, scale });
    case 'delay':
      return await measureDelay(ground, builds, { rounds, trials: quick ? 5 : 15 });
    case 'idle':
      return await measureIdle(ground, builds, {
        rounds: slowRounds,
        settleMs: (quick ? 10 : 30) * SECOND_MS,
        lengthMs: (quick ? 20 : 120) * SECOND_MS,
      });
    case 'growth':
      return await measureGrowth(ground, builds, { rounds: slowRounds, scale });
    case 'start':
      return await measureStart(ground, builds, 2 * rounds + 1);
  }
}

function lastRelease(): string {
  try {
    return buildLastRelease();
  } catch (error) {
    return command.error(`error: ${(error as Error).message}`);
  }
}

function partsOf(text: string): readonly Part[] {
  const names = text.split(',');
  const unknown = names.find((name) => !PARTS.some((part) => part === name));
  if (unknown !== undefined) throw new InvalidArgumentError(`There is no part '${unknown}'.`);
  return PARTS.filter((part) => names.includes(part));
}

function roundsOf(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('Give a whole number above 0.');
  return Number(text);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
