import { readFileSync } from 'node:fs';
import { mergeEnvFile } from '../../config/env-file.ts';
import { readConfig, type Config } from '../../config/env.ts';
import { describeMistakes, type ConfigMistake } from '../../config/mistakes.ts';
import { textWidth, wrapped } from '../terminal/table.ts';

/** Configuration error, of sysexits.h: restarting does not help. */
const EX_CONFIG = 78;

/**
 * The configuration of this process: its environment, and a `.env` file in the working directory.
 * With mistakes in it, all of them are told at once, and the process ends with status 78. They go
 * to stderr, in words for who starts a relay or runs a command; or to `tell`, where it is given.
 */
export function configFromProcess(
  reader: 'relay' | 'command' = 'command',
  tell: (mistakes: readonly ConfigMistake[]) => void = (mistakes) =>
    printOnStderr(mistakes, reader),
): Config {
  const readFile = (path: string): string => readFileSync(path, 'utf8');
  const merged = mergeEnvFile(process.env, { path: '.env', readFile });
  const reading = merged.ok
    ? readConfig(merged.env, { readFile, stdoutIsTty: process.stdout.isTTY })
    : merged;
  if (reading.ok) return reading.config;
  tell(reading.mistakes);
  process.exit(EX_CONFIG);
}

function printOnStderr(mistakes: readonly ConfigMistake[], reader: 'relay' | 'command'): void {
  const width = textWidth(process.stderr);
  const lines = describeMistakes(mistakes, reader)
    .split('\n')
    .flatMap((line) => wrapped(line, width, line.startsWith(' ') ? ' '.repeat(6) : ''));
  process.stderr.write(lines.join('\n'));
}
