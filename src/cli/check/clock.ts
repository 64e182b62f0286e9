import { findingsAbout, type Finding } from './finding.ts';

const { ok, warning } = findingsAbout('Clock');
// Less than the five minutes that receivers of Standard Webhooks allow, and more than the second that
// an HTTP date is rounded to.
const MOST_SKEW_SECONDS = 30;

/** How far apart two clocks are, as a finding if that is too far. */
export function checkClock(ownNowMs: number, otherNowMs: number, whose: string): Finding[] {
  const seconds = Math.round(Math.abs(ownNowMs - otherNowMs) / 1000);
  if (seconds <= MOST_SKEW_SECONDS) return [ok('clock', `agrees with that of ${whose}`)];
  return [
    warning(
      'clock',
      `this machine's clock is ${seconds} s ${ownNowMs > otherNowMs ? 'ahead of' : 'behind'} that of ${whose}`,
      'set it by NTP (systemd-timesyncd, chrony): receivers refuse signatures whose time is off, and ages in the log are wrong',
    ),
  ];
}
