import { describe, expect, test } from 'vitest';
import {
  isAtLeast,
  planInstall,
  redisVersion,
  shown,
  type Machine,
  type Program,
} from '../../scripts/setup-plan.mjs';

type On = Partial<Omit<Machine, 'has'>>;

const DEBIAN: On = { platform: 'linux', distribution: 'debian', isRoot: true, runsSystemd: false };
const MACOS: On = { platform: 'darwin', distribution: undefined, isRoot: false };
const USER: On = { isRoot: false };
const SYSTEMD: On = { runsSystemd: true };
const distribution = (name: string, on: On = {}): On => ({ ...on, distribution: name });

/** Plans the installation of a program on a machine with these commands. */
function plan(program: Program, on: On, commands: string) {
  const has = (command: string) => commands.split(' ').includes(command);
  return planInstall(program, { ...DEBIAN, ...on, has } as Machine);
}

const UPDATE = 'apt-get update -qq';
const INSTALL = 'env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends';

test.each<[string, Program, On, string, string[]]>([
  ['root on Debian', 'redis', {}, 'apt-get sudo', [UPDATE, `${INSTALL} redis-server`]],
  [
    'a Debian with systemd, where the service that comes along is stopped',
    'redis',
    SYSTEMD,
    'apt-get',
    [UPDATE, `${INSTALL} redis-server`, 'systemctl disable --now redis-server.service'],
  ],
  [
    'a user, with sudo',
    'redis',
    distribution('ubuntu', { ...USER, ...SYSTEMD }),
    'apt-get sudo',
    [UPDATE, `${INSTALL} redis-server`, 'systemctl disable --now redis-server.service'].map(
      (command) => `sudo ${command}`,
    ),
  ],
  [
    'Fedora, which starts no service',
    'redis',
    distribution('fedora', { ...USER, ...SYSTEMD }),
    'dnf sudo',
    ['sudo dnf install -y --quiet redis'],
  ],
  ['Alpine', 'redis', distribution('alpine'), 'apk', ['apk add --no-cache --quiet redis']],
  ['macOS, without sudo', 'redis', MACOS, 'brew sudo', ['brew install --quiet redis']],
  [
    "Linux with Homebrew, after the distribution's own package manager",
    'redis',
    {},
    'brew apt-get',
    [UPDATE, `${INSTALL} redis-server`],
  ],
  [
    'an unknown distribution with Homebrew',
    'redis',
    distribution('nixos', USER),
    'brew',
    ['brew install --quiet redis'],
  ],
  ['Debian', 'chromium', SYSTEMD, 'apt-get', [UPDATE, `${INSTALL} chromium`]],
  ['macOS', 'chromium', MACOS, 'brew', ['brew install --quiet --cask chromium']],
  ['Alpine', 'chromium', distribution('alpine'), 'apk', ['apk add --no-cache --quiet chromium']],
  [
    'a Debian with systemd, where Prometheus is stopped',
    'promtool',
    SYSTEMD,
    'apt-get',
    [UPDATE, `${INSTALL} prometheus`, 'systemctl disable --now prometheus.service'],
  ],
  [
    'any other Debian, where Prometheus is stopped too',
    'promtool',
    USER,
    'apt-get sudo',
    [
      `sudo ${UPDATE}`,
      `sudo ${INSTALL} prometheus`,
      'sudo service prometheus stop',
      'sudo update-rc.d prometheus disable',
    ],
  ],
  ['a container', 'systemd-nspawn', {}, 'apt-get', [UPDATE, `${INSTALL} systemd-container`]],
  ['Fedora', 'python3', distribution('fedora'), 'dnf', ['dnf install -y --quiet python3']],
])('on %s: %s is installed', (_, program, on, commands, runs) => {
  const planned = plan(program, on, commands);
  expect(planned.kind === 'run' && planned.commands.map(shown)).toEqual(runs);
});

test.each<[string, Program, On, string, string]>([
  [
    'a user without sudo',
    'redis',
    USER,
    'apt-get',
    `As root, run: ${UPDATE} && ${INSTALL} redis-server.`,
  ],
  [
    'an unknown distribution',
    'redis',
    distribution('nixos'),
    'nix-env',
    "Install redis-server with your system's own package manager",
  ],
  ['macOS without Homebrew', 'redis', MACOS, '', 'Install Homebrew (https://brew.sh)'],
  [
    'macOS as root, which Homebrew refuses',
    'redis',
    { ...MACOS, isRoot: true },
    'brew',
    'As your own user, run: brew install --quiet redis',
  ],
  ['Windows', 'redis', { ...MACOS, platform: 'win32' }, '', 'Use WSL'],
  [
    'Ubuntu, where Chromium is a snap',
    'chromium',
    distribution('ubuntu'),
    'apt-get',
    'sudo snap install chromium',
  ],
  ['Linux with Homebrew', 'chromium', USER, 'brew', 'Homebrew has it for macOS only'],
  [
    'Alpine, which has no systemd',
    'systemd-nspawn',
    distribution('alpine'),
    'apk',
    'install systemd-nspawn yourself where it exists',
  ],
])('on %s: the instructions for %s', (_, program, on, commands, words) => {
  const planned = plan(program, on, commands);
  expect(planned.kind === 'instruct' && planned.words).toContain(words);
});

describe('the version of Redis', () => {
  test.each([
    ['Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc', '7.0.15'],
    ['Valkey server v=8.1.0 sha=00000000:0 malloc=libc', '8.1.0'],
    ['usage: redis-server [options]', undefined],
  ])('in "%s" is %s', (answer, version) => {
    expect(redisVersion(answer)).toBe(version);
  });

  test.each([
    ['6.2', true],
    ['6.2.14', true],
    ['6.0.16', false],
    ['10.0.0', true],
    ['7', true],
    ['6', false],
  ])('%s is at least 6.2: %s', (version, newEnough) => {
    expect(isAtLeast(version, '6.2')).toBe(newEnough);
  });
});
