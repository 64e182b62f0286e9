import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const MODERN_REDIS = 'echo "Redis server v=7.0.15 sha=00000000:0"';

/**
 * Creates a fake machine: a checkout whose PATH holds only these programs, each a shell script that
 * records its calls. `setUp` runs the real set-up script on it.
 */
function createMachine(programs: Readonly<Record<string, string>>) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'set-up-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const checkout = join(folder, 'checkout');
  const bin = join(folder, 'bin');
  const callsFile = join(folder, 'calls');
  mkdirSync(bin);
  cpSync('scripts', join(checkout, 'scripts'), { recursive: true });
  writeFileSync(join(checkout, 'package.json'), '{"type":"module","engines":{"node":">=24"}}');
  writeFileSync(join(checkout, 'package-lock.json'), '{"packages":{"":{}}}');
  writeFileSync(callsFile, '');

  function addProgram(name: string, script: string): void {
    const path = join(bin, name);
    writeFileSync(
      path,
      `#!/bin/sh\nPATH=/usr/bin:/bin\nprintf '%s\\n' "${name} $*" >> '${callsFile}'\n${script}\n`,
    );
    chmodSync(path, 0o755);
  }
  symlinkSync('/usr/bin/env', join(bin, 'env'));
  addProgram('sudo', `PATH='${bin}'; exec "$@"`);
  addProgram('systemctl', '');
  for (const [name, script] of Object.entries(programs)) {
    addProgram(name, script.replaceAll('BIN', bin));
  }

  const allCalls = () => readFileSync(callsFile, 'utf8').split('\n');
  return {
    projectNode: join(checkout, 'node_modules', '.bin', 'node'),
    calls: () =>
      allCalls().filter((call) => call !== '' && !/^(?:sudo|systemctl) |version/u.test(call)),
    systemdCalls: () => allCalls().filter((call) => call.startsWith('systemctl ')),
    setUp(options: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
      const result = spawnSync(process.execPath, ['scripts/setup.mjs', ...options], {
        cwd: checkout,
        env: { PATH: bin, ...env },
        encoding: 'utf8',
      });
      return { status: result.status, said: result.stdout, errors: result.stderr };
    },
  };
}

/** Returns true if the server of the package prometheus was stopped, in either way. */
function endedPrometheus(machine: ReturnType<typeof createMachine>): boolean {
  return (
    machine.calls().includes('service prometheus stop') ||
    machine.systemdCalls().includes('systemctl disable --now prometheus.service')
  );
}

/** Returns an npm whose `ci` installs the packages; `bringsNode` decides about the Node. */
function npmThat(bringsNode: { ci?: string; rebuild?: string }): string {
  return `case "$1" in
  --version) echo 11.0.0 ;;
  ci) mkdir -p node_modules/.bin node_modules/node/bin; cp package-lock.json node_modules/.package-lock.json; ${bringsNode.ci ?? ':'} ;;
  rebuild) ${bringsNode.rebuild ?? 'exit 1'} ;;
esac`;
}

function writesNode(version: string): string {
  const script = `#!/bin/sh\\necho ${version}\\n`;
  return `printf '${script}' > node_modules/node/bin/node; chmod +x node_modules/node/bin/node; ln -s ../node/bin/node node_modules/.bin/node`;
}

/** Returns an apt-get whose `install` puts a program on PATH. */
function aptGetThatInstalls(name: string, script: string): string {
  return `case "$*" in install*${name}) printf '#!/bin/sh\\n%s\\n' '${script}' > BIN/${name}; chmod +x BIN/${name} ;; esac`;
}

const NPM = npmThat({ ci: writesNode('24.9.9') });

test('a bare machine gets redis-server, packages and build once; each step is printed', () => {
  const machine = createMachine({
    npm: NPM,
    'apt-get': aptGetThatInstalls('redis-server', MODERN_REDIS),
  });

  const { status, said, errors } = machine.setUp();

  expect({ status, errors }).toEqual({ status: 0, errors: '' });
  expect(machine.calls()).toEqual([
    'apt-get update -qq',
    'apt-get install -y -qq --no-install-recommends redis-server',
    'npm ci --include=dev --no-audit --no-fund --loglevel=error',
    'npm run --silent build',
  ]);
  expect(said).toContain('apt-get update -qq\n');
  expect(said).toContain('Redis     redis-server 7.0.15 (');
  expect(said).toContain('npm ci --include=dev');
  expect(said).toContain("npm scripts run on Node 24.9.9, from the npm package 'node'");
  expect(said).toContain('npm run demo');

  // A second run installs nothing.
  const callsBefore = machine.calls().length;
  const second = machine.setUp();
  expect(second.status).toBe(0);
  expect(machine.calls().slice(callsBefore)).toEqual(['npm run --silent build']);
  expect(second.said).toContain('redis-server 7.0.15 is here already');
  expect(second.said).toContain('all are here already');
});

test('NODE_ENV=production does not prevent the development packages', () => {
  const machine = createMachine({ npm: NPM, 'redis-server': MODERN_REDIS });

  expect(machine.setUp([], { NODE_ENV: 'production' }).status).toBe(0);
  expect(machine.calls()).toContain('npm ci --include=dev --no-audit --no-fund --loglevel=error');
});

test('--browser installs a Chromium too', () => {
  const programs = { npm: NPM, 'redis-server': MODERN_REDIS, 'google-chrome': '' };
  const { status, said } = createMachine(programs).setUp(['--browser']);
  expect(status).toBe(0);
  expect(said).toMatch(/Browser +\S+google-chrome is here already/u);
});

test('--operations installs missing tools, and leaves no Prometheus running', () => {
  const machine = createMachine({
    npm: NPM,
    'redis-server': MODERN_REDIS,
    'systemd-nspawn': '',
    python3: '',
    jq: '',
    service: '',
    'update-rc.d': '',
    'apt-get':
      'case "$*" in install*prometheus) echo > BIN/promtool; chmod +x BIN/promtool ;; esac',
  });

  const first = machine.setUp(['--operations']);

  expect({ status: first.status, errors: first.errors }).toEqual({ status: 0, errors: '' });
  expect(first.said).toMatch(/Tools +promtool is missing; it is for the operations tests/u);
  expect(first.said).toMatch(/Tools +\S+systemd-nspawn is here already/u);
  expect(machine.calls()).toContain('apt-get install -y -qq --no-install-recommends prometheus');
  expect(endedPrometheus(machine)).toBe(true);

  const callsBefore = machine.calls().length;

  expect(machine.setUp(['--operations']).said).toMatch(/Tools +\S+promtool is here already/u);
  expect(machine.calls().slice(callsBefore)).toEqual(['npm run --silent build']);
});

test.each<[string, Readonly<Record<string, string>>, RegExp, readonly string[]]>([
  [
    'a failing installation',
    { 'apt-get': 'echo "Temporary failure resolving" >&2; exit 100' },
    /Stopped +.*apt-get update -qq failed with status 100/u,
    ['apt-get update -qq'],
  ],
  ['no package manager', {}, /redis-server is missing/u, []],
  [
    'a Redis that is too old',
    { 'apt-get': '', 'redis-server': 'echo "Redis server v=6.0.16 sha=00000000:0"' },
    /is version 6\.0\.16, and mention-relay needs 6\.2 or newer/u,
    [],
  ],
])('%s stops set-up with what to do', (_, programs, words, calls) => {
  const machine = createMachine({ npm: NPM, ...programs });
  const { status, said, errors } = machine.setUp();
  expect(status).toBe(1);
  expect(said).toMatch(words);
  expect(errors).toContain(programs['apt-get'] ? 'Temporary failure resolving' : '');
  expect(machine.calls()).toEqual(calls);
});

test('an unknown option is refused', () => {
  const { status, said } = createMachine({ npm: NPM }).setUp(['--brwoser']);
  expect(status).toBe(1);
  expect(said).toContain('--brwoser is not an option');
});

const BROKEN = { ci: writesNode('24.9.9; exit 127') };

test.each<[string, Readonly<Record<string, string>>, string]>([
  [
    "the project's Node, even if install scripts are forbidden",
    { npm: npmThat({ rebuild: writesNode('24.9.9') }) },
    "Node 24.9.9, from the npm package 'node'",
  ],
  [
    "the machine's own Node if the npm package's does not run",
    { npm: npmThat(BROKEN), node: 'echo 24.1.0' },
    "the machine's own Node 24.1.0",
  ],
])('npm scripts run on %s', (_, programs, words) => {
  const { status, said } = createMachine({ ...programs, 'redis-server': MODERN_REDIS }).setUp();
  expect(status).toBe(0);
  expect(said).toContain(`npm scripts run on ${words}`);
});

test('if no Node 24 runs, set-up stops, and leaves no Node that would break the next run', () => {
  const programs = { npm: npmThat(BROKEN), 'redis-server': MODERN_REDIS, node: 'echo 20.20.2' };
  const machine = createMachine(programs);
  const { status, said } = machine.setUp();
  expect(status).toBe(1);
  expect(said).toContain('brought no Node 24 that runs here');
  expect(existsSync(machine.projectNode)).toBe(false);
  expect(machine.calls()).not.toContain('npm run --silent build');
});
