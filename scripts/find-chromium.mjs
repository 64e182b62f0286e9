import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { PROGRAMS } from './setup-plan.mjs';

/** Quiet and offline, and without the sandbox, which root can't have. */
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
 * The path of the Chromium or Chrome of this machine. Throws, saying how to bring one, if there is
 * none.
 */
export function findChromium() {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const path = PROGRAMS.chromium.commands
    .flatMap((command) => folders.map((folder) => join(folder, command)))
    .concat(process.platform === 'darwin' ? ON_MAC : [])
    .find((candidate) => existsSync(candidate));
  if (path === undefined) {
    throw new Error('There is no Chromium on this machine. Bring one: npm run setup -- --browser');
  }
  return path;
}
