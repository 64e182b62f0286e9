/** The result of one check. Safe for a terminal, and without secrets. */
export interface Finding {
  /** The subject: `Configuration`, `Monitoring`, `Redis`, `API`, `Groups`, `Content filters`, or a webhook's name. */
  readonly about: string;
  /**
   * `problem`: mentions do not arrive, or may be lost. `warning`: something is not as it should be.
   * `skipped`: could not be checked.
   */
  readonly level: 'ok' | 'warning' | 'problem' | 'skipped';
  /** Stable, for scripts. */
  readonly code: string;
  /** A sentence without its full stop. */
  readonly text: string;
  /** The next step for the operator. */
  readonly todo?: string;
}

/** Creates functions that make findings about one subject. */
export function findingsAbout(about: string) {
  const make =
    (level: Finding['level']) =>
    (code: string, text: string, todo?: string): Finding => ({
      about,
      level,
      code,
      text,
      ...(todo !== undefined && { todo }),
    });
  return {
    ok: make('ok'),
    warning: make('warning'),
    problem: make('problem'),
    skipped: make('skipped'),
  };
}

/** Returns true if nothing has to be done. */
export function allIsWell(findings: readonly Finding[]): boolean {
  return findings.every(({ level }) => level === 'ok');
}

const { ok, warning } = findingsAbout('Clock');
// Less than the five minutes that receivers of Standard Webhooks allow, and more than the rounding
// of an HTTP date to seconds.
const MAX_SKEW_SECONDS = 30;

/** Compares two clocks: `ok`, or a warning if they differ by too much. */
export function checkClock(ownNowMs: number, otherNowMs: number, whose: string): Finding[] {
  const seconds = Math.round(Math.abs(ownNowMs - otherNowMs) / 1000);
  if (seconds <= MAX_SKEW_SECONDS)
    return [ok('clock', `this machine's clock agrees with that of ${whose}`)];
  return [
    warning(
      'clock',
      `this machine's clock is ${seconds} s ${ownNowMs > otherNowMs ? 'ahead of' : 'behind'} that of ${whose}`,
      'synchronise the clock (systemd-timesyncd, chrony): with a wrong time, receivers refuse signatures',
    ),
  ];
}
