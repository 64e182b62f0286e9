import { readFileSync } from 'node:fs';
import { readConfig, type Config } from '../../config/env.ts';
import { describeMistakes, type ConfigMistake } from '../../config/mistakes.ts';
import { textWidth, wrapped } from '../terminal/table.ts';

/** The exit status of a configuration error (sysexits.h): a restart does not help. */
const EX_CONFIG = 78;

/**
 * Reads the configuration of this process: its environment, and `.env` in the working directory. On
 * mistakes, reports all of them at once and ends the process with status 78. By default the report
 * goes to stderr, worded for whoever starts a relay or runs a command.
 */
export function configFromProcess(
  reader: 'relay' | 'command' = 'command',
  report: (mistakes: readonly ConfigMistake[]) => void = (mistakes) =>
    printOnStderr(mistakes, reader),
): Config {
  const reading = readConfig(process.env, {
    readFile: (path) => readFileSync(path, 'utf8'),
    stdoutIsTty: process.stdout.isTTY,
    envFile: '.env',
  });
  if (reading.ok) return reading.value;
  report(reading.error);
  process.exit(EX_CONFIG);
}

function printOnStderr(mistakes: readonly ConfigMistake[], reader: 'relay' | 'command'): void {
  const width = textWidth(process.stderr);
  const lines = describeMistakes(mistakes, reader)
    .split('\n')
    .flatMap((line) => wrapped(line, width, line.startsWith(' ') ? ' '.repeat(6) : ''));
  process.stderr.write(lines.join('\n'));
}
