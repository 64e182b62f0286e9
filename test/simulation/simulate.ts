/**
 * `npm run simulate`: the relay's own polling in virtual time, over many ways in which mentions
 * come, under the default policy and others. Prints what was measured, and writes the tables of
 * docs/how-it-works.md and its plots. The same seed (`--seed`, 7 by default) gives the same
 * figures. Exit status 1 if a policy missed mentions without telling.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compareAll, DEFAULT_POLICY } from './compare.ts';
import { plotMissed } from './plot-missed.ts';
import { plotPace } from './plot-pace.ts';
import { VIRAL_THREAD } from './patterns.ts';
import { markdownTable, markdownTargets, textTable } from './tables.ts';
import { compareTargets } from './targets.ts';

const DOCS = join(import.meta.dirname, '../../docs');
const TABLE = /(<!-- npm run simulate -->\n\n)[\s\S]*?(\n\n<!-- end -->)/g;

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
const targets = markdownTargets(await compareTargets(seed));
say(`\n${targets.join('\n')}`);
const page = join(DOCS, 'how-it-works.md');
const tables = [markdownTable(compared), targets].values();
writeFileSync(
  page,
  readFileSync(page, 'utf8').replaceAll(
    TABLE,
    (_, head, end) => `${head}${tables.next().value?.join('\n')}${end}`,
  ),
);

if (compared.some((each) => each.without.missedUntold + each.with.missedUntold > 0)) {
  say('Mentions were missed without a word.');
  process.exitCode = 1;
}
