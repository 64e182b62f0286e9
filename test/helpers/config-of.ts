import { readFileSync } from 'node:fs';
import { readConfig, type Config } from '../../src/config/env.ts';
import { valueOf } from './value-of.ts';

/** Reads a valid configuration of these variables. It has an API key, and a webhook A. */
export function configOf(env: Readonly<Record<string, string | undefined>> = {}): Config {
  const reading = readConfig(
    { GROOUPLY_API_KEY: 'the-key', WEBHOOK_A_URL: 'https://a.example/secret-path', ...env },
    { readFile: (path) => readFileSync(path, 'utf8'), stdoutIsTty: false },
  );
  return valueOf(reading);
}
