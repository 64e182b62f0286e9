import type { Trouble, TroubleAlert } from '../domain/alert.ts';

/** The words of an alert about a trouble, or of an all-clear: see AlertWords. */
interface TroubleWords {
  readonly title: string;
  readonly tone: 'severe' | 'warning' | 'good';
  readonly next: string;
}

const TROUBLES: Readonly<Record<Trouble, TroubleWords>> = {
  key_rejected: {
    title: '⛔ Groouply rejects the API key',
    tone: 'severe',
    next: 'Nothing is polled. Correct GROOUPLY_API_KEY and restart the relay; mentions that come meanwhile may be missing.',
  },
  webhook_held: {
    title: '⚠️ A webhook keeps failing',
    tone: 'warning',
    next: 'Its deliveries wait in order and are not lost. See the log of the relay for the reason.',
  },
  webhook_gone: {
    title: '⛔ A webhook is gone',
    tone: 'severe',
    next: 'Its URL answers 410. Its deliveries wait. Set its new URL and restart the relay, or run the command resume; then failed retry for those that failed.',
  },
  state_emptied: {
    title: '⛔ The state of the relay is gone',
    tone: 'severe',
    next: 'Redis was emptied; waiting deliveries are lost. BACKLOG=all sends the last 100 mentions again; with BACKLOG=none, new mentions may be missing.',
  },
  items_unreadable: {
    title: '⚠️ Groouply sends items that cannot be read',
    tone: 'warning',
    next: 'Mentions may be missing; the others arrive as usual. Look for new mentions at Groouply, and report poll.item_malformed in the log of the relay to its support.',
  },
  polls_failing: {
    title: '⛔ Polls keep failing',
    tone: 'severe',
    next: 'None has succeeded for 15 minutes, and no mentions arrive. See poll.failed in the log of the relay for the reason.',
  },
  deliveries_failed: {
    title: '⚠️ Deliveries have failed',
    tone: 'warning',
    next: 'They are kept, and not retried. See delivery.failed in the log of the relay, fix the receiver, then run the command failed retry.',
  },
  redis_nearly_full: {
    title: '⛔ Redis is nearly full',
    tone: 'severe',
    next: 'It has used 90 % of maxmemory. Once it is full, the relay can neither poll nor deliver. Raise maxmemory, or make room.',
  },
  clock_jumped: {
    title: '⚠️ A clock jumped',
    tone: 'warning',
    next: 'Waits that it made too long are shortened. Check the time synchronization; clock.jumped in the log of the relay names the clock.',
  },
};

const ALL_CLEARS: Readonly<Partial<Record<Trouble, Omit<TroubleWords, 'tone'>>>> = {
  key_rejected: {
    title: '✅ Groouply accepts the API key again',
    next: 'Mentions arrive again. Those that came meanwhile may be missing.',
  },
  webhook_held: {
    title: '✅ A webhook is no longer held',
    next: 'It accepts deliveries again, was resumed, or is not configured any more.',
  },
  webhook_gone: {
    title: '✅ A webhook is no longer gone',
    next: 'It was resumed, has another URL, or is not configured any more.',
  },
  items_unreadable: {
    title: '✅ All items of Groouply are readable again',
    next: 'None was unreadable for an hour. Mentions among the earlier ones may be missing.',
  },
  polls_failing: {
    title: '✅ Polls succeed again',
    next: 'Mentions arrive again. If some may be missing, an alert about a gap reports it.',
  },
  deliveries_failed: {
    title: '✅ No failed delivery is left',
    next: 'All of them were sent again, discarded, or removed after FAILED_RETENTION_DAYS.',
  },
  redis_nearly_full: {
    title: '✅ Redis has room again',
    next: 'It uses less than 80 % of maxmemory, or has no limit any more.',
  },
};
// For an all-clear of another release.
const OTHER_ALL_CLEAR = {
  title: '✅ A trouble of the relay is over',
  next: 'See the alert before.',
};

/** The titles of all alerts about troubles, and of all all-clears. */
export const TROUBLE_TITLES: readonly string[] = [
  ...Object.values(TROUBLES),
  ...Object.values(ALL_CLEARS),
  OTHER_ALL_CLEAR,
].map(({ title }) => title);

/** Returns the words of an alert about a trouble, or of its all-clear. */
export function troubleWords({ trouble, endsAlertAtMs }: TroubleAlert): TroubleWords {
  if (endsAlertAtMs === undefined) return TROUBLES[trouble];
  return { tone: 'good', ...(ALL_CLEARS[trouble] ?? OTHER_ALL_CLEAR) };
}
