import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitUntil } from '../helpers/wait-until.ts';

const PROJECT = join(import.meta.dirname, '../..');

/** A systemd that runs as process 1, with this machine's programs, and the project in /opt/mention-relay. */
export interface SystemdMachine extends AsyncDisposable {
  /** Runs a script of sh as root. */
  readonly sh: (script: string) => { readonly status: number | null; readonly output: string };
}

/** Returns why no systemd can be started on this machine; null if one can. */
export function whyNoSystemd(): string | null {
  if (process.platform !== 'linux') return 'this is not Linux';
  if (process.getuid?.() !== 0) return 'only root can start it';
  const missing = [
    ['systemd-nspawn', 'systemd-container'],
    ['systemd-notify', 'systemd'],
    ['redis-server', 'redis-server'],
  ].filter(([program = '']) => spawnSync('which', [program]).status !== 0);
  if (missing.length > 0) {
    return `apt-get install ${missing.map(([, name]) => name).join(' ')} is needed`;
  }
  const mount = ['--mount', '--', 'mount', '-t', 'tmpfs', 'none', '/mnt'];
  return spawnSync('unshare', mount).status === 0 ? null : 'this machine forbids mounts';
}

// The machine's files: those of this machine, with changes in memory, in a mount namespace that ends
// with the machine.
const BOOT = `
set -eu
mount -t tmpfs none "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay none -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
rm -rf "$1/root/var/log/journal" "$1/root/etc/mention-relay" "$1/root/etc/systemd/system/mention-relay.service"*
: > "$1/root/etc/machine-id"
for folder in $3; do echo $$ > "$folder/cgroup.procs"; done
exec setpriv --pdeathsig KILL systemd-nspawn --quiet --keep-unit --register=no --private-network \\
  --resolv-conf=off --bind-ro="$2:/opt/mention-relay" -D "$1/root" -M relay-test -b systemd.unit=basic.target
`;

/** Boots a systemd in a container with a loopback network alone. */
export async function bootSystemd(): Promise<SystemdMachine> {
  const folder = mkdtempSync(join(tmpdir(), 'relay-systemd-'));
  // systemd needs a control group of its own, in the hierarchies that it uses.
  const groups = ['systemd', 'unified', '.']
    .map((name) => join('/sys/fs/cgroup', name))
    .filter((path) => existsSync(join(path, 'cgroup.procs')))
    .map((path) => join(path, `relay-test-${process.pid}`));
  for (const group of groups) mkdirSync(group, { recursive: true });
  const nspawn = spawn(
    'unshare',
    ['--mount', '--', 'sh', '-c', BOOT, 'boot', folder, PROJECT, groups.join(' ')],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  for (const stream of [nspawn.stdout, nspawn.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  let ended = false;
  const end = new Promise<void>((resolve) => {
    nspawn.once('close', () => {
      ended = true;
      resolve();
    });
  });
  const first = (): number =>
    Number(readFileSync(`/proc/${nspawn.pid}/task/${nspawn.pid}/children`, 'utf8').split(' ')[0]);
  const inside = (script: string) =>
    spawnSync(
      'nsenter',
      // Its process 1 may not exist yet.
      [
        '-t',
        String(first() || 'none'),
        '-a',
        'env',
        '-i',
        'TERM=dumb',
        `PATH=${PATH}`,
        'sh',
        '-c',
        script,
      ],
      { encoding: 'utf8' },
    );
  await waitUntil('systemd', () => {
    if (ended) throw new Error(`systemd did not boot\n${output}`);
    return inside('systemctl is-active basic.target').stdout === 'active\n';
  });
  const processOne = first();

  return {
    sh(script) {
      const { status, stdout, stderr } = inside(script);
      return { status, output: stdout + stderr };
    },
    async [Symbol.asyncDispose]() {
      process.kill(processOne, 'SIGKILL');
      await end;
      for (const group of groups) removeGroup(group);
      rmSync(folder, { recursive: true });
    },
  };
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

function removeGroup(path: string): void {
  spawnSync('find', [path, '-depth', '-type', 'd', '-exec', 'rmdir', '{}', '+']);
  if (existsSync(path)) rmdirSync(path);
}
