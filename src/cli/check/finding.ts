/** One thing that was looked at, and what came of it. Safe for a terminal; no secret is in it. */
export interface Finding {
  /** What it is about: `Configuration`, `Monitoring`, `Redis`, `API`, `Groups`, `Exclusions`, or a webhook's name. */
  readonly about: string;
  /**
   * `problem`: mentions do not arrive, or may be lost. `warning`: something is not as it should be.
   * `skipped`: could not be looked at.
   */
  readonly level: 'ok' | 'warning' | 'problem' | 'skipped';
  /** Stable, for scripts. */
  readonly code: string;
  /** A sentence without its full stop. */
  readonly text: string;
  /** What to do next. */
  readonly todo?: string;
}

/** Makes the findings of one subject. */
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

/** Whether nothing has to be done. */
export function allIsWell(findings: readonly Finding[]): boolean {
  return findings.every(({ level }) => level === 'ok');
}

const { ok, warning } = findingsAbout('Clock');
// Less than the five minutes that receivers of Standard Webhooks allow, and more than the second that
// an HTTP date is rounded to.
const MAX_SKEW_SECONDS = 30;

/** How far apart two clocks are, as a finding if that is too far. */
export function checkClock(ownNowMs: number, otherNowMs: number, whose: string): Finding[] {
  const seconds = Math.round(Math.abs(ownNowMs - otherNowMs) / 1000);
  if (seconds <= MAX_SKEW_SECONDS) return [ok('clock', `agrees with that of ${whose}`)];
  return [
    warning(
      'clock',
      `this machine's clock is ${seconds} s ${ownNowMs > otherNowMs ? 'ahead of' : 'behind'} that of ${whose}`,
      'set it by NTP (systemd-timesyncd, chrony): receivers refuse signatures whose time is off, and ages in the log are wrong',
    ),
  ];
}
