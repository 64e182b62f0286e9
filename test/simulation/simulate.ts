/**
 * `npm run simulate`: the relay's own polling in virtual time, over many ways in which mentions
 * come, under the default policy and others. Prints the measurements, and writes the plots of
 * docs/how-it-works.md. The same seed (`--seed`, 7 by default) gives the same figures. Exit status 1
 * if a policy missed mentions without a report.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compareAll, DEFAULT_POLICY } from './compare.ts';
import { plotMissed } from './plot-missed.ts';
import { plotPace } from './plot-pace.ts';
import { VIRAL_THREAD } from './patterns.ts';
import { markdownTargets, textTable } from './tables.ts';
import { compareTargets } from './targets.ts';

const DOCS = join(import.meta.dirname, '../../docs');

const { values } = parseArgs({ options: { seed: { type: 'string', default: '7' } } });
const seed = Number(values.seed);
const say = (line: string): boolean => process.stdout.write(`${line}\n`);

const compared = await compareAll(seed, ({ name }) => say(`done: ${name}`));
say(`\n${textTable(compared)}`);

writeFileSync(join(DOCS, 'keeping-up.svg'), plotMissed(compared));
const viral = compared.find(
  ({ pattern, policy }) => pattern.name === VIRAL_THREAD && policy === DEFAULT_POLICY,
);
if (viral === undefined) throw new Error('there is no viral thread');
writeFileSync(join(DOCS, 'pace.svg'), plotPace(viral.run));
say(`\n${markdownTargets(await compareTargets(seed)).join('\n')}`);

if (compared.some((each) => each.without.missedUntold + each.with.missedUntold > 0)) {
  say('Mentions were missed without a word.');
  process.exitCode = 1;
}
