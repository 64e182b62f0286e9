import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { read, ROOT } from '../docs/markdown.ts';

const MAX_EXPOSURE = 2;

/** Writes the unit for a relay in this folder, because systemd checks that the program exists. */
function unitHere(): string {
  const folder = mkdtempSync(join(tmpdir(), 'relay-unit-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'mention-relay.service');
  const unit = read('config/mention-relay.service');
  writeFileSync(path, unit.replaceAll('/opt/mention-relay', ROOT));
  return path;
}

function analyze(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync('systemd-analyze', args, { encoding: 'utf8' });
  return { status, said: stdout + stderr };
}

test('systemd finds no error in the unit', () => {
  expect(analyze('verify', '--man=no', unitHere())).toEqual({ status: 0, said: '' });
});

test("the unit's exposure by systemd's measure is low", () => {
  const { said } = analyze('security', '--offline=true', unitHere());
  const [, exposure] = /Overall exposure level for \S+: ([\d.]+)/.exec(said) ?? [];
  expect(Number(exposure)).toBeLessThanOrEqual(MAX_EXPOSURE);
});

test('the unit gives the relay time to stop, and does not restart it on a configuration error', () => {
  const unit = read('config/mention-relay.service');
  const [, seconds] = /^TimeoutStopSec=(\d+)$/m.exec(unit) ?? [];
  expect(Number(seconds)).toBeGreaterThan(25 + 5);
  expect(unit).toMatch(/^RestartPreventExitStatus=78$/m);
});
