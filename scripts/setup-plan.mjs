/**
 * Decides how `npm run setup` installs system programs on this machine. Runs nothing itself. Plain
 * JavaScript, because it runs before any package is installed.
 */

/** The oldest Redis that BullMQ supports fully (BullMQ's documentation, 'Redis Compatibility'). */
export const OLDEST_REDIS = '6.2';

/** The programs that set-up can install: their names on PATH, and their purpose. */
export const PROGRAMS = {
  redis: {
    commands: ['redis-server'],
    purpose: 'the embedded Redis of the relay, the demo and the tests',
  },
  chromium: {
    commands: ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'],
    purpose: 'the browser test',
  },
  promtool: { commands: ['promtool'], purpose: 'the operations tests' },
  'systemd-nspawn': { commands: ['systemd-nspawn'], purpose: 'the deployment tests' },
  python3: { commands: ['python3'], purpose: 'the operations tests' },
  jq: { commands: ['jq'], purpose: 'the operations tests' },
};

/** The programs that the operations and deployment tests need, each a row of PROGRAMS. */
export const OPERATIONS_PROGRAMS = ['promtool', 'systemd-nspawn', 'python3', 'jq'];

/** A package manager that is not named does not have the program, or may not have it. */
const PACKAGE_NAMES = {
  redis: { 'apt-get': 'redis-server', dnf: 'redis', apk: 'redis', brew: 'redis' },
  chromium: { 'apt-get': 'chromium', dnf: 'chromium', apk: 'chromium', brew: 'chromium' },
  promtool: { 'apt-get': 'prometheus' },
  'systemd-nspawn': { 'apt-get': 'systemd-container', dnf: 'systemd-container' },
  python3: { 'apt-get': 'python3', dnf: 'python3', apk: 'python3', brew: 'python3' },
  jq: { 'apt-get': 'jq', dnf: 'jq', apk: 'jq', brew: 'jq' },
};

/** Package managers by preference. Homebrew comes last: on Linux it is not the system's own. */
const PACKAGE_MANAGERS = ['apt-get', 'dnf', 'apk', 'brew'];

/**
 * Returns how to install a missing program on this machine.
 *
 * `kind: 'run'` lists the commands, each as an argument vector. `kind: 'instruct'` explains what
 * the user must do, because set-up can't: it knows no package manager here, or may not install.
 *
 * @param {import('./setup-plan.mjs').Program} program
 * @param {import('./setup-plan.mjs').Machine} machine
 * @returns {import('./setup-plan.mjs').InstallPlan}
 */
export function planInstall(program, machine) {
  const what = PROGRAMS[program].commands[0];
  if (machine.platform === 'win32') {
    return instruct(
      `${what} can't be installed on Windows from here. Use WSL (https://learn.microsoft.com/windows/wsl) and run npm run setup there, or Docker (docker compose up).`,
    );
  }
  const manager = PACKAGE_MANAGERS.find((name) => machine.has(name));
  if (manager === undefined) {
    return instruct(
      machine.platform === 'darwin'
        ? `${what} is missing, and so is Homebrew. Install Homebrew (https://brew.sh) and run npm run setup again, or install ${what} yourself.`
        : `${what} is missing, and set-up found none of ${PACKAGE_MANAGERS.join(', ')}. Install ${what} with your system's own package manager, then run npm run setup again.`,
    );
  }
  const name = PACKAGE_NAMES[program][manager];
  if (name === undefined) {
    return instruct(
      `${what} is missing, and set-up can't install it here. The operations tests are set up on Debian and Ubuntu; elsewhere, install ${what} yourself where it exists, then run npm run setup -- --operations again.`,
    );
  }
  if (manager === 'brew') return planBrew(program, machine);
  if (program === 'chromium' && machine.distribution === 'ubuntu') {
    return instruct(
      'Chromium is missing. On Ubuntu it comes as a snap: run sudo snap install chromium, or install Google Chrome, then run npm run setup -- --browser again.',
    );
  }

  const commands = {
    'apt-get': [
      ['apt-get', 'update', '-qq'],
      [
        'env',
        'DEBIAN_FRONTEND=noninteractive',
        'apt-get',
        'install',
        '-y',
        '-qq',
        '--no-install-recommends',
        name,
      ],
    ],
    dnf: [['dnf', 'install', '-y', '--quiet', name]],
    apk: [['apk', 'add', '--no-cache', '--quiet', name]],
  }[manager];
  if (manager === 'apt-get') commands.push(...endService(program, machine));
  if (machine.isRoot) return { kind: 'run', commands };
  if (machine.has('sudo')) {
    return { kind: 'run', commands: commands.map((command) => ['sudo', ...command]) };
  }
  return instruct(
    `${what} is missing, and installing it needs root. As root, run: ${commands.map(shown).join(' && ')}. Then run npm run setup again.`,
  );
}

/** Stops the Redis (port 6379) and the Prometheus (9090) that Debian's packages start. */
function endService(program, { runsSystemd }) {
  if (program === 'redis' && runsSystemd) {
    return [['systemctl', 'disable', '--now', 'redis-server.service']];
  }
  if (program === 'promtool') {
    return runsSystemd
      ? [['systemctl', 'disable', '--now', 'prometheus.service']]
      : [
          ['service', 'prometheus', 'stop'],
          ['update-rc.d', 'prometheus', 'disable'],
        ];
  }
  return [];
}

function planBrew(program, machine) {
  const name = PACKAGE_NAMES[program].brew;
  if (program === 'chromium' && machine.platform !== 'darwin') {
    return instruct(
      "Chromium is missing, and Homebrew has it for macOS only. Install it with your system's own package manager.",
    );
  }
  const command = [
    'brew',
    'install',
    '--quiet',
    ...(program === 'chromium' ? ['--cask'] : []),
    name,
  ];
  return machine.isRoot
    ? instruct(
        `Homebrew refuses to run as root. As your own user, run: ${shown(command)}. Then run npm run setup again.`,
      )
    : { kind: 'run', commands: [command] };
}

function instruct(words) {
  return { kind: 'instruct', words };
}

/**
 * Formats a command as it is typed.
 *
 * @param {readonly string[]} command
 */
export function shown(command) {
  return command.join(' ');
}

/**
 * Returns the version in the output of `redis-server --version` (Redis and Valkey both print
 * `v=7.0.15`), or undefined.
 *
 * @param {string} answer
 */
export function redisVersion(answer) {
  return /\bv=(\d+(?:\.\d+)*)/u.exec(answer)?.[1];
}

/**
 * Returns true if a dotted version is the minimum or newer.
 *
 * @param {string} version
 * @param {string} minimum
 */
export function isAtLeast(version, minimum) {
  const have = version.split('.').map(Number);
  const need = minimum.split('.').map(Number);
  for (const [place, part] of need.entries()) {
    const own = have[place] ?? 0;
    if (own !== part) return own > part;
  }
  return true;
}
