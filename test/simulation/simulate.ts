/**
 * `npm run simulate`: runs the relay's own polling in virtual time, over many ways in which mentions
 * arrive, under the default policy and others. Prints the measures, and writes the tables of
 * docs/how-it-works.md. The same seed (`--seed`, 7 by default) gives the same figures. Exit status 1
 * if a policy missed mentions without reporting a gap.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compareAll } from './compare.ts';
import { markdownTable, markdownTargets } from './tables.ts';
import { compareTargets } from './targets.ts';

const DOCS = join(import.meta.dirname, '../../docs');
const TABLE = /(<!-- npm run simulate -->\n\n)[\s\S]*?(\n\n<!-- end -->)/g;

const { values } = parseArgs({ options: { seed: { type: 'string', default: '7' } } });
const seed = Number(values.seed);
const print = (line: string): boolean => process.stdout.write(`${line}\n`);

const compared = await compareAll(seed, ({ name }) => print(`done: ${name}`));
const table = markdownTable(compared);
print(`\n${table.join('\n')}`);

const targets = markdownTargets(await compareTargets(seed));
print(`\n${targets.join('\n')}`);
const page = join(DOCS, 'how-it-works.md');
const tables = [table, targets].values();
writeFileSync(
  page,
  readFileSync(page, 'utf8').replaceAll(
    TABLE,
    (_, head, end) => `${head}${tables.next().value?.join('\n')}${end}`,
  ),
);

if (compared.some((each) => each.without.missedUnreported + each.with.missedUnreported > 0)) {
  print('Mentions were missed, and no gap was reported.');
  process.exitCode = 1;
}
