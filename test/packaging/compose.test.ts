import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { DCLinter } from 'dclint';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { readConfig } from '../../src/config/env.ts';
import { isKnownName } from '../../src/config/webhook-variables.ts';

/** The parts of a service that these tests read; the linter checks all of it. */
interface Service {
  readonly environment?: Readonly<Record<string, string>>;
  readonly image?: string;
  readonly secrets?: readonly string[];
  readonly stop_grace_period?: string;
  readonly volumes?: readonly string[];
}

const composeText = readFileSync('docker-compose.yml', 'utf8');
const {
  name: project,
  services,
  networks,
  volumes,
} = parse(composeText, { merge: true }) as {
  name: string;
  services: { demo: Service; redis: Service; relay: Service };
  networks: Readonly<Record<string, { readonly internal?: boolean }>>;
  volumes: Readonly<Record<string, unknown>>;
};
const { demo, redis, relay } = services;

const override = parse(readFileSync('config/compose.secrets.yml', 'utf8')) as {
  services: { relay: Service };
  secrets: Readonly<Record<string, { readonly file: string }>>;
};

/** Reads the configuration that Compose gives to the relay, with an .env of these lines. */
function configOf(dotenv: Readonly<Record<string, string>>) {
  return readConfig(
    { ...dotenv, ...relay.environment },
    { readFile: (path) => readFileSync(path, 'utf8'), stdoutIsTty: false },
  );
}

const ENOUGH = { GROOUPLY_API_KEY: 'k', WEBHOOK_A_URL: 'http://127.0.0.1:9/' };

/** Returns the broken rules. dclint includes the published schema of the Compose specification. */
function brokenRules(file: string): readonly string[] {
  // Both services are built to one image.
  const rules = { 'no-build-and-image': 0 };
  const config = { rules, quiet: false, debug: false, exclude: [] };
  // Its declarations import without extensions, which TypeScript can't follow here.
  const results = new DCLinter(config).lintFiles([file], false) as readonly {
    readonly messages: readonly { readonly rule: string }[];
  }[];
  return results.flatMap(({ messages }) => messages.map(({ rule }) => rule));
}

test.each(['docker-compose.yml', 'config/compose.secrets.yml'])(
  '%s follows the Compose schema and the linter',
  (file) => {
    expect(brokenRules(file)).toEqual([]);
  },
);

test('the linter notices a key that the Compose schema does not know', () => {
  const folder = mkdtempSync(join(tmpdir(), 'compose-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const mistaken = join(folder, 'docker-compose.yml');
  writeFileSync(mistaken, composeText.replace('stop_grace_period', 'stop_grace_time'));

  expect(brokenRules(mistaken)).toContain('invalid-schema');
});

test('the relay waits for a healthy Redis and restarts after a crash or a reboot', () => {
  const depends_on = { redis: { condition: 'service_healthy' } };
  expect(relay).toMatchObject({ depends_on, restart: 'unless-stopped' });
  expect(redis).toMatchObject({ restart: 'unless-stopped' });
});

test('Redis has a volume, settings and no port; docs/deployment.md backs up the volume', () => {
  const [settings = '', data = ''] = redis.volumes ?? [];
  const [hostPath = '', containerPath = '', mode] = settings.split(':');

  expect(existsSync(hostPath)).toBe(true);
  expect(mode).toBe('ro');
  expect(data).toMatch(/^redis-data:\/data$/);
  expect(volumes).toHaveProperty(['redis-data']);
  expect(redis).toMatchObject({ command: ['redis-server', containerPath], networks: ['storage'] });
  expect(redis).not.toHaveProperty('ports');
  expect(networks['storage']).toEqual({ internal: true });
  const page = readFileSync('docs/deployment.md', 'utf8');
  expect(page).toContain(`-v ${project}_${data}:ro `);
  expect(page).toContain(` ${redis.image} sh -c `);
});

test('a complete .env is all that the relay needs; its REDIS_URL is ignored', () => {
  expect(configOf({ ...ENOUGH, REDIS_URL: 'redis://elsewhere:6379' })).toMatchObject({
    ok: true,
    value: { redis: { kind: 'external', url: 'redis://redis:6379' } },
  });
});

test('without an .env the container starts, and the relay reports what is missing', () => {
  expect(relay).toMatchObject({ env_file: [{ path: '.env', required: false }] });
  const reading = configOf({});
  expect(!reading.ok && reading.error.map(({ variable }) => variable)).toContain(
    'GROOUPLY_API_KEY',
  );
});

test('the image that is built here is not looked for in a registry', () => {
  for (const service of [demo, relay]) {
    expect(service).toMatchObject({ image: 'mention-relay:local', pull_policy: 'never' });
  }
});

test('attempts under way get their whole time before the container is killed', () => {
  const graceSeconds = Number(/^(\d+)s$/u.exec(relay.stop_grace_period ?? '')?.[1]);
  const reading = configOf(ENOUGH);

  expect(reading.ok && reading.value.shutdownTimeoutMs).toBeLessThan(graceSeconds * 1000);
});

test('the demo starts only on request, needs no .env, and is reachable from this machine only', () => {
  expect(demo).toMatchObject({
    profiles: ['demo'],
    ports: ['127.0.0.1:8787:8787'],
    command: ['demo', '--host', '0.0.0.0', '--port', '8787'],
    environment: { ...relay.environment, REDIS_PREFIX: 'mention-relay-demo' },
  });
  expect(demo).not.toHaveProperty('env_file');
});

describe('the secrets of config/compose.secrets.yml', () => {
  const environment = override.services.relay.environment ?? {};
  const files = Object.values(override.secrets).map(({ file }) => file);

  /** Reads the configuration of both files together, with these texts in the files of the host. */
  function configWith(texts: readonly string[], dotenv: Readonly<Record<string, string>> = {}) {
    const host = mkdtempSync(join(tmpdir(), 'compose-secrets-'));
    onTestFinished(() => rmSync(host, { recursive: true, force: true }));
    for (const [index, file] of files.entries()) {
      writeFileSync(join(host, basename(file)), texts[index] ?? '');
    }
    // Compose mounts each secret of a service as a file of its name (Compose specification, secrets).
    const readFile = (path: string): string => {
      const name = (override.services.relay.secrets ?? []).find(
        (secret) => path === `/run/secrets/${secret}`,
      );
      return readFileSync(join(host, basename(override.secrets[name ?? '']?.file ?? '')), 'utf8');
    };
    return readConfig(
      { ...dotenv, ...relay.environment, ...environment },
      { readFile, stdoutIsTty: false },
    );
  }

  const TEXTS = ['the-key\n', 'https://hooks.slack.com/services/T0/B0/path\n'];

  test('are all that the relay needs, and it reads them where Compose puts them', () => {
    expect(configWith(TEXTS, { BACKLOG: 'none' })).toMatchObject({
      ok: true,
      value: {
        groouply: { apiKey: 'the-key' },
        redis: { url: relay.environment?.['REDIS_URL'] },
        poll: { backlog: { kind: 'none' } },
        webhooks: [{ name: 'SALES', type: 'slack', url: new URL(TEXTS[1] ?? '') }],
      },
    });
  });

  test('reach the relay by variables that it knows', () => {
    const names = Object.keys(override.secrets);
    expect(override.services.relay.secrets).toEqual(names);
    expect(Object.values(environment)).toEqual(names.map((name) => `/run/secrets/${name}`));
    expect(Object.keys(environment).filter((name) => !isKnownName(name))).toEqual([]);
    expect(Object.keys(environment).every((name) => name.endsWith('_FILE'))).toBe(true);
  });

  test('must not be in .env too: that is reported', () => {
    const dotenv = { GROOUPLY_API_KEY: 'k', WEBHOOK_SALES_URL: 'http://127.0.0.1:9/' };
    const reading = configWith(TEXTS, dotenv);
    expect(!reading.ok && reading.error.map(({ variable }) => variable)).toEqual(
      Object.keys(dotenv),
    );
  });

  test('stay out of Git and the image, and docs/deployment.md says how to create them', () => {
    const ignored = readFileSync('.gitignore', 'utf8').split('\n');
    expect(ignored).toEqual(expect.arrayContaining(['secrets/', 'docker-compose.override.yml']));
    // Other folders do not go to the builder at all: see dockerfile.test.ts.
    expect(readFileSync('.dockerignore', 'utf8')).not.toContain('secrets');
    const page = readFileSync('docs/deployment.md', 'utf8');
    expect(page).toContain('cp config/compose.secrets.yml docker-compose.override.yml');
    for (const file of files) {
      expect(file).toMatch(/^\.\/secrets\/\w+$/);
      expect(page).toContain(file.slice('./'.length));
    }
  });
});
