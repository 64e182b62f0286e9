import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, type TestContext } from 'vitest';
import { SANDBOX_GROUPS } from '../../src/sandbox/account.ts';
import { relayBench } from '../helpers/relay-bench.ts';
import { SIGNING_SECRETS } from '../webhooks/delivery-samples.ts';
import { expectEvent } from '../webhooks/http/http-payload.ts';

const TRACKED = { groups: SANDBOX_GROUPS.filter(({ tracking }) => tracking) };

interface CheckJson {
  readonly ok: boolean;
  readonly findings: readonly { level: string; code: string; about: string; todo?: string }[];
}

const codes = (stdout: string) =>
  (JSON.parse(stdout) as CheckJson).findings
    .filter(({ level }) => level !== 'ok')
    .map(({ level, code }) => `${level} ${code}`);

function dataDir({ onTestFinished }: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'relay-check-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'data');
}

describe.concurrent('check', () => {
  test('exits with 0 if all is well, sends nothing, and shows no secret', async () => {
    await using bench = await relayBench(TRACKED);
    bench.a.answerWith(() => ({ status: 405 }));
    const { code, stdout, stderr } = await bench.run(['check'], {
      WEBHOOK_A_SECRET: SIGNING_SECRETS[0],
      WEBHOOK_A_HEADERS: '{"authorization":"Bearer secret-token"}',
    });
    expect(stdout).toContain('All is well.');
    expect(stdout).toContain('accepts the key: account of 2019-02-03');
    expect([code, stderr]).toEqual([0, '']);
    for (const secret of ['sandbox-key', 'secret-path', 'whsec_', 'secret-token', '\u001b']) {
      expect(stdout).not.toContain(secret);
    }
    expect(bench.a.received.map(({ text }) => text)).toEqual(['']);
  });

  test('with --send sends each webhook a signed test.ping', async () => {
    await using bench = await relayBench(TRACKED);
    const { code, stdout } = await bench.run(['check', '--send'], {
      WEBHOOK_A_SECRET: SIGNING_SECRETS[0],
    });
    expect(stdout).toMatch(/127\.0\.0\.1:\d+ accepted the test\.ping in \d+ ms/);
    expect(code).toBe(0);
    const [ping] = bench.a.received;
    const payload = expectEvent(ping?.text ?? '', 'test.ping');
    expect(payload['data']).toMatchObject({ webhook: 'A' });
    expect(ping?.headers['webhook-signature']).toMatch(/^v1,/);
  });

  test('finds a group that waits for access, and filters that match nothing', async () => {
    await using bench = await relayBench();
    const { code, stdout } = await bench.run(['check'], {
      WEBHOOK_A_KEYWORDS: 'CRM, no such keyword',
    });
    expect(code).toBe(1);
    expect(stdout).toContain(
      '1 group is not tracked: Local Business Owners Help Desk (2044902829088090): pending access',
    );
    expect(stdout).toContain('WEBHOOK_A_KEYWORDS lists "no such keyword"');
    expect(stdout).toContain('2 warnings.');
  });

  test.each([
    ['a wrong key', 'GROOUPLY_API_KEY', 'wrong-key', 'problem key_rejected'],
    [
      'no server at the base URL',
      'GROOUPLY_API_URL',
      'http://127.0.0.1:1/api',
      'problem unanswered',
    ],
    ['a wrong path in the base URL', 'GROOUPLY_API_URL', 'ORIGIN/other', 'problem refused'],
  ])('finds %s', async (_, variable, value, expected) => {
    await using bench = await relayBench(TRACKED);
    const { code, stdout } = await bench.run(['check', '--json'], {
      [variable]: value.replace('ORIGIN', bench.sandbox.url.origin),
    });
    expect([code, codes(stdout)]).toEqual([1, [expected]]);
  });

  test('does not take a challenge page for a rejected key', async () => {
    await using bench = await relayBench(TRACKED);
    bench.sandbox.fault({ kind: 'html', status: 403, times: Infinity });
    const [people, scripts] = await Promise.all([
      bench.run(['check']),
      bench.run(['check', '--json']),
    ]);
    expect(people.code).toBe(1);
    expect(people.stdout.replaceAll(/\s+/g, ' ')).toMatch(/a web page instead .*\(403\).*a proxy/s);
    expect(people.stdout).not.toContain('check GROOUPLY_API_KEY');
    expect(scripts.stdout).toContain('"unreadable"');
  });

  test('reads an API that answers as PHP does', async () => {
    await using bench = await relayBench(TRACKED);
    bench.sandbox.fault({ kind: 'php', times: Infinity });
    const { stdout } = await bench.run(['check']);
    expect(stdout).toContain('All is well.');
  });

  test('finds a Redis that may drop or lose deliveries', async () => {
    await using bench = await relayBench(TRACKED);
    await bench.redis.client.config('SET', 'maxmemory-policy', 'allkeys-lru');
    await bench.redis.client.config('SET', 'appendonly', 'no');
    const { stdout } = await bench.run(['check', '--json']);
    expect(codes(stdout)).toEqual(['warning maxmemory-policy', 'warning appendonly']);
  });

  test('finds a Redis with the state of a newer release, and does not ask the API', async () => {
    await using bench = await relayBench(TRACKED);
    await bench.redis.client.hset('{mention-relay}:state', 'version', 99);
    const { stdout } = await bench.run(['check', '--json']);
    expect(codes(stdout)).toEqual(['problem state_version', 'skipped needs_redis']);
    expect(bench.sandbox.requests()).toEqual([]);
  });

  test('finds a Redis that is away, and still checks the webhooks', async () => {
    await using bench = await relayBench(TRACKED);
    await bench.redis.kill();
    const { code, stdout } = await bench.run(['check', '--json']);
    expect(code).toBe(1);
    expect(codes(stdout)).toEqual(['problem unreachable', 'skipped needs_redis']);
    expect(bench.a.received).toHaveLength(1);
  });

  test('finds a webhook that the relay holds, although its own test works', async () => {
    await using bench = await relayBench(TRACKED);
    bench.a.answerWith(() => ({ status: 500 }));
    bench.sandbox.spot(8);
    const relay = bench.relay({ RETRY_SCHEDULE_SECONDS: '3600' });
    await relay.waitForEvent('webhook.held');
    relay.kill('SIGKILL');
    await relay.ended;
    bench.a.answerWith(() => ({ status: 200 }));
    const { stdout } = await bench.run(['check', '--send']);
    expect(stdout).toMatch(
      /warning {2}the relay holds it after failed attempts, for \d+s so far; its deliveries wait\n.*-> wait a minute for its next probe, or run npm run cli -- resume A\n.*ok .*accepted the test.ping/,
    );
    expect(codes((await bench.run(['check', '--json'])).stdout)).toEqual(['warning held']);
    await bench.run(['resume', 'A']);
    expect((await bench.run(['check'])).stdout).toContain('All is well.');
  });

  test('uses the request budget of the relay', async () => {
    await using bench = await relayBench({ ...TRACKED, requestLimit: 2 });
    const env = { RATE_BUDGET_PER_MINUTE: '2' };
    const { stdout } = await bench.run(['check', '--json'], env);
    expect(codes(stdout)).toEqual(['warning no_room_for_sweeps']);
    const relay = bench.relay({ ...env, LOG_LEVEL: 'debug' });
    // The check used both slots: the relay's poll waits, and the API refuses nothing.
    await relay.waitForEvent('relay.started');
    expect(await bench.redis.client.zcard(await budgetKey(bench.redis.client))).toBe(2);
    expect(bench.sandbox.requests().map(({ status }) => status)).toEqual([200, 200]);
  });

  test('starts the embedded Redis temporarily if no relay runs', async (context) => {
    await using bench = await relayBench(TRACKED);
    const folder = dataDir(context);
    const env = { REDIS_URL: undefined, DATA_DIR: folder };
    const { code, stdout } = await bench.run(['check'], env);
    expect(stdout).toContain('the embedded Redis answers');
    expect(code).toBe(0);
    expect(existsSync(join(folder, 'redis.sock'))).toBe(false);

    // The relay starts with the same folder.
    const relay = bench.relay(env);
    await relay.waitForEvent('redis.embedded_started');
    await relay.waitForEvent('state.empty');
    expect((await bench.run(['check'], env)).code).toBe(0);
    expect((await bench.run(['status'], env)).code).toBe(0);
    relay.kill('SIGTERM');
    expect(await relay.ended).toEqual({ code: 0, signal: null });
  });

  test.for([
    ['check', 'SIGINT'],
    ['groups', 'SIGTERM'],
    ['preview', 'SIGHUP'],
  ] as const)(
    '%s, ended by %s, leaves no embedded Redis behind',
    async ([command, signal], context) => {
      await using silent = await startSilentServer();
      await using bench = await relayBench(TRACKED);
      const folder = dataDir(context);
      const running = bench.start([command], {
        REDIS_URL: undefined,
        DATA_DIR: folder,
        GROOUPLY_API_URL: silent.url,
      });
      await silent.asked;
      expect(existsSync(join(folder, 'redis.sock'))).toBe(true);
      running.kill(signal);
      expect(await running.ended).toEqual({ code: null, signal });
      expect(existsSync(join(folder, 'redis.sock'))).toBe(false);
      expect(running.stderr()).toBe('');
    },
  );

  test('reports configuration errors and exits with 78', async () => {
    await using bench = await relayBench(TRACKED);
    const { code, stderr } = await bench.run(['check'], { WEBHOOK_A_URL: 'nonsense' });
    expect(code).toBe(78);
    expect(stderr).toContain('WEBHOOK_A_URL begins with neither http:// nor https://');
    expect(stderr).not.toContain("can't start");
    const json = await bench.run(['check', '--json'], { WEBHOOK_A_URL: 'nonsense' });
    expect([json.code, json.stderr]).toEqual([78, '']);
    expect(codes(json.stdout)).toEqual(['problem mistake']);
  });
});

/** Starts a server that accepts requests and never answers. */
async function startSilentServer() {
  const { promise: asked, resolve: noteRequest } = Promise.withResolvers<void>();
  const server = createServer(() => noteRequest());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function budgetKey(redis: { keys(pattern: string): Promise<string[]> }): Promise<string> {
  const [key] = await redis.keys('{mention-relay}:budget:*');
  return key ?? '';
}
