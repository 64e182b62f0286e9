import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeBlocks, read } from '../docs/markdown.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { startDocker, whyNoDocker, type DockerEngine } from './docker-engine.ts';

const why = whyNoDocker();
// A skipped suite says why.
const suite = why === null ? 'the image on a real engine' : `the image on a real engine: ${why}`;

describe.skipIf(why !== null).concurrent(suite, () => {
  let engine: DockerEngine;
  const folder = mkdtempSync(join(tmpdir(), 'relay-image-'));
  const env = join(folder, 'good.env');

  /** Runs a script; throws with its output if it fails. Returns the output. */
  async function sh(script: string): Promise<string> {
    const { status, output } = await engine.sh(script);
    if (status !== 0) throw new Error(`status ${status} of ${script}\n${output}`);
    return output;
  }

  /** Starts a network of its own with the API, a receiver and, if asked for, a Redis. */
  async function network(name: string, { redis = true } = {}): Promise<string> {
    await sh(`docker run -d --name ${name} --network none --entrypoint sleep node:24-slim 1000
      docker exec -u 0 ${name} sh -c 'echo "127.0.0.1 redis" >> /etc/hosts'`);
    const inside = `--network container:${name}`;
    await sh(`docker run -d --name ${name}-api ${inside} mention-relay:local sandbox --rate 60
      docker run -d --name ${name}-receiver ${inside} node:24-slim node -e '
        require("http").createServer((q, s) => { q.resume(); s.end("ok"); }).listen(9099)'
      ${redis ? `docker run -d --name ${name}-redis ${inside} redis:7.4-alpine redis-server --appendonly yes` : ''}`);
    return inside;
  }

  const logOf = (container: string): Promise<string> => sh(`docker logs ${container} 2>&1`);
  const inspect = async (container: string, format: string): Promise<string> =>
    (await sh(`docker inspect -f '{{${format}}}' ${container}`)).trim();

  async function waitForLog(container: string, text: string, count = 1): Promise<void> {
    let log = '';
    await waitUntil(
      `${count} times ${text} in the log of ${container}`,
      async () => {
        log = (await engine.sh(`docker logs ${container} 2>&1`)).output;
        return log.split(text).length > count;
      },
      120_000,
    );
  }

  /** Runs the check of the image in a container, as the engine does. */
  async function check(container: string): Promise<number | null> {
    const command = await inspect(container, 'index .Config.Healthcheck.Test 1');
    return (await engine.sh(`docker exec ${container} sh -c '${command}'`)).status;
  }

  /** Sends a signal to the relay in a container, from inside it: SIGKILL may end the sender too. */
  async function signal(container: string, name: 'SIGSTOP' | 'SIGKILL'): Promise<void> {
    await sh(`docker exec ${container} node -e '
      const isRelay = (pid) => pid > 1 && pid != process.pid &&
        /^(node|mention-relay)\\b/.test(fs.readFileSync("/proc/" + pid + "/cmdline", "utf8"));
      process.kill(fs.readdirSync("/proc").find(isRelay), "${name}");' || [ $? = 137 ]`);
  }

  beforeAll(async () => {
    writeFileSync(
      env,
      [
        'GROOUPLY_API_URL=http://127.0.0.1:4010/api',
        'GROOUPLY_API_KEY=sandbox-key',
        'WEBHOOK_SALES_URL=http://127.0.0.1:9099/a',
        'BACKLOG=none',
        '',
      ].join('\n'),
    );
    writeFileSync(join(folder, 'bad.env'), 'GROOUPLY_API_KEY="in-quotes"\n');
    engine = await startDocker();
    await sh('docker build -q --network host -t mention-relay:local .');
    await sh('docker build -q --network host -t mention-relay:standalone --target standalone .');
  });
  afterAll(async () => {
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- the start may have failed
    await engine?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Returns the command for Compose in a network, with an .env. */
  function compose(name: string, envFile: string): string {
    const file = join(folder, `${name}.yml`);
    const service = `network_mode: 'container:${name}', networks: !reset null`;
    writeFileSync(
      file,
      `services:
  redis: { ${service} }
  relay: { ${service}, env_file: !override [ '${join(folder, envFile)}' ], healthcheck: { interval: 5s } }
  demo: { ${service}, ports: !reset [] }
`,
    );
    return `docker compose -p ${name} -f docker-compose.yml -f ${file}`;
  }

  test('Compose: replicas and the demo start and stop cleanly; one that hangs is unhealthy, without an API none is', async () => {
    const name = 'composed';
    await network(name, { redis: false });
    const run = compose(name, 'good.env');
    await sh(`${run} --profile demo up -d --scale relay=2`);
    await waitForLog(`${name}-relay-1`, 'poll.completed');
    await sh(`docker rm -f ${name}-api`);
    await waitForLog(`${name}-relay-1`, 'poll.failed');
    expect([await check(`${name}-relay-1`), await check(`${name}-relay-2`)]).toEqual([0, 0]);

    await signal(`${name}-relay-2`, 'SIGSTOP');
    await sh(`docker exec ${name}-relay-2 node -e '
      const ago = Date.now() / 1000 - 61;
      fs.utimesSync(process.env.MENTION_RELAY_HEALTH_FILE, ago, ago);'`);
    expect([await check(`${name}-relay-1`), await check(`${name}-relay-2`)]).toEqual([0, 1]);
    await sh(`docker rm -f ${name}-relay-2`);

    await sh(`${run} --profile demo stop`);
    for (const stopped of ['relay-1', 'demo-1', 'redis-1']) {
      expect(await inspect(`${name}-${stopped}`, '.State.ExitCode')).toBe('0');
    }
    await sh(`${run} --profile demo down -v`);
    expect(await sh(`docker ps -aq --filter name=${name}-relay`)).toBe('');
  });

  test('Compose: mistakes in the configuration show in `up --wait`, and the log stays short', async () => {
    const name = 'mistaken';
    await network(name, { redis: false });
    const run = compose(name, 'bad.env');
    const { status, output } = await engine.sh(`${run} up -d --wait`);
    expect(status).toBe(1);
    expect(output).toContain(`${name}-relay-1 is unhealthy`);
    const log = await logOf(`${name}-relay-1`);
    expect(log).toContain('WEBHOOK_<NAME>_URL is not set');
    expect(log.split("can't start").length - 1).toBeLessThan(5);
    await sh(`${run} stop relay`);
    expect(await inspect(`${name}-relay-1`, '.State.ExitCode')).toBe('78');
  });

  test('the image alone: a configuration that is missing, and a Redis that is missing, without a word of npm', async () => {
    // So slow that the mistakes take many seconds, after which a new container ends at once nevertheless.
    const none = await engine.sh('docker run --rm --network none --cpus 0.05 mention-relay:local');
    expect(none).toMatchObject({ status: 78, output: expect.stringContaining('is not set') });
    expect(none.output).not.toContain('ends in');
    const quoted = await engine.sh(
      `docker run --rm --network none --env-file ${join(folder, 'bad.env')} mention-relay:local`,
    );
    expect(quoted.output).toContain('GROOUPLY_API_KEY has quotation marks around it');
    const alone = await engine.sh(
      `docker run --rm --network none --env-file ${env} mention-relay:local`,
    );
    expect(alone).toMatchObject({
      status: 1,
      output: expect.stringContaining('use the image mention-relay:standalone'),
    });
    const demo = await engine.sh('docker run --rm --network none mention-relay:local demo');
    for (const { output } of [none, alone, demo]) expect(output).not.toMatch(/npm/);
  });

  test('the standalone image: the lines of the documentation work, and nothing is lost over a restart', async () => {
    const inside = await network('alone', { redis: false });
    const lines = codeBlocks(read('docs/deployment.md')).find(({ code }) =>
      code.includes('--target standalone'),
    );
    const [, ...commands] = (lines?.code ?? '')
      .replaceAll(/\\\n\s*/g, '')
      .trim()
      .split('\n');
    expect(commands).toHaveLength(3);
    const here = (command = ''): string =>
      command
        .replace('docker run', `docker run ${inside}`)
        .replace('--env-file .env', `--env-file ${env}`);
    // One of the sandbox's groups is not tracked, which is a warning.
    const checked = await engine.sh(here(commands[0]));
    expect(checked.output).toContain('\n1 warning.\n');
    await sh(here(commands[1]));
    await waitForLog('relay', 'delivery.succeeded');
    await sh(commands[2] ?? '');
    await sh('docker stop relay && docker start relay');
    expect(await inspect('relay', '.State.ExitCode')).toBe('0');
    await waitForLog('relay', 'relay.started', 2);
    await waitForLog('relay', 'poll.completed', 2);
    const log = await logOf('relay');
    expect(log.split('"state.empty"')).toHaveLength(2);
    expect(log).not.toMatch(/"level":"(warn|error)"/);
  });

  test('any user, a read-only file system and a mounted .env; a program that is killed starts again', async () => {
    const inside = await network('any');
    await sh(`chmod 644 ${env}
      docker run -d --name anybody ${inside} --restart unless-stopped --read-only --cap-drop ALL --user 4711 \
        -e REDIS_URL=redis://127.0.0.1:6379 -v ${env}:/app/.env:ro mention-relay:local`);
    await waitForLog('anybody', 'poll.completed');
    expect(await check('anybody')).toBe(0);
    // As the watchdog does: process 1 itself could not be killed from here.
    await signal('anybody', 'SIGKILL');
    await waitForLog('anybody', 'relay.started', 2);
    expect(await inspect('anybody', '.RestartCount')).toBe('1');
  });

  test('96 MB and a tenth of a CPU are enough: mentions arrive, and the container is healthy', async () => {
    const inside = await network('small');
    await sh(`docker run -d --name tiny ${inside} --memory 96m --cpus 0.1 --health-interval 5s --read-only --tmpfs /tmp \
      -e REDIS_URL=redis://127.0.0.1:6379 --env-file ${env} mention-relay:local`);
    await waitForLog('tiny', 'delivery.succeeded', 3);
    await waitUntil(
      'a healthy container',
      async () => (await inspect('tiny', '.State.Health.Status')) === 'healthy',
      60_000,
    );
    expect(await inspect('tiny', '.State.OOMKilled')).toBe('false');
    expect(await logOf('tiny')).not.toMatch(/"level":"error"/);
  });
});
