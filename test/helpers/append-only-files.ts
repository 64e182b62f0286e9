import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const LOG = 'appendonly.aof.1.incr.aof';
export const BASE = 'appendonly.aof.1.base.rdb';
export const MANIFEST = 'appendonly.aof.manifest';

/** The files of an embedded Redis that hold its data. */
export interface AppendOnlyFiles {
  readonly path: (name: string) => string;
  /** Returns the names and the contents of all of them. */
  readonly contents: () => unknown;
  /** Returns the names of the copies of damaged files. */
  readonly copies: () => string[];
  /** Writes zeros into the middle of the log. */
  damageMiddle(): void;
}

export function appendOnlyFiles(dataDir: string): AppendOnlyFiles {
  const folder = join(dataDir, 'appendonlydir');
  const path = (name: string): string => join(folder, name);
  return {
    path,
    contents: () =>
      readdirSync(folder)
        .toSorted()
        .map((name) => [name, readFileSync(path(name), 'latin1')]),
    copies: () => readdirSync(dataDir).filter((name) => name.includes('damaged')),
    damageMiddle() {
      const bytes = readFileSync(path(LOG));
      const middle = Math.floor(bytes.length / 2);
      writeFileSync(path(LOG), bytes.fill(0, middle, middle + 200));
    },
  };
}

export const zeros = (count: number): string => '\0'.repeat(count);
