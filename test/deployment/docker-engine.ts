import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PROJECT = join(import.meta.dirname, '../..');

/** The output and the exit status of a command. */
interface End {
  readonly status: number | null;
  /** stdout and stderr. */
  readonly output: string;
}

/** A Docker engine of its own, without a network. */
export interface DockerEngine extends AsyncDisposable {
  /** Runs a script of sh in the project's folder, with Docker and Compose of this engine. */
  readonly sh: (script: string) => Promise<End>;
}

/** Returns why no engine can be started on this machine; null if one can. */
export function whyNoDocker(): string | null {
  if (process.platform !== 'linux') return 'this is not Linux';
  if (process.getuid?.() !== 0) return 'only root can start an engine';
  if (spawnSync('apt-get', ['--version']).status !== 0) return 'this is neither Debian nor Ubuntu';
  const mount = ['--mount', '--', 'mount', '-t', 'tmpfs', 'none', '/mnt'];
  return spawnSync('unshare', mount).status === 0 ? null : 'this machine forbids mounts';
}

/** Starts an engine with stand-ins for the base images. Its containers end with it. */
export async function startDocker(): Promise<DockerEngine> {
  const folder = mkdtempSync(join(tmpdir(), 'relay-docker-'));
  const engine = spawn(
    'setpriv',
    ['--pdeathsig', 'TERM', join(PROJECT, 'test/deployment/docker-engine.sh'), folder, PROJECT],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const ended = once(engine, 'exit');
  let output = '';
  const ready = Promise.withResolvers<void>();
  for (const stream of [engine.stdout, engine.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (/^ready$/m.test(output)) ready.resolve();
    });
  }
  async function sh(script: string): Promise<End> {
    const child = spawn('sh', ['-c', script], {
      cwd: PROJECT,
      env: {
        PATH: process.env['PATH'],
        HOME: folder,
        DOCKER_BUILDKIT: '1',
        DOCKER_CONFIG: join(folder, 'config'),
        DOCKER_HOST: `unix://${join(folder, 'docker.sock')}`,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (said += text));
    }
    const [status] = (await once(child, 'close')) as [number | null];
    return { status, output: said };
  }
  async function stop(): Promise<void> {
    await sh('docker ps -aq | xargs -r docker rm -fv');
    engine.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
  try {
    await Promise.race([
      ready.promise,
      ended.then(() => {
        throw new Error(`the engine did not start: ${output}`);
      }),
    ]);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  return { sh, [Symbol.asyncDispose]: stop };
}
