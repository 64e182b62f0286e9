import { describe, expect, test } from 'vitest';
import {
  isAtLeast,
  planInstall,
  redisVersion,
  shown,
  type Machine,
  type Program,
} from '../../scripts/setup-plan.mjs';

interface Case {
  readonly name: string;
  readonly program?: Program;
  readonly on?: Partial<Omit<Machine, 'has'>>;
  readonly commands: readonly string[];
}

function machine(on: Partial<Omit<Machine, 'has'>>, commands: readonly string[]): Machine {
  return {
    platform: 'linux',
    distribution: 'debian',
    isRoot: true,
    runsSystemd: false,
    ...on,
    has: (command) => commands.includes(command),
  };
}

const APT_INSTALL =
  'env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends';

describe('a missing program is installed', () => {
  const cases: readonly (Case & { readonly runs: readonly string[] })[] = [
    {
      name: 'as root on Debian: with apt-get, after an update of its lists',
      commands: ['apt-get', 'sudo'],
      runs: ['apt-get update -qq', `${APT_INSTALL} redis-server`],
    },
    {
      name: 'on a Debian that systemd runs: the service on port 6379 that comes along is stopped',
      on: { runsSystemd: true },
      commands: ['apt-get'],
      runs: [
        'apt-get update -qq',
        `${APT_INSTALL} redis-server`,
        'systemctl disable --now redis-server.service',
      ],
    },
    {
      name: 'not as root: every command with sudo',
      on: { isRoot: false, runsSystemd: true, distribution: 'ubuntu' },
      commands: ['apt-get', 'sudo'],
      runs: [
        'sudo apt-get update -qq',
        `sudo ${APT_INSTALL} redis-server`,
        'sudo systemctl disable --now redis-server.service',
      ],
    },
    {
      name: 'on Fedora: with dnf, which starts nothing',
      on: { isRoot: false, runsSystemd: true, distribution: 'fedora' },
      commands: ['dnf', 'sudo'],
      runs: ['sudo dnf install -y --quiet redis'],
    },
    {
      name: 'on Alpine: with apk',
      on: { distribution: 'alpine' },
      commands: ['apk'],
      runs: ['apk add --no-cache --quiet redis'],
    },
    {
      name: 'on macOS: with Homebrew, without sudo',
      on: { platform: 'darwin', distribution: undefined, isRoot: false },
      commands: ['brew', 'sudo'],
      runs: ['brew install --quiet redis'],
    },
    {
      name: "on Linux with Homebrew too: the distribution's own package manager goes first",
      commands: ['brew', 'apt-get'],
      runs: ['apt-get update -qq', `${APT_INSTALL} redis-server`],
    },
    {
      name: 'on an unknown distribution with Homebrew: with Homebrew',
      on: { distribution: 'nixos', isRoot: false },
      commands: ['brew'],
      runs: ['brew install --quiet redis'],
    },
    {
      name: 'Chromium on Debian: no service to stop',
      program: 'chromium',
      on: { runsSystemd: true },
      commands: ['apt-get'],
      runs: ['apt-get update -qq', `${APT_INSTALL} chromium`],
    },
    {
      name: 'Chromium on macOS: as a cask',
      program: 'chromium',
      on: { platform: 'darwin', distribution: undefined, isRoot: false },
      commands: ['brew'],
      runs: ['brew install --quiet --cask chromium'],
    },
    {
      name: 'Chromium on Alpine: with apk',
      program: 'chromium',
      on: { distribution: 'alpine' },
      commands: ['apk'],
      runs: ['apk add --no-cache --quiet chromium'],
    },
    {
      name: 'promtool on a Debian that systemd runs: the Prometheus that comes along is stopped',
      program: 'promtool',
      on: { runsSystemd: true },
      commands: ['apt-get'],
      runs: [
        'apt-get update -qq',
        `${APT_INSTALL} prometheus`,
        'systemctl disable --now prometheus.service',
      ],
    },
    {
      name: 'promtool on any other Debian: that Prometheus is stopped too, and stays so',
      program: 'promtool',
      on: { isRoot: false },
      commands: ['apt-get', 'sudo'],
      runs: [
        'sudo apt-get update -qq',
        `sudo ${APT_INSTALL} prometheus`,
        'sudo service prometheus stop',
        'sudo update-rc.d prometheus disable',
      ],
    },
    {
      name: 'the checkers of systemd in a container of Debian: with apt-get',
      program: 'systemd-analyze',
      commands: ['apt-get'],
      runs: ['apt-get update -qq', `${APT_INSTALL} systemd`],
    },
    {
      name: 'Python on Fedora: with dnf',
      program: 'python3',
      on: { distribution: 'fedora' },
      commands: ['dnf'],
      runs: ['dnf install -y --quiet python3'],
    },
  ];
  test.each(cases)('$name', ({ program = 'redis', on = {}, commands, runs }) => {
    const plan = planInstall(program, machine(on, commands));

    expect(plan).toMatchObject({ kind: 'run' });
    expect(plan.kind === 'run' && plan.commands.map(shown)).toEqual(runs);
  });
});

describe('if set-up cannot install, it prints what to do', () => {
  const cases: readonly (Case & { readonly says: string })[] = [
    {
      name: 'no root and no sudo: the commands for whoever is root',
      on: { isRoot: false },
      commands: ['apt-get'],
      says: `As root, run: apt-get update -qq && ${APT_INSTALL} redis-server.`,
    },
    {
      name: 'an unknown distribution',
      on: { distribution: 'nixos' },
      commands: ['nix-env'],
      says: "Install redis-server with your system's own package manager",
    },
    {
      name: 'macOS without Homebrew',
      on: { platform: 'darwin', distribution: undefined, isRoot: false },
      commands: [],
      says: 'Install Homebrew (https://brew.sh)',
    },
    {
      name: 'root with Homebrew, which refuses root',
      on: { platform: 'darwin', distribution: undefined },
      commands: ['brew'],
      says: 'As your own user, run: brew install --quiet redis',
    },
    {
      name: 'Windows',
      on: { platform: 'win32', distribution: undefined, isRoot: false },
      commands: [],
      says: 'Use WSL',
    },
    {
      name: 'Chromium on Ubuntu, where it is a snap',
      program: 'chromium',
      on: { distribution: 'ubuntu' },
      commands: ['apt-get'],
      says: 'sudo snap install chromium',
    },
    {
      name: 'Chromium with Homebrew on Linux',
      program: 'chromium',
      on: { isRoot: false },
      commands: ['brew'],
      says: 'Homebrew has it for macOS only',
    },
    {
      name: 'systemd on Alpine, which has none',
      program: 'systemd-notify',
      on: { distribution: 'alpine' },
      commands: ['apk'],
      says: 'install systemd-notify yourself where it exists',
    },
  ];
  test.each(cases)('$name', ({ program = 'redis', on = {}, commands, says }) => {
    const plan = planInstall(program, machine(on, commands));

    expect(plan).toMatchObject({ kind: 'tell' });
    expect(plan.kind === 'tell' && plan.words).toContain(says);
  });
});

test.each([
  { of: 'Redis', answer: 'Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc', is: '7.0.15' },
  { of: 'Valkey', answer: 'Valkey server v=8.1.0 sha=00000000:0 malloc=libc', is: '8.1.0' },
  { of: 'something else', answer: 'usage: redis-server [options]', is: undefined },
])('the version of $of is read from its answer', ({ answer, is }) => {
  expect(redisVersion(answer)).toBe(is);
});

test.each([
  { version: '6.2', minimum: '6.2', is: true },
  { version: '6.2.14', minimum: '6.2', is: true },
  { version: '6.0.16', minimum: '6.2', is: false },
  { version: '10.0.0', minimum: '6.2', is: true },
  { version: '7', minimum: '6.2', is: true },
  { version: '6', minimum: '6.2', is: false },
])('$version is at least $minimum: $is', ({ version, minimum, is }) => {
  expect(isAtLeast(version, minimum)).toBe(is);
});
