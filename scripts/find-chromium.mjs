import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { PROGRAMS } from './setup-plan.mjs';

/** Arguments for a quiet, offline Chromium without its sandbox, which root can't use. */
export const CHROMIUM_ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
];

const ON_MAC = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/**
 * Returns the path of the machine's Chromium or Chrome. If there is none, throws an error that
 * explains how to install one.
 */
export function findChromium() {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const path = PROGRAMS.chromium.commands
    .flatMap((command) => folders.map((folder) => join(folder, command)))
    .concat(process.platform === 'darwin' ? ON_MAC : [])
    .find((candidate) => existsSync(candidate));
  if (path === undefined) {
    throw new Error(
      'There is no Chromium on this machine. Install one: npm run setup -- --browser',
    );
  }
  return path;
}
