import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface Entry {
  readonly version?: string;
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
  packages: Readonly<Record<string, Entry>>;
};
const { allowScripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  allowScripts: Readonly<Record<string, boolean>>;
};

test('package-lock.json has the native packages of every system, as npm ci requires', () => {
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) =>
        packages[`${path}/node_modules/${name}`] === undefined &&
        packages[`node_modules/${name}`] === undefined,
    ),
  );

  expect(missing).toEqual([]);
});

test('every package has its hash, so that npm ci refuses other contents', () => {
  const unsealed = Object.entries(packages)
    .filter(([path, entry]) => path !== '' && entry.integrity === undefined)
    .map(([path]) => path);

  expect(unsealed).toEqual([]);
});

test('package.json allows or denies every install script of a package', () => {
  // By name: npm can check an approval that names a version only where the lock has addresses.
  const undecided = Object.entries(packages)
    .filter(([, entry]) => entry.hasInstallScript === true)
    .map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length))
    .filter((name) => allowScripts[name] === undefined);

  expect(undecided).toEqual([]);
});
