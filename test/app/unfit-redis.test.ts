import { createServer, type Server } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createApp } from '../../src/app/app.ts';
import { explainRedisError, openRunningRedis } from '../../src/cli/access/relay-redis.ts';
import { inSentences } from '../../src/domain/explanation.ts';
import { checkRedis } from '../../src/redis/redis-checks.ts';
import { redisKeys } from '../../src/redis/redis-keys.ts';
import { RedisUnfitError } from '../../src/redis/redis-mistakes.ts';
import type { Config } from '../../src/config/env.ts';
import { configOf } from '../helpers/config-of.ts';
import { recordingLog } from '../helpers/recording-log.ts';
import { redisNodes, startSentinel } from '../helpers/redis-nodes.ts';
import { makeCertificate, redisWith } from '../helpers/redis-with.ts';

/** The relay refuses to start at once, and a command says the same. */
async function expectRefusal(url: string, ...sentences: readonly RegExp[]): Promise<void> {
  // Nobody listens at the API's address; the relay does not get that far.
  const config = configOf({ REDIS_URL: url, GROOUPLY_API_URL: 'http://127.0.0.1:1' });
  const { log, shown } = recordingLog();
  const app = createApp(config, log, {
    nowMs: () => Date.now(),
    monotonicMs: () => performance.now(),
    random: () => 0.5,
  });
  const [refusal, answer] = await Promise.all([
    app.start().then(
      () => app.stop(),
      (error: unknown) => error,
    ),
    commandAnswer(config),
  ]);
  expect(refusal).toBeInstanceOf(RedisUnfitError);
  const { message } = refusal as RedisUnfitError;
  for (const sentence of sentences) {
    expect(message).toMatch(sentence);
    expect(answer).toMatch(sentence);
  }
  expect(message + answer + shown()).not.toContain('a-password');
}

/** Returns what a command says that uses Redis as `check` does. */
async function commandAnswer(config: Config): Promise<string> {
  const { state } = redisKeys(config.redisPrefix);
  try {
    const opened = await openRunningRedis(config);
    try {
      await checkRedis(opened.redis, state);
      await opened.redis.hget(state, 'version');
      return '';
    } finally {
      await opened.close();
    }
  } catch (error) {
    const explained = explainRedisError(config, error);
    if (explained === null) throw error;
    return inSentences(explained);
  }
}

/** Trusts an authority until the end of the test, as NODE_EXTRA_CA_CERTS does. */
function trust(file: string): void {
  const usual = getCACertificates('default');
  setDefaultCACertificates([...usual, readFileSync(file, 'utf8')]);
  onTestFinished(() => setDefaultCACertificates(usual));
}

describe('REDIS_URL', () => {
  test('redis+cluster:// to a single server names the right scheme', async () => {
    await using redis = await redisWith([]);
    await expectRefusal(
      `redis+cluster://127.0.0.1:${redis.port}`,
      /single server, not a Cluster/,
      /write redis:\/\//i,
    );
  });

  test('of Sentinels: a Redis, an unknown master, and redis:// to a Sentinel are told apart', async () => {
    await using nodes = redisNodes();
    const { master, sentinel } = await startSentinel(nodes);
    await Promise.all([
      expectRefusal(
        `redis+sentinel://127.0.0.1:${master.port}/main`,
        /names a Redis server where it should name a Sentinel/,
      ),
      expectRefusal(
        `redis+sentinel://127.0.0.1:${sentinel.port}/mein`,
        /know no master of that name/,
      ),
      expectRefusal(
        `redis://127.0.0.1:${sentinel.port}`,
        /names a Sentinel where it should name a Redis server/,
        /write redis\+sentinel/i,
      ),
    ]);
  });

  test.each(['INFO', 'HGET'])('of a Redis without %s names the command', async (name) => {
    await using redis = await redisWith(['--rename-command', name, '']);
    await expectRefusal(
      `redis://127.0.0.1:${redis.port}`,
      new RegExp(`Redis lacks the command ${name}, which the relay needs`),
    );
  });

  test('with a certificate that does not fit says why', async () => {
    using certificate = makeCertificate();
    await using redis = await redisWith(certificate.tls, ['--tls', '--cacert', certificate.ca]);
    await expectRefusal(
      `rediss://localhost:${redis.port}`,
      /authority that issued/,
      /NODE_EXTRA_CA_CERTS/,
    );
    trust(certificate.ca);
    await expectRefusal(`rediss://127.0.0.1:${redis.port}`, /certificate is for another host name/);
  });

  test('to a Redis that asks for a client certificate says so', async () => {
    using certificate = makeCertificate();
    const { dir, ca, tls } = certificate;
    const strict = tls.map((each) => (each === 'no' ? 'yes' : each));
    const own = ['--cert', join(dir, 'redis.pem'), '--key', join(dir, 'redis.key')];
    await using redis = await redisWith(strict, ['--tls', '--cacert', ca, ...own]);
    trust(ca);
    await expectRefusal(
      `rediss://localhost:${redis.port}`,
      /asks for a certificate of its client/,
      /tls-auth-clients no/,
    );
  });

  test('of another service names it', async () => {
    await using web = await listening(createServer((_, answer) => answer.end('hello')));
    await using ssh = await listening(
      createTcpServer((socket) => void socket.end('SSH-2.0-x\r\n')),
    );
    // As twemproxy does with a command that it does not pass on.
    await using proxy = await listening(createTcpServer(answerPingAlone));
    await Promise.all([
      expectRefusal(`redis://:a-password@127.0.0.1:${web.port}`, /names a web server, not a Redis/),
      expectRefusal(`redis://127.0.0.1:${ssh.port}`, /no Redis/),
      expectRefusal(`redis://127.0.0.1:${proxy.port}`, /names a proxy/),
    ]);
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
