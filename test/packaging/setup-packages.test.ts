import { expect, test } from 'vitest';
import { whyInstall, type Lock, type LockEntry } from '../../scripts/setup-packages.mjs';

const GOT: LockEntry = { version: '16.1.0', integrity: 'sha512-got' };
const MAC_ONLY: LockEntry = {
  version: '1.0.0',
  integrity: 'sha512-mac',
  optional: true,
  os: ['darwin'],
};

function lock(packages: Record<string, LockEntry>): Lock {
  return { packages };
}

function why(wanted: Lock, installed: Lock | undefined, gone?: string): string | undefined {
  return whyInstall(wanted, installed, {
    platform: 'linux',
    arch: 'x64',
    exists: (path) => path !== gone,
  });
}

const WANTED = lock({
  '': { version: '0.1.0' },
  'node_modules/got': GOT,
  'node_modules/@scope/mac-only': MAC_ONLY,
});

test.each([
  { name: 'the same packages', installed: lock({ 'node_modules/got': GOT }) },
  {
    name: 'packages for every system but another one',
    installed: lock({ 'node_modules/got': { ...GOT, os: ['!win32'], cpu: ['x64', 'arm64'] } }),
  },
])('nothing is installed again with $name', ({ installed }) => {
  expect(why(WANTED, installed)).toBeUndefined();
});

test.each([
  { name: 'a fresh checkout', installed: undefined, says: 'nothing is installed yet' },
  { name: 'a package that is missing', installed: lock({}), says: 'got is missing' },
  {
    name: 'another version',
    installed: lock({ 'node_modules/got': { ...GOT, version: '16.0.0' } }),
    says: 'got is not the version that package-lock.json names',
  },
  {
    name: 'the same version with other contents',
    installed: lock({ 'node_modules/got': { ...GOT, integrity: 'sha512-other' } }),
    says: 'got is not the version that package-lock.json names',
  },
  {
    name: 'a package that package-lock.json no longer names',
    installed: lock({ 'node_modules/got': GOT, 'node_modules/got/node_modules/old': GOT }),
    says: 'old is not in package-lock.json',
  },
  {
    name: 'packages brought from another kind of machine',
    installed: lock({ 'node_modules/got': GOT, 'node_modules/@scope/mac-only': MAC_ONLY }),
    says: '@scope/mac-only is for another kind of machine',
  },
])('everything is installed for $name, with the reason', ({ installed, says }) => {
  expect(why(WANTED, installed)).toBe(says);
});

test('everything is installed if a folder was deleted, with its name', () => {
  const installed = lock({ 'node_modules/got': GOT });

  expect(why(WANTED, installed, 'node_modules/got/package.json')).toBe(
    'got is gone from node_modules',
  );
});
