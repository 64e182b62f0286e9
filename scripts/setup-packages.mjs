/**
 * Compares node_modules with package-lock.json. Installs nothing. Plain JavaScript, because it runs
 * before any package is installed.
 *
 * npm keeps what it installed in node_modules/.package-lock.json, written in the same form as
 * package-lock.json (npm's documentation, 'package-lock.json', hidden lockfiles). File times are
 * not reliable after a `git checkout`, so the contents are compared.
 */

/**
 * Returns the reason why packages must be installed; undefined if all are installed already.
 *
 * @param {import('./setup-packages.mjs').Lock} wanted package-lock.json
 * @param {import('./setup-packages.mjs').Lock | undefined} installed node_modules/.package-lock.json
 * @param {{ platform: string, arch: string, exists: (path: string) => boolean }} machine
 * @returns {string | undefined}
 */
export function whyInstall(wanted, installed, machine) {
  if (installed === undefined) return 'nothing is installed yet';
  for (const [path, entry] of Object.entries(wanted.packages)) {
    if (path === '') continue;
    const own = installed.packages[path];
    if (own === undefined) {
      // npm skips optional packages for another kind of machine.
      if (entry.optional === true) continue;
      return `${nameOf(path)} is missing`;
    }
    if (own.version !== entry.version || own.integrity !== entry.integrity) {
      return `${nameOf(path)} is not the version that package-lock.json names`;
    }
    if (!fits(own.os, machine.platform) || !fits(own.cpu, machine.arch)) {
      return `${nameOf(path)} is for another kind of machine`;
    }
    if (!machine.exists(`${path}/package.json`)) return `${nameOf(path)} is gone from node_modules`;
  }
  const extra = Object.keys(installed.packages).find((path) => wanted.packages[path] === undefined);
  return extra === undefined ? undefined : `${nameOf(extra)} is not in package-lock.json`;
}

function fits(allowed, own) {
  if (allowed === undefined) return true;
  return (
    allowed.includes(own) || allowed.every((name) => name.startsWith('!') && name !== `!${own}`)
  );
}

function nameOf(path) {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
}
