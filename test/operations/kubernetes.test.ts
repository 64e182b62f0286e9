import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { checkConfiguration, checkSchedule } from '../../src/cli/check/check-configuration.ts';
import { readConfig } from '../../src/config/env.ts';
import { isKnownName } from '../../src/config/webhook-variables.ts';
import { VERSION } from '../../src/version.ts';
import { read, ROOT } from '../docs/markdown.ts';
import { filledIn } from '../helpers/filled-in.ts';

/** The parts of an object that these tests read; the compiler checks all of it. */
interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly stringData?: Readonly<Record<string, string>>;
  readonly spec?: { readonly template: { readonly spec: PodSpec } };
}

interface PodSpec {
  readonly terminationGracePeriodSeconds: number;
  readonly containers: readonly [Container];
}

interface Container {
  readonly image: string;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly volumeMounts: readonly [{ readonly mountPath: string }];
  readonly startupProbe: Probe;
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
}

interface Probe {
  readonly httpGet: { readonly path: string };
}

const manifests = parseAllDocuments(read('config/kubernetes.yaml')).map(
  (document) => document.toJS() as Manifest,
);

function find(kind: string, name = 'mention-relay'): Manifest {
  const found = manifests.find((each) => each.kind === kind && each.metadata.name === name);
  if (found === undefined) throw new Error(`There is no ${kind} ${name}.`);
  return found;
}

const podOf = ({ spec }: Manifest): PodSpec => spec?.template.spec as PodSpec;
const pod = podOf(find('Deployment'));
const [relay] = pod.containers;
const [redis] = podOf(find('StatefulSet', 'mention-relay-redis')).containers;

/** Compiles objects against the types of Kubernetes' API, which refuse unknown fields as kubectl does. */
function compile(objects: readonly Manifest[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'relay-kubernetes-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const lines = objects.map((object, index) => {
    const { apiVersion, kind } = object;
    const models = apiVersion.startsWith('monitoring.coreos.com/')
      ? '@kubernetes-models/prometheus-operator'
      : 'kubernetes-models';
    const type = `import('${models}/${apiVersion}/${kind}').I${kind}`;
    return `export const object${index}: ${type} = ${JSON.stringify(object)};`;
  });
  writeFileSync(join(folder, 'objects.ts'), lines.join('\n'));
  const compilerOptions = { module: 'nodenext', strict: true, skipLibCheck: true, noEmit: true };
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: { ...compilerOptions, types: [] }, files: ['objects.ts'] }),
  );
  const { stdout, stderr } = spawnSync('tsc', ['--project', folder], { encoding: 'utf8' });
  return stdout + stderr;
}

/** Returns the objects with a change to their text. */
function mistaken(from: string, to: string): readonly Manifest[] {
  const text = JSON.stringify(manifests);
  expect(text).toContain(from);
  return JSON.parse(text.replace(from, to)) as readonly Manifest[];
}

describe('config/kubernetes.yaml', () => {
  test('has only fields and values that the API of Kubernetes knows', () => {
    expect(manifests.map(({ kind }) => kind)).toEqual([
      'Secret',
      'Deployment',
      'PodDisruptionBudget',
      'PodMonitor',
      'Service',
      'StatefulSet',
      'NetworkPolicy',
    ]);
    expect(compile(manifests)).toBe('');
  });

  test('would fail with a misspelled field, a missing one or a wrong kind of value', () => {
    const compiled = compile([
      ...mistaken('"terminationGracePeriodSeconds":', '"terminationGracePeriod":'),
      ...mistaken('"podMetricsEndpoints":', '"endpoints":'),
      ...mistaken('"image":"ghcr.io/mention-relay', '"picture":"ghcr.io/mention-relay'),
      ...mistaken('"whenUnsatisfiable":"ScheduleAnyway"', '"whenUnsatisfiable":true'),
    ]);
    for (const part of [
      '\'"terminationGracePeriod"\' does not exist',
      '\'"endpoints"\' does not exist',
      '\'"picture"\' does not exist',
      "Type 'true' is not assignable to type",
    ]) {
      expect(compiled).toContain(part);
    }
    expect(compiled.match(/error TS/g)).toHaveLength(4);
  });

  test('gives the relay variables that it knows, and a configuration without mistake or finding', () => {
    const env = Object.fromEntries(relay.env.map(({ name, value }) => [name, value]));
    const [{ mountPath }] = relay.volumeMounts;
    const secrets = find('Secret').stringData ?? {};
    const used = new Set<string>();
    const reading = readConfig(env, {
      readFile(path) {
        if (dirname(path) !== mountPath) throw new Error(`${path} is not mounted`);
        used.add(basename(path));
        return filledIn(secrets[basename(path)] ?? '');
      },
      stdoutIsTty: false,
    });

    expect(Object.keys(env).filter((name) => !isKnownName(name))).toEqual([]);
    if (!reading.ok) throw new Error(JSON.stringify(reading.error));
    expect(used).toEqual(new Set(Object.keys(secrets)));
    const { value: config } = reading;
    expect(config.redis).toEqual({ kind: 'external', url: secrets['redis-url'] });
    const findings = [...checkConfiguration(config), ...checkSchedule(config)];
    expect(findings.filter(({ level }) => level !== 'ok')).toEqual([]);
    expect(config.shutdownTimeoutMs + 5_000).toBeLessThan(
      pod.terminationGracePeriodSeconds * 1_000,
    );
  });

  test('restarts no relay for an outage of Redis or the API', () => {
    const probes = [relay.startupProbe, relay.livenessProbe, relay.readinessProbe];
    expect(probes.map(({ httpGet }) => httpGet.path)).toEqual(['/healthz', '/healthz', '/readyz']);
  });

  test("has this release's image, and Redis as in docker-compose.yml and config/redis.conf", () => {
    const { services } = parse(read('docker-compose.yml'), { merge: true }) as {
      services: { redis: { image: string } };
    };
    expect(relay.image).toBe(`ghcr.io/mention-relay/mention-relay:${VERSION}`);
    expect(redis.image).toBe(services.redis.image);
    const settings = redis.args
      .filter((argument) => argument.startsWith('--') && !argument.startsWith('--maxmemory '))
      .map((argument) => argument.slice('--'.length));
    expect(read('config/redis.conf').split('\n')).toEqual(expect.arrayContaining(settings));
    expect(settings).toHaveLength(4);
  });
});
