/**
 * `npm run sbom`: prints a CycloneDX SBOM of the packages in dist/, by `npm sbom`. They are
 * development packages of this project, so npm is asked about a project that depends on them alone.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const read = (file) => readFileSync(join(root, file), 'utf8');
const manifest = JSON.parse(read('package.json'));
const lock = JSON.parse(read('package-lock.json'));
const bundled = new Set(
  [...read('dist/LICENSES.txt').matchAll(/^(\S+) (\d+\.\d+\.\S+) \(\S+\)$/gm)].map(
    ([, name, version]) => `${name}@${version}`,
  ),
);

const { name, version, license, repository, devDependencies } = manifest;
const names = new Set([...bundled].map((id) => id.slice(0, id.lastIndexOf('@'))));
const dependencies = Object.fromEntries(
  Object.entries(devDependencies).filter(([dependency]) => names.has(dependency)),
);
const alone = { name, version, license, repository, dependencies };
for (const entry of Object.values(lock.packages)) delete entry.dev;
lock.packages[''] = alone;

const temporary = mkdtempSync(join(tmpdir(), 'relay-sbom-'));
try {
  // npm names the SBOM after the folder.
  const folder = join(temporary, name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), JSON.stringify(alone));
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock));
  const sbom = JSON.parse(
    execFileSync('npm', ['sbom', '--package-lock-only', '--sbom-format=cyclonedx'], {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    }),
  );
  // npm also lists what the packages declare and the build left out.
  const included = new Set(sbom.components.map((component) => component['bom-ref']));
  const missing = [...bundled].filter((id) => !included.has(id));
  if (missing.length > 0) throw new Error(`npm sbom lacks ${missing.join(', ')}.`);
  sbom.components = sbom.components.filter((component) => bundled.has(component['bom-ref']));
  const listed = new Set([...bundled, sbom.metadata.component['bom-ref']]);
  sbom.dependencies = sbom.dependencies
    .filter(({ ref }) => listed.has(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((id) => listed.has(id)) }));
  process.stdout.write(`${JSON.stringify(sbom, null, 2)}\n`);
} finally {
  rmSync(temporary, { recursive: true, force: true });
}
