/**
 * `npm run bench`: what the relay costs, and how close it comes to what its parts allow. It starts
 * all it needs on ports of its own, measures each thing several times by turns with its reference,
 * and prints medians, spread and ratios. `--only deliveries,delay` measures some parts, `--quick`
 * takes a few minutes and is rough, `--rounds 9` says how often. `--json file` writes all samples;
 * `--docs` writes docs/performance.json, the tables of docs/performance.md and its plots, where
 * parts that were not measured stay as they are.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { plotsOf, withTables } from './documents.ts';
import { startGround, type Ground } from './ground.ts';
import { describeMachine } from './machine.ts';
import { measureDelay } from './measure-delay.ts';
import { measureDeliveries } from './measure-deliveries.ts';
import { measureGrowth } from './measure-growth.ts';
import { measureIdle } from './measure-idle.ts';
import { measureMemory } from './measure-memory.ts';
import { measureStart } from './measure-start.ts';
import { measureSustained } from './measure-sustained.ts';
import { benchOptions } from './options.ts';
import { PARTS, type Part, type Results, type Series } from './results.ts';
import { textGoals, textTable } from './tables.ts';

const DOCS = join(import.meta.dirname, '../../docs');
const SECOND_MS = 1_000;
// As a shell says it of a program that SIGINT ended.
const INTERRUPTED = 130;

const { only: parts, quick, json, docs, ...given } = benchOptions(process.argv.slice(2));
const rounds = given.rounds ?? (quick ? 1 : 5);
const scale = quick ? 0.3 : 1;
const say = (line: string): boolean => process.stdout.write(`${line}\n`);

const MEASURES: Readonly<Record<Part, (ground: Ground) => Promise<readonly Series[]>>> = {
  deliveries: (ground) => measureDeliveries(ground, { rounds, scale }),
  delay: (ground) => measureDelay(ground, { rounds, trials: quick ? 5 : 15 }),
  idle: () =>
    measureIdle({
      rounds: Math.min(rounds, 3),
      settleMs: (quick ? 10 : 30) * SECOND_MS,
      lengthMs: (quick ? 20 : 120) * SECOND_MS,
    }),
  memory: (ground) =>
    measureMemory(ground, { deliveries: 5_000 * scale, mentions: quick ? 100_000 : 1_000_000 }),
  growth: (ground) => measureGrowth(ground, { rounds: Math.min(rounds, 3), scale }),
  sustained: (ground) =>
    measureSustained(ground, {
      rounds: Math.min(rounds, 3),
      lengthMs: (quick ? 10 : 30) * SECOND_MS,
    }),
  start: (ground) => measureStart(ground, 2 * rounds + 1),
};

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => process.exit(INTERRUPTED));
}
const series: Series[] = [];
say(`Measuring ${parts.join(', ')}${quick ? ', roughly' : ''}: let nothing else run meanwhile.`);
for (const part of parts) {
  const startedMs = performance.now();
  await using ground = await startGround();
  series.push(...(await MEASURES[part](ground)));
  say(`${part}: measured in ${Math.round((performance.now() - startedMs) / SECOND_MS)} s`);
}
const results: Results = { machine: describeMachine(), series };
say(`\n${textTable(results, parts)}`);
say(textGoals(results));
if (json !== undefined) writeFileSync(json, jsonOf(results));
if (docs) writeDocs(results);

/** Parts that were not measured keep what they had. */
function writeDocs({ machine, series: measured }: Results): void {
  const file = join(DOCS, 'performance.json');
  const before = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Results).series : [];
  const all = PARTS.flatMap((part) =>
    (parts.includes(part) ? measured : before).filter((each) => each.part === part),
  );
  const text = jsonOf({ machine, series: all });
  writeFileSync(file, text);
  // Of what is in the file: what is rounded there may be rounded differently here.
  const documented = JSON.parse(text) as Results;
  for (const [name, plot] of plotsOf(documented)) writeFileSync(join(DOCS, name), plot);
  const page = join(DOCS, 'performance.md');
  writeFileSync(page, withTables(readFileSync(page, 'utf8'), documented));
}

/** Five digits are more than any of it is worth. */
function jsonOf(measured: Results): string {
  const rounded = (_: string, value: unknown): unknown =>
    typeof value === 'number' ? Number(value.toPrecision(5)) : value;
  return `${JSON.stringify(measured, rounded, 1)}\n`;
}
