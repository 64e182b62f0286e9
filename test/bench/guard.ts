import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median, pairedRatios, referenceOf, type Series } from './statistics.ts';

const PROJECT = join(import.meta.dirname, '../..');
const MOST = 1.1;
/** What the guard compares: the CPU of a delivery, and the delay of a burst. */
const GUARDED = [
  { part: 'deliveries', setting: /./, unit: 'ms of CPU' },
  { part: 'delay', setting: /^20 new/, unit: 'ms, p50' },
] as const;

/** Returns a line for each guarded figure that is more than 10 % above its reference. */
export function decayed(all: readonly Series[]): readonly string[] {
  return all.flatMap((series) => {
    const reference = referenceOf(series, all);
    const guarded = GUARDED.find(
      ({ part, setting }) => series.part === part && setting.test(series.setting),
    );
    if (reference === undefined || guarded === undefined) return [];
    const ratio = median(pairedRatios(series, reference, guarded.unit));
    return ratio > MOST
      ? [`${series.setting}, ${series.subject}: ${guarded.unit} is ${ratio.toFixed(2)} times`]
      : [];
  });
}

/**
 * Checks the last release out beside this checkout, builds it, and returns its folder.
 *
 * @throws {Error} if there is no tag
 */
export function buildLastRelease(): string {
  const run = (folder: string, command: string, ...args: readonly string[]): string =>
    execFileSync(command, args, {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  let tag: string;
  try {
    tag = run(PROJECT, 'git', 'describe', '--tags', '--abbrev=0').trim();
  } catch {
    throw new Error('there is no release to compare with: give --against a checkout');
  }
  const folder = mkdtempSync(join(tmpdir(), `mention-relay-${tag}-`));
  run(PROJECT, 'git', 'worktree', 'add', '--detach', folder, tag);
  process.once('exit', () => run(PROJECT, 'git', 'worktree', 'remove', '--force', folder));
  run(folder, 'npm', 'ci', '--include=dev', '--no-audit', '--no-fund');
  run(folder, 'npm', 'run', 'build');
  return folder;
}
