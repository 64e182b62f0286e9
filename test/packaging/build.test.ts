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

/** Runs a script beside the build, and returns what it prints. */
async function printed(script: string): Promise<string> {
  const args = ['--input-type=module', '--eval', script];
  return (await promisify(execFile)(process.execPath, args, { cwd: image })).stdout;
}

test('every part of the build loads without installed packages', async () => {
  const loads = parts.map((part) => `await import(${JSON.stringify(`./dist/${part}`)});`);

  expect(parts.length).toBeGreaterThan(20);
  expect(await printed(`${loads.join('\n')}\nconsole.log('all loaded');`)).toBe('all loaded\n');
});

// scripts/build.mjs and src/ avoid them: undici takes 50 ms and 2 MB, tables of Unicode 7 MB.
test('the relay loads without undici, and without formatters and segmenters', async () => {
  const script = `
    const made = [];
    for (const name of ['ListFormat', 'Segmenter'])
      Intl[name] = class extends Intl[name] { constructor(...all) { super(...all); made.push(name); } };
    await import('./dist/run.js');
    console.log(made, process.moduleLoadList.filter((name) => name.includes('undici')));`;
  expect(await printed(script)).toBe('[] []\n');
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
