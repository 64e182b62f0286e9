import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, redisServer, type RedisServer } from './private-redis.ts';

const run = promisify(execFile);

/** Starts a Redis with these settings; it ends with the returned object. */
export async function redisWith(
  settings: readonly string[],
  ready: readonly string[] = [],
): Promise<AsyncDisposable & { readonly port: number; readonly server: RedisServer }> {
  const server = redisServer();
  const port = await freePort();
  const own = settings.includes('--tls-port') ? [] : ['--port', `${port}`];
  await server.start(
    [
      ...own,
      '--dir',
      server.dir,
      '--save',
      '',
      ...settings.map((each) => each.replace('PORT', `${port}`)),
    ],
    async () => {
      const answer = await run('redis-cli', ['-p', `${port}`, ...ready, 'PING']).catch(() => null);
      return /PONG|NOAUTH/.test(answer?.stdout ?? '');
    },
  );
  return { port, server, [Symbol.asyncDispose]: () => server.dispose() };
}

/** An authority of our own, and the settings of a Redis with its certificate for localhost. */
export interface Certificate extends Disposable {
  readonly dir: string;
  readonly ca: string;
  readonly tls: readonly string[];
}

export function makeCertificate(): Certificate {
  const dir = mkdtempSync(join(tmpdir(), 'relay-tls-'));
  const openssl = (...args: readonly string[]): unknown =>
    execFileSync('openssl', args, { cwd: dir, stdio: 'ignore' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl(
    'req',
    '-x509',
    ...key,
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-subj',
    '/CN=Our authority',
  );
  openssl('req', ...key, '-keyout', 'redis.key', '-out', 'redis.csr', '-subj', '/CN=localhost');
  execFileSync(
    'sh',
    [
      '-c',
      'echo subjectAltName=DNS:localhost > san && openssl x509 -req -in redis.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile san -out redis.pem',
    ],
    { cwd: dir, stdio: 'ignore' },
  );
  const tls = ['--port', '0', '--tls-port', 'PORT', '--tls-auth-clients', 'no'];
  for (const [name, file] of [
    ['cert', 'redis.pem'],
    ['key', 'redis.key'],
    ['ca-cert', 'ca.pem'],
  ] as const) {
    tls.push(`--tls-${name}-file`, join(dir, file));
  }
  return {
    dir,
    ca: join(dir, 'ca.pem'),
    tls,
    [Symbol.dispose]: () => rmSync(dir, { recursive: true }),
  };
}
