import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readText } from '../../../src/cli/access/config-from-process.ts';

const TEXT = 'GROOUPLY_API_KEY=key\r\nWEBHOOK_A_KEYWORDS=Größe 😀\r\n';
const utf16 = Buffer.from(`\ufeff${TEXT}`, 'utf16le');

test.each([
  ['UTF-8', Buffer.from(TEXT)],
  ['UTF-8 with a mark', Buffer.from(`\ufeff${TEXT}`)],
  ["UTF-16, as PowerShell's > writes it", utf16],
  ['UTF-16 with the other order of bytes', Buffer.from(utf16).swap16()],
])('a file in %s is read', (_case, bytes) => {
  const folder = mkdtempSync(join(tmpdir(), 'relay-text-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, '.env');
  writeFileSync(path, bytes);
  expect(readText(path)).toBe(TEXT);
});
