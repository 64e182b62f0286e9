import { accessSync, constants } from 'node:fs';
import { dirname } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { PARTS, type Part } from './results.ts';

/** What `npm run bench` is told. */
export interface BenchOptions {
  /** What is to be measured, in the order of the page. */
  readonly only: readonly Part[];
  readonly quick: boolean;
  /** How often each thing is measured; of what takes long, three times at most. */
  readonly rounds?: number;
  readonly json?: string;
  readonly docs: boolean;
}

/**
 * Reads the options of a command line, without the two words before them. What it can't take it
 * tells on stderr, and ends the process with 1; after `--help` it ends it with 0.
 */
export function benchOptions(args: readonly string[]): BenchOptions {
  const command = new Command('npm run bench --')
    .description('What the relay costs, and how close it comes to what its parts allow.')
    .addOption(
      new Option('--only <parts>', `some of ${PARTS.join(',')}`)
        .argParser(partsOf)
        .default(PARTS, 'all'),
    )
    .option('--quick', 'a few minutes, and rough', false)
    .option('--rounds <count>', 'how often each thing is measured: 5, with --quick 1', roundsOf)
    .option('--json <file>', 'write all samples', writable)
    .option('--docs', "write docs/performance.json, that page's tables, and its plots", false)
    .allowExcessArguments(false)
    .parse(args, { from: 'user' });
  const options = command.opts<BenchOptions>();
  if (options.docs && options.quick) {
    command.error('error: --docs is for exact figures: leave out --quick');
  }
  return options;
}

function partsOf(text: string): readonly Part[] {
  const names = text.split(',');
  const unknown = names.find((name) => !PARTS.some((part) => part === name));
  if (unknown !== undefined) throw new InvalidArgumentError(`There is no part '${unknown}'.`);
  return PARTS.filter((part) => names.includes(part));
}

function roundsOf(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('It is a whole number from 1 on.');
  return Number(text);
}

// Before all is measured, and not after.
function writable(file: string): string {
  try {
    accessSync(dirname(file), constants.W_OK);
  } catch (error) {
    throw new InvalidArgumentError(
      `It can't be written: ${(error as NodeJS.ErrnoException).code}.`,
    );
  }
  return file;
}
