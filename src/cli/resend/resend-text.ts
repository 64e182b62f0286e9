import type { Webhook } from '../../domain/webhook.ts';
import { timeLeft } from '../terminal/table.ts';
import type { Wait } from '../trace/journey.ts';
import { waitsText } from '../trace/trace-text.ts';

/** Counts of a resend. */
export interface Tally {
  readonly chosen: number;
  /** The mentions whose delivery to this webhook still waits, by itself or from another resend. */
  readonly waiting: number;
  /** The mentions that the next poll queues. */
  readonly fresh: number;
  /** Counts by reason. */
  readonly leftOut: ReadonlyMap<string, number>;
}

export const NOTHING: Tally = { chosen: 0, waiting: 0, fresh: 0, leftOut: new Map() };

/** Adds the counts of a portion. */
export function added(
  tally: Tally,
  portion: {
    readonly chosen: number;
    readonly waiting: number;
    readonly leftOut: readonly string[];
  },
): Tally {
  const leftOut = new Map(tally.leftOut);
  for (const reason of portion.leftOut) leftOut.set(reason, (leftOut.get(reason) ?? 0) + 1);
  return {
    ...tally,
    chosen: tally.chosen + portion.chosen,
    waiting: tally.waiting + portion.waiting,
    leftOut,
  };
}

/** Describes what is left out, one line for each reason. */
export function leftOutLines({ waiting, fresh, leftOut }: Tally): string[] {
  const rows = [
    ...[...leftOut].toSorted(([, one], [, other]) => other - one),
    ...(waiting === 0 ? [] : [['its delivery still waits', waiting] as const]),
    ...(fresh === 0 ? [] : [['new: the next poll queues it', fresh] as const]),
  ];
  return rows.map(([reason, count]) => `  left out ${count}: ${reason}`);
}

/** Describes when queued deliveries are sent. */
export function sendingLines(count: number, waits: readonly Wait[], pace: Pace): string[] {
  return [
    `${waits.length === 0 ? 'A running relay sends them' : `They wait${waitsText(waits)}`}. New mentions wait behind them.`,
    ...paceLines(count, pace),
  ];
}

/** The pace of a webhook. */
type Pace = Pick<Webhook, 'ratePerSecond' | 'batchSize' | 'digest'>;

/** Estimates how long the deliveries take; nothing if that is less than a minute, or they are a digest. */
export function paceLines(count: number, { ratePerSecond, batchSize, digest }: Pace): string[] {
  const posts = Math.ceil(count / batchSize);
  const takesMs = ratePerSecond === null || digest !== null ? 0 : (posts / ratePerSecond) * 1000;
  return takesMs < MINUTE_MS
    ? []
    : [`At the pace of this webhook that takes ${timeLeft(takesMs)} or longer.`];
}

const MINUTE_MS = 60_000;

/** Formats a count: `1 mention`, `2 mentions`. */
export function mentionsText(count: number): string {
  return `${count} ${count === 1 ? 'mention' : 'mentions'}`;
}
