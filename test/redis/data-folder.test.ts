import { mkdirSync, mkdtempSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { lockDataFolder } from '../../src/redis/data-folder.ts';

const STALE_MS = 2_000;

function dataFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'relay-data-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test('a lock that a power cut left before the clock went back does not stop the start', async () => {
  const folder = dataFolder();
  const lockfile = join(folder, 'start.lock');
  mkdirSync(lockfile);
  const inAnHour = Date.now() / 1000 + 3_600;
  utimesSync(lockfile, inAnHour, inAnHour);
  const unlock = await lockDataFolder(folder, STALE_MS);
  await unlock();
});

test('a lock of a living process is waited for', async () => {
  const folder = dataFolder();
  const unlock = await lockDataFolder(folder, STALE_MS);
  let second = false;
  const waiting = lockDataFolder(folder, STALE_MS).then((release) => {
    second = true;
    return release;
  });
  expect(second).toBe(false);
  await unlock();
  await (
    await waiting
  )();
});
