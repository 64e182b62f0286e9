import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { ACTIONLINT } from '../../scripts/setup-plan.mjs';
import { read, ROOT } from '../docs/markdown.ts';

const WORKFLOWS = globSync('.github/workflows/*.yml', { cwd: ROOT });

/** Lints a workflow; returns what actionlint prints, or nothing. */
function lint(text: string): string {
  const options = { cwd: ROOT, input: text, encoding: 'utf8' } as const;
  const args = ['run', ACTIONLINT, '-no-color', '-shellcheck=', '-pyflakes=', '-'];
  const { stdout, stderr } = spawnSync('go', args, options);
  return stdout + stderr;
}

describe('the workflows', () => {
  test('pass actionlint', () => {
    expect(WORKFLOWS.map((file) => lint(read(file)))).toEqual(['', '']);
  });

  test('would fail with an unknown key, permission or output', () => {
    const release = read('.github/workflows/release.yml');
    const mistaken = release
      .replace('timeout-minutes: 15', 'time-limit: 15')
      .replace('packages: write', 'package: write')
      .replace('outputs.created', 'output.created');
    const found = lint(mistaken);
    for (const part of ['"time-limit"', '"package"', '"output"']) expect(found).toContain(part);
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
