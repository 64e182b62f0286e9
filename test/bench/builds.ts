import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startProcess, type BenchProcess } from './processes.ts';
import type { Contestant, Sample } from './statistics.ts';

/** A built checkout of the relay. */
export interface Build {
  /** True for the build that this checkout is compared to. */
  readonly isOther: boolean;
  /** The options that `npm start` gives to Node. */
  readonly nodeOptions: readonly string[];
  /** Starts its relay the way `npm start` does. */
  start(env: Readonly<Record<string, string>>): BenchProcess;
  /**
   * Queues this many mentions for each webhook. Each build fills its own queues, as the format of
   * its jobs may differ.
   */
  readonly fillQueues: FillQueues;
}

type FillQueues = (
  redisUrl: string,
  webhooks: readonly string[],
  mentionsEach: number,
) => Promise<void>;

const PROJECT = join(import.meta.dirname, '../..');

/** Opens this checkout, and before it the one to compare it to, if there is one. */
export async function openBuilds(against: string | undefined): Promise<readonly Build[]> {
  const own = await openBuild(PROJECT, false);
  return against === undefined ? [own] : [await openBuild(resolve(against), true), own];
}

async function openBuild(folder: string, isOther: boolean): Promise<Build> {
  const main = join(folder, 'dist/main.js');
  if (!existsSync(main)) throw new Error(`${main} is missing: build that checkout first`);
  const { scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    readonly scripts: { readonly start: string };
  };
  const words = scripts.start.split(' ');
  const assignments = words.slice(words.indexOf('env') + 1, words.indexOf('node'));
  const startEnv = Object.fromEntries(
    assignments.map((word) => word.split('=') as [string, string]),
  );
  const options = words.filter((word) => word.startsWith('--'));
  // The checkout's own file, as of its release: only the signature must match.
  const { fillQueues } = (await import(
    pathToFileURL(join(folder, 'test/bench/backlog.ts')).href
  )) as { readonly fillQueues: FillQueues };
  return {
    isOther,
    nodeOptions: options,
    start: (env) => startProcess([...options, main, 'run'], { ...startEnv, ...env }),
    fillQueues,
  };
}

/**
 * Makes a contestant of each build. In a pair, this build is compared to the other one, and alone
 * to `reference`.
 */
export function contestantsOf(
  builds: readonly Build[],
  { setting, subject, reference }: Omit<Contestant, 'run'>,
  run: (build: Build) => Promise<Sample>,
): Contestant[] {
  const other = `${subject}, other build`;
  return builds.map((build) => ({
    setting,
    subject: build.isOther ? other : subject,
    reference: build.isOther ? null : builds.length > 1 ? other : reference,
    run: () => run(build),
  }));
}
