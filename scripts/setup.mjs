/**
 * `npm run setup`: installs everything that the project needs on a machine with npm and Node 20 or
 * newer. `npm run setup -- --browser` also installs a Chromium, for the browser test;
 * `--operations` installs promtool, systemd-nspawn, Python and jq, for the operations and deployment
 * tests.
 *
 * Safe to repeat: it reports and keeps what is already installed. Plain JavaScript without imports
 * from packages, because it runs before any is installed, on the machine's own Node.
 */
import { spawnSync } from 'node:child_process';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { delimiter, dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { whyInstall } from './setup-packages.mjs';
import {
  OLDEST_REDIS,
  OPERATIONS_PROGRAMS,
  PROGRAMS,
  isAtLeast,
  planInstall,
  redisVersion,
  shown,
} from './setup-plan.mjs';

const OPTIONS = ['--browser', '--operations'];

/** The oldest Node that can run this script and npm; everything else runs on the Node of package.json (engines). */
const OLDEST_NODE = '20';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const projectBin = join(root, 'node_modules', '.bin');
const projectNode = join(projectBin, 'node');

/**
 * PATH without the project's own programs. npm puts them first, and would itself run on them while
 * they are being replaced, or if they don't run on this machine.
 */
const machinePath = (process.env.PATH ?? '')
  .split(delimiter)
  .filter((folder) => folder !== '' && !folder.startsWith(join(root, 'node_modules') + sep))
  .join(delimiter);

/** A step failed; the message explains what the user can do. */
class SetupStopped extends Error {}

try {
  main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof SetupStopped)) throw error;
  say('Stopped', error.message);
  process.exitCode = 1;
}

function main(options) {
  const unknown = options.find((option) => !OPTIONS.includes(option));
  if (unknown !== undefined) {
    throw new SetupStopped(
      `${unknown} is not an option of set-up. There are ${OPTIONS.join(' and ')}.`,
    );
  }
  checkNodeAndNpm();
  bringRedis();
  if (options.includes('--browser')) bringChromium();
  if (options.includes('--operations')) OPERATIONS_PROGRAMS.forEach(bringTool);
  bringPackages();
  checkProjectNode();
  build();
  sayWhatNext();
}

function checkNodeAndNpm() {
  if (!isAtLeast(process.versions.node, OLDEST_NODE)) {
    throw new SetupStopped(
      `Node ${process.versions.node} is too old: ${OLDEST_NODE} or newer is needed (https://nodejs.org).`,
    );
  }
  const npm = run(['npm', '--version']);
  if (npm.status !== 0) {
    throw new SetupStopped('npm is missing. It comes with Node (https://nodejs.org).');
  }
  say('Node', `${process.versions.node}, npm ${npm.stdout.trim()}`);
}

function bringRedis() {
  const before = findProgram('redis');
  if (before === undefined) install('redis');
  const path = before ?? findProgram('redis');
  if (path === undefined) {
    throw new SetupStopped('redis-server is still not on PATH after it was installed.');
  }
  const version = redisVersion(run([path, '--version']).stdout);
  if (version === undefined) {
    throw new SetupStopped(
      `${path} does not print its version: is it a Redis? mention-relay needs ${OLDEST_REDIS} or newer.`,
    );
  }
  if (!isAtLeast(version, OLDEST_REDIS)) {
    // Set-up does not upgrade it: somebody may be using it.
    throw new SetupStopped(
      `${path} is version ${version}, and mention-relay needs ${OLDEST_REDIS} or newer. Put a newer one first on PATH (https://redis.io/downloads), then run npm run setup again. With a newer Redis on another machine you don't need one here: npm ci && npm run build, and set REDIS_URL.`,
    );
  }
  say(
    'Redis',
    `redis-server ${version}${before === undefined ? '' : ' is here already'} (${path})`,
  );
}

function bringChromium() {
  const before = findProgram('chromium') ?? macBrowser();
  if (before === undefined) install('chromium');
  const path = before ?? findProgram('chromium') ?? macBrowser();
  if (path === undefined) {
    throw new SetupStopped('Chromium is still not on PATH after it was installed.');
  }
  say('Browser', before === undefined ? path : `${path} is here already`);
}

function bringTool(program) {
  const before = findProgram(program);
  if (before === undefined) install(program);
  const path = before ?? findProgram(program);
  if (path === undefined) {
    throw new SetupStopped(`${program} is still not on PATH after it was installed.`);
  }
  say('Tools', before === undefined ? path : `${path} is here already`);
}

function macBrowser() {
  if (process.platform !== 'darwin') return undefined;
  return [
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ].find((path) => existsSync(path));
}

function install(program) {
  const plan = planInstall(program, {
    platform: process.platform,
    distribution: distribution(),
    isRoot: process.getuid?.() === 0,
    runsSystemd: existsSync('/run/systemd/system'),
    has: (command) => which(command) !== undefined,
  });
  const label = { redis: 'Redis', chromium: 'Browser' }[program] ?? 'Tools';
  if (plan.kind === 'instruct') throw new SetupStopped(plan.words);
  say(
    label,
    `${PROGRAMS[program].commands[0]} is missing; it is for ${PROGRAMS[program].purpose}. Installing it, which can take a minute:`,
  );
  for (const command of plan.commands) {
    say('', shown(command));
    const result = run(command);
    if (result.status !== 0) throw commandFailed(command, result);
  }
}

function bringPackages() {
  const why = whyInstall(
    readJson(join(root, 'package-lock.json')),
    readJson(join(root, 'node_modules', '.package-lock.json')),
    {
      platform: process.platform,
      arch: process.arch,
      exists: (path) => existsSync(join(root, path)),
    },
  );
  if (why === undefined) {
    say('Packages', 'all are here already, as package-lock.json names them');
    return;
  }
  // Errors only: with a Node below 24 npm warns of engines, and everything will run on 24.
  // --include=dev: the build needs the development packages whatever NODE_ENV says.
  const command = ['npm', 'ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  say('Packages', `${why}. Installing them, which can take a minute:`);
  say('', shown(command));
  const result = run(command);
  if (result.status !== 0) throw commandFailed(command, result);
  // npm prints some warnings even at this level, such as one for a package without its install
  // script.
  const remarks = result.stderr.trim();
  if (remarks !== '') process.stderr.write(`${remarks}\n`);
}

/**
 * Makes sure that npm scripts run on the needed Node. The npm package `node` gives every npm script
 * the same Node. Its install script fetches the program; a machine can forbid install scripts, and
 * the program needs glibc, which Alpine does not have.
 */
function checkProjectNode() {
  const needed = /[\d.]+/u.exec(readJson(join(root, 'package.json')).engines.node)[0];
  const works = () => {
    const version = nodeVersion(projectNode);
    return version !== undefined && isAtLeast(version, needed) ? version : undefined;
  };
  if (works() === undefined) {
    const command = ['npm', 'rebuild', 'node', '--ignore-scripts=false', '--loglevel=error'];
    say('Runtime', `the project's own Node ${needed} does not run yet. Repairing it:`);
    say('', shown(command));
    run(command);
  }
  if (works() === undefined) useMachineNode(needed);
  const version = works();
  if (version === undefined) {
    // A Node that can't run would stop every npm script, including this one.
    rmSync(projectNode, { force: true });
    throw new SetupStopped(
      `the npm package 'node' brought no Node ${needed} that runs here, and the machine's own is ${process.versions.node}. If install scripts are forbidden, allow this one: npm rebuild node --ignore-scripts=false. On Alpine the package can't run: apk add nodejs npm (Alpine 3.23 or newer has ${needed}), or use Docker. Otherwise install Node ${needed} (https://nodejs.org). Then run npm run setup again.`,
    );
  }
  const own = realpathSync(projectNode);
  const isPackage = own.startsWith(realpathSync(join(root, 'node_modules')) + sep);
  say(
    'Runtime',
    isPackage
      ? `npm scripts run on Node ${version}, from the npm package 'node'`
      : `npm scripts run on the machine's own Node ${version} (${own}): the npm package 'node' does not run here`,
  );
}

function useMachineNode(needed) {
  const own = which('node');
  const version = own === undefined ? undefined : nodeVersion(own);
  if (own === undefined || version === undefined || !isAtLeast(version, needed)) return;
  mkdirSync(projectBin, { recursive: true });
  rmSync(projectNode, { force: true });
  symlinkSync(own, projectNode);
}

function nodeVersion(path) {
  const result = run([path, '-p', 'process.versions.node']);
  return result.status === 0 ? result.stdout.trim() : undefined;
}

function build() {
  const command = ['npm', 'run', '--silent', 'build'];
  const result = run(command);
  if (result.status !== 0) throw commandFailed(command, result);
  say('Build', 'dist/ is built');
}

function sayWhatNext() {
  process.stdout.write(`
Ready. Next steps:
  npm run demo    see it work, without configuration
  npm test        run the tests
  npm start       run it for real, after: install -m 600 config/example.env .env
                  and your API key and webhooks written into .env
`);
}

/** Runs a command to its end. The user can answer sudo's question in the terminal. */
function run(command) {
  const [program, ...args] = command;
  const result = spawnSync(program, args, {
    cwd: root,
    env: { ...process.env, PATH: machinePath },
    stdio: ['inherit', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return {
    status: result.status ?? 1,
    stdout: result.stdout ?? '',
    stderr: result.error === undefined ? result.stderr : result.error.message,
  };
}

function commandFailed(command, result) {
  process.stderr.write(`${result.stdout}${result.stderr}\n`);
  return new SetupStopped(
    `${shown(command)} failed with status ${result.status}; its output is above. Fix the cause, then run npm run setup again: it continues where it stopped.`,
  );
}

function findProgram(program) {
  for (const command of PROGRAMS[program].commands) {
    const path = which(command);
    if (path !== undefined) return path;
  }
  return undefined;
}

function which(command) {
  for (const folder of machinePath.split(delimiter)) {
    const path = join(folder, command);
    try {
      accessSync(path, constants.X_OK);
      if (statSync(path).isFile()) return path;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}

function distribution() {
  try {
    const line = /^ID=(.*)$/mu.exec(readFileSync('/etc/os-release', 'utf8'));
    return line?.[1].replaceAll(/["']/gu, '').toLowerCase();
  } catch {
    return undefined;
  }
}

/** Returns the parsed file, or undefined if it is missing or incomplete. */
function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

function say(label, words) {
  process.stdout.write(`${label.padEnd(9)} ${words}\n`);
}
