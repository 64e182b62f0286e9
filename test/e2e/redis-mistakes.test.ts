import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { freePort, redisServer, type RedisServer } from '../helpers/private-redis.ts';
import { relayBench, type RelayBench } from '../helpers/relay-bench.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { redisNodes, startCluster, startSentinel } from '../helpers/redis-nodes.ts';

const run = promisify(execFile);

/** The daemon and `check` say the same, and the daemon ends at once. */
async function expectRefusal(
  bench: RelayBench,
  env: Readonly<Record<string, string>>,
  ...sentences: readonly RegExp[]
): Promise<void> {
  const daemon = bench.relay(env);
  expect(await daemon.ended).toEqual({ code: 1, signal: null });
  expect(daemon.events('relay.crashed')).toEqual([]);
  const check = await bench.run(['check'], env);
  expect(check.code).toBe(1);
  // The report is wrapped.
  const report = check.stdout.replaceAll(/\s+/g, ' ');
  for (const sentence of sentences) {
    expect(daemon.events('relay.start_failed')[0]?.['reason']).toMatch(sentence);
    expect(report).toMatch(sentence);
  }
  expect(`${daemon.stdout()}${check.stdout}`).not.toContain('a-password');
}

/** Starts a Redis with these settings; it ends with the returned object. */
async function redisWith(
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
interface Certificate extends Disposable {
  readonly dir: string;
  readonly ca: string;
  readonly tls: readonly string[];
}

function makeCertificate(): Certificate {
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

describe('REDIS_URL', () => {
  test('redis:// to a node of a Cluster names the right scheme', async () => {
    await using nodes = redisNodes();
    const cluster = await startCluster(nodes);
    await using bench = await relayBench();
    const answers = await Promise.all(
      cluster.map(async (node) => ({
        port: node.port,
        answer: await node.ask('GET', '{mention-relay}:x').catch((error: unknown) => String(error)),
      })),
    );
    const other = answers.find(({ answer }) => answer.includes('MOVED'))?.port;
    const message = [/this Redis is a node of a Cluster/i, /write redis\+cluster:\/\/ instead/i];
    await expectRefusal(bench, { REDIS_URL: `redis://127.0.0.1:${other}` }, ...message);
    await expectRefusal(bench, { REDIS_URL: `redis://127.0.0.1:${other}/3` }, ...message);
  });

  test('redis+cluster:// to a single server names the right scheme', async () => {
    await using bench = await relayBench();
    const REDIS_URL = bench.redis.url.replace('redis:', 'redis+cluster:');
    await expectRefusal(bench, { REDIS_URL }, /single server, not a Cluster/, /write redis:\/\//i);
  });

  test(
    'of Sentinels: a Redis, an unknown master, and redis:// to a Sentinel are told apart',
    { timeout: 90_000 },
    async () => {
      await using nodes = redisNodes();
      const { sentinel } = await startSentinel(nodes);
      await using bench = await relayBench();
      const at = (port: number): string => `redis+sentinel://127.0.0.1:${port}`;
      await expectRefusal(
        bench,
        { REDIS_URL: `${at(bench.redis.port)}/main` },
        /names a Redis server where it should name a Sentinel/,
      );
      await expectRefusal(
        bench,
        { REDIS_URL: `${at(sentinel.port)}/mein` },
        /know no master of that name/,
      );
      await expectRefusal(
        bench,
        { REDIS_URL: `redis://127.0.0.1:${sentinel.port}` },
        /names a Sentinel where it should name a Redis server/,
        /write redis\+sentinel/i,
      );
    },
  );

  test.each(['EVAL', 'INFO', 'HGET'])('of a Redis without %s names the command', async (name) => {
    await using bench = await relayBench();
    const hidden = name === 'EVAL' ? ['EVAL', 'EVALSHA'] : [name];
    await using redis = await redisWith(hidden.flatMap((each) => ['--rename-command', each, '']));
    await expectRefusal(
      bench,
      { REDIS_URL: `redis://127.0.0.1:${redis.port}` },
      new RegExp(`Redis lacks the command ${name}(SHA)?, which the relay needs`),
    );
  });

  const address = Object.values(networkInterfaces())
    .flat()
    .find((each) => each?.family === 'IPv4' && !each.internal)?.address;
  test.runIf(address)('of a Redis in protected mode asks for a password', async () => {
    await using bench = await relayBench();
    await using redis = await redisWith(['--bind', '*', '--protected-mode', 'yes']);
    await expectRefusal(
      bench,
      { REDIS_URL: `redis://${address}:${redis.port}` },
      /Redis is in protected mode/,
      /requirepass/,
    );
  });

  test('with TLS to a port without, and without to a port with, names the right scheme', async () => {
    await using bench = await relayBench();
    await expectRefusal(
      bench,
      { REDIS_URL: `rediss://:a-password@127.0.0.1:${bench.redis.port}` },
      /does not speak TLS/,
      /write redis:\/\/ instead of rediss:\/\//i,
    );
    using certificate = makeCertificate();
    await using redis = await redisWith(certificate.tls, ['--tls', '--cacert', certificate.ca]);
    await expectRefusal(
      bench,
      { REDIS_URL: `redis://:a-password@localhost:${redis.port}` },
      /speaks nothing but TLS/,
      /write rediss:\/\/ instead of redis:\/\//i,
    );
  });

  test('to a certificate of a private authority names NODE_EXTRA_CA_CERTS, which helps', async () => {
    await using bench = await relayBench();
    using certificate = makeCertificate();
    await using redis = await redisWith(certificate.tls, ['--tls', '--cacert', certificate.ca]);
    const REDIS_URL = `rediss://localhost:${redis.port}`;
    await expectRefusal(bench, { REDIS_URL }, /authority that issued/, /NODE_EXTRA_CA_CERTS/);
    const trusted = { NODE_EXTRA_CA_CERTS: certificate.ca };
    await expectRefusal(
      bench,
      { ...trusted, REDIS_URL: `rediss://127.0.0.1:${redis.port}` },
      /certificate is for another host name/,
    );
    bench.sandbox.spot(1);
    const daemon = bench.relay({ ...trusted, REDIS_URL });
    await bench.a.waitFor(1);
    expect(daemon.stderr()).toBe('');
  });

  test('to a Redis that asks for a client certificate says so', async () => {
    await using bench = await relayBench();
    using certificate = makeCertificate();
    const { dir, ca, tls } = certificate;
    const strict = tls.map((each) => (each === 'no' ? 'yes' : each));
    const own = ['--cert', join(dir, 'redis.pem'), '--key', join(dir, 'redis.key')];
    await using redis = await redisWith(strict, ['--tls', '--cacert', ca, ...own]);
    await expectRefusal(
      bench,
      { REDIS_URL: `rediss://localhost:${redis.port}`, NODE_EXTRA_CA_CERTS: ca },
      /asks for a certificate of its client/,
      /tls-auth-clients no/,
    );
  });

  test('of another service names it', async () => {
    await using bench = await relayBench();
    await using web = await listening(createServer((_, answer) => answer.end('hello')));
    await expectRefusal(
      bench,
      { REDIS_URL: `redis://:a-password@127.0.0.1:${web.port}` },
      /names a web server, not a Redis/,
    );
    await using ssh = await listening(
      createTcpServer((socket) => void socket.end('SSH-2.0-x\r\n')),
    );
    await expectRefusal(bench, { REDIS_URL: `redis://127.0.0.1:${ssh.port}` }, /no Redis/);
    // As twemproxy does with a command that it does not pass on.
    await using proxy = await listening(createTcpServer(answerPingAlone));
    await expectRefusal(bench, { REDIS_URL: `redis://127.0.0.1:${proxy.port}` }, /names a proxy/);
  });
});

function answerPingAlone(socket: Socket): void {
  socket.on('data', (bytes) => {
    if (bytes.includes('PING')) socket.write('+PONG\r\n');
    if (/HELLO|INFO/i.test(bytes.toString())) socket.end();
  });
}

async function listening(
  server: Server | ReturnType<typeof createTcpServer>,
): Promise<AsyncDisposable & { readonly port: number }> {
  server.on('connection', (socket: Socket) => void socket.on('error', () => undefined));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      if ('closeAllConnections' in server) server.closeAllConnections();
      server.close();
    },
  };
}

describe('a Redis that can be set right while the relay waits', () => {
  test('lacks a permission: the message names it, and the relay goes on once it is granted', async () => {
    await using bench = await relayBench();
    const { client } = bench.redis;
    await client.call(
      'ACL',
      'SETUSER',
      'relay',
      'on',
      '>a-password',
      '~*',
      '+@all',
      '-eval',
      '-evalsha',
    );
    const env = { REDIS_URL: bench.redis.url.replace('//', '//relay:a-password@') };
    bench.sandbox.spot(1);
    const daemon = bench.relay(env);
    expect(await daemon.waitForEvent('redis.error')).toMatchObject({
      level: 'error',
      reason: 'NOPERM',
      msg: expect.stringMatching(/may not run EVALSHA\. Grant it all commands \(\+@all\)/),
    });
    expect((await bench.run(['check'], env)).stdout).toContain('may not run EVALSHA');
    await client.call('ACL', 'SETUSER', 'relay', '+@all');
    await bench.a.waitFor(1);
  });

  test('has no place for another connection: the relay waits for one', async () => {
    await using bench = await relayBench();
    const { client } = bench.redis;
    await client.config('SET', 'maxclients', '1');
    bench.sandbox.spot(1);
    const daemon = bench.relay();
    expect(await daemon.waitForEvent('redis.error')).toMatchObject({ reason: 'MAXCLIENTS' });
    await client.config('SET', 'maxclients', '1000');
    await bench.a.waitFor(1);
  });

  test('becomes another one while the relay runs: the log says what it is, and nothing is lost', async () => {
    await using bench = await relayBench();
    const { redis, sandbox, a } = bench;
    const daemon = bench.relay();
    sandbox.spot(1);
    await a.waitFor(1);
    await redis.kill();
    await daemon.waitForEvent('redis.lost');
    const web = createServer((_, answer) => answer.end());
    await new Promise<void>((resolve) => web.listen(redis.port, '127.0.0.1', resolve));
    expect(await daemon.waitForEvent('redis.error')).toMatchObject({
      level: 'error',
      reason: 'not_redis',
    });
    web.closeAllConnections();
    await new Promise((resolve) => web.close(resolve));
    sandbox.spot(1);
    await redis.start();
    await daemon.waitForEvent('redis.back');
    await a.waitFor(2);
    await waitUntil('no more', () => a.mentionIds().length === 2);
  });
});
