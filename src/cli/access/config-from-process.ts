import { readFileSync } from 'node:fs';
import { readConfig, type Config } from '../../config/env.ts';
import { describeMistakes, type ConfigMistake } from '../../config/mistakes.ts';
import { asJournalErrors, isJournal } from '../../monitoring/journal.io.ts';

/** The exit status of a configuration error (sysexits.h): a restart does not help. */
const EX_CONFIG = 78;
const STDERR = 2;

/**
 * Reads the configuration of this process: its environment, and `.env` in the working directory. On
 * mistakes, reports all of them at once and ends the process with status 78. By default the report
 * goes to stderr, worded for whoever starts a relay or runs a command.
 */
export async function configFromProcess(
  reader: 'relay' | 'command' = 'command',
  report: (mistakes: readonly ConfigMistake[]) => Promise<void> | void = (mistakes) =>
    printOnStderr(mistakes, reader),
): Promise<Config> {
  const reading = readConfigFiles(process.env);
  if (reading.ok) return reading.value;
  await report(reading.error);
  process.exit(EX_CONFIG);
}

/** Reads the configuration from an environment, `.env` in the working directory, and their files. */
export function readConfigFiles(env: NodeJS.ProcessEnv): ReturnType<typeof readConfig> {
  return readConfig(env, {
    readFile: readText,
    stdoutIsTty: process.stdout.isTTY,
    envFile: '.env',
  });
}

/**
 * Reads a text in UTF-8, or in UTF-16 if it begins with the mark of that, as the files do that
 * PowerShell's `>` writes.
 */
export function readText(path: string): string {
  const bytes = readFileSync(path);
  const mark = bytes.subarray(0, 2).toString('hex');
  const encoding = mark === 'fffe' ? 'utf-16le' : mark === 'feff' ? 'utf-16be' : 'utf-8';
  return new TextDecoder(encoding).decode(bytes);
}

async function printOnStderr(
  mistakes: readonly ConfigMistake[],
  reader: 'relay' | 'command',
): Promise<void> {
  // To measure lines takes tables of Unicode: 50 ms, which every start would pay.
  const { textWidth, wrapped } = await import('../terminal/table.ts');
  const width = textWidth(process.stderr);
  const lines = describeMistakes(mistakes, reader)
    .split('\n')
    .flatMap((line) => wrapped(line, width, line.startsWith(' ') ? ' '.repeat(6) : ''));
  const text = lines.join('\n');
  process.stderr.write(isJournal(STDERR, process.env) ? asJournalErrors(text) : text);
}
