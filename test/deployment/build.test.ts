import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';

const image = mkdtempSync(join(tmpdir(), 'relay-image-'));
cpSync('dist', join(image, 'dist'), { recursive: true });
cpSync('package.json', join(image, 'package.json'));
afterAll(() => rmSync(image, { recursive: true }));

const parts = readdirSync('dist', { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.js') && !file.startsWith('page/') && file !== 'main.js',
);

test('every part of the build loads where no package is installed', async () => {
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
