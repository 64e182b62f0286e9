/** The fields of a package in a lock file that set-up reads. */
export interface LockEntry {
  readonly version?: string;
  readonly integrity?: string;
  readonly optional?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
}

export interface Lock {
  readonly packages: Readonly<Record<string, LockEntry>>;
}

export function whyInstall(
  wanted: Lock,
  installed: Lock | undefined,
  machine: {
    readonly platform: string;
    readonly arch: string;
    exists(path: string): boolean;
  },
): string | undefined;
