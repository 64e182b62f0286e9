import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';

const image = mkdtempSync(join(tmpdir(), 'relay-image-'));
cpSync('dist', join(image, 'dist'), { recursive: true });
cpSync('package.json', join(image, 'package.json'));
afterAll(() => rmSync(image, { recursive: true }));

const files = readdirSync('dist', { recursive: true, encoding: 'utf8' });
const parts = files.filter(
  (file) => file.endsWith('.js') && !file.startsWith('page/') && file !== 'main.js',
);

test('every part of the build loads without installed packages', async () => {
  const loads = parts.map((part) => `await import(${JSON.stringify(`./dist/${part}`)});`);
  const script = `${loads.join('\n')}\nconsole.log('all loaded');`;

  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', script],
    { cwd: image },
  );

  expect(parts.length).toBeGreaterThan(20);
  expect(stdout).toBe('all loaded\n');
});

test('dist/LICENSES.txt has the licence of every package in the build', () => {
  const maps = files
    .filter((file) => file.endsWith('.map'))
    .map((file) => readFileSync(`dist/${file}`, 'utf8'));
  const sources = maps.flatMap((map) => (JSON.parse(map) as { sources: string[] }).sources);
  const packages = new Set(
    sources.flatMap((source) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1] ?? []),
  );
  const licences = readFileSync('dist/LICENSES.txt', 'utf8');
  const named = new Set(
    [...licences.matchAll(/^(\S+) \d+\.\d+\.\S+ \(\S+\)$/gm)].map(([, name]) => name),
  );

  expect(packages.size).toBeGreaterThan(50);
  expect(packages.difference(named)).toEqual(new Set());
});
