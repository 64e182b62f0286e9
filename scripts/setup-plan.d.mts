/** The facts about a machine that set-up decides by. */
export interface Machine {
  /** As in `process.platform`. */
  readonly platform: string;
  /** `ID` of /etc/os-release, in lower case; undefined if there is none. */
  readonly distribution: string | undefined;
  readonly isRoot: boolean;
  /** True if systemd runs the machine's services: /run/systemd/system exists. */
  readonly runsSystemd: boolean;
  /** Returns true if a command is on PATH. */
  has(command: string): boolean;
}

export type InstallPlan =
  | { readonly kind: 'run'; readonly commands: readonly (readonly string[])[] }
  | { readonly kind: 'instruct'; readonly words: string };

export type Program = 'redis' | 'chromium' | 'promtool' | 'systemd-nspawn' | 'python3' | 'jq';

export const OLDEST_REDIS: string;
export const PROGRAMS: Readonly<
  Record<Program, { readonly commands: readonly string[]; readonly purpose: string }>
>;
export const OPERATIONS_PROGRAMS: readonly Program[];
export function planInstall(program: Program, machine: Machine): InstallPlan;
export function shown(command: readonly string[]): string;
export function redisVersion(answer: string): string | undefined;
export function isAtLeast(version: string, minimum: string): boolean;
