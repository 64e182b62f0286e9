import { readFileSync } from 'node:fs';
import { mergeEnvFile } from '../../config/env-file.ts';
import { readConfig, type Config } from '../../config/env.ts';
import { describeMistakes } from '../../config/mistakes.ts';

/** Configuration error, of sysexits.h: restarting does not help. */
const EX_CONFIG = 78;

/**
 * The configuration of this process: its environment, and a `.env` file in the working directory.
 * With mistakes in it, they go to stderr, all at once, and the process ends with status 78.
 */
export function configFromProcess(): Config {
  const readFile = (path: string): string => readFileSync(path, 'utf8');
  const merged = mergeEnvFile(process.env, { path: '.env', readFile });
  const reading = merged.ok
    ? readConfig(merged.env, { readFile, stdoutIsTty: process.stdout.isTTY })
    : merged;
  if (reading.ok) return reading.config;
  process.stderr.write(describeMistakes(reading.mistakes));
  process.exit(EX_CONFIG);
}
