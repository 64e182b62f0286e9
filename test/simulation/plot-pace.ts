import { WINDOW_LIMIT } from '../../src/state/gap.ts';
import { MINUTE_MS } from './patterns.ts';
import type { SimulatedPoll, SimulatedRun } from './simulate-relay.ts';
import { bar, picture, round, rule, text } from './svg.ts';

const WIDTH = 1200;
const LEFT = 150;
const RIGHT = 40;
const TOP = 96;
const ROW = 110;
const GAP = 34;
const SLICE_MS = 5_000;

interface Row {
  readonly label: string;
  readonly unit: string;
  readonly most: number;
  readonly draw: (y: (value: number) => number) => string[];
}

/** One run in time: how mentions come, how far polls are apart, and how much of each window is new. */
export function plotPace({ pattern, policy, polls }: SimulatedRun): string {
  const x = (ms: number): number => LEFT + (ms / pattern.lengthMs) * (WIDTH - LEFT - RIGHT);
  const within = polls.filter(({ atMs }) => atMs <= pattern.lengthMs);
  const perSecond = rates(
    pattern.arrivals.map(({ atMs }) => atMs),
    pattern.lengthMs,
  );
  const spacings = within.slice(1).map(({ atMs }, index) => ({
    atMs,
    seconds: (atMs - (within[index]?.atMs ?? 0)) / 1000,
  }));
  const shares = within.slice(1).map((poll) => ({ poll, share: newShare(poll) }));

  const rows: Row[] = [
    {
      label: 'mentions',
      unit: 'a second',
      most: Math.ceil(Math.max(1, ...perSecond)),
      draw: (y) => {
        const points = perSecond.map(
          (rate, slice) => `${round(x((slice + 0.5) * SLICE_MS))},${round(y(rate))}`,
        );
        const [from, to] = [x(0), x(pattern.lengthMs)].map(round);
        return [
          `<path class="arrivals" d="M${from},${y(0)} L${points.join(' L')} L${to},${y(0)} Z"/>`,
        ];
      },
    },
    {
      label: 'seconds',
      unit: 'between polls',
      most: Math.ceil(Math.max(...spacings.map(({ seconds }) => seconds))),
      draw: (y) => {
        const points = spacings.map(
          ({ atMs, seconds }) => `${round(x(atMs))},${round(y(seconds))}`,
        );
        return [`<path class="spacing" d="M${points.join(' L')}"/>`];
      },
    },
    {
      label: 'new in',
      unit: 'the window, %',
      most: 100,
      draw: (y) =>
        shares.map(({ poll, share }) =>
          bar(poll.outcome.gap ? 'missed' : 'polled', {
            x: x(poll.atMs) - 0.75,
            y: y(share),
            width: 1.5,
            height: y(0) - y(share),
          }),
        ),
    },
  ];

  const drawn = rows.flatMap(({ label, unit, most, draw }, index) => {
    const bottom = TOP + index * (ROW + GAP) + ROW;
    const y = (value: number): number => bottom - (value / most) * ROW;
    return [
      ...[0, most].flatMap((value) => [
        rule(
          most === 100 && value === 100 ? 'limit' : 'rule',
          [LEFT, y(value)],
          [WIDTH - RIGHT, y(value)],
        ),
        text(LEFT - 12, y(value) + 4, String(value), 'number end'),
      ]),
      text(LEFT - 12, bottom - ROW / 2 - 4, label, 'label end'),
      text(LEFT - 12, bottom - ROW / 2 + 12, unit, 'label end'),
      ...draw(y),
    ];
  });
  const bottom = TOP + rows.length * (ROW + GAP) - GAP;
  const minutes = Math.floor(pattern.lengthMs / MINUTE_MS);
  const ticks = Array.from({ length: Math.floor(minutes / 5) + 1 }, (_, index) =>
    text(x(index * 5 * MINUTE_MS), bottom + 22, `${index * 5} min`, 'number middle'),
  );
  const fullest = Math.max(...shares.map(({ share }) => share));
  return picture(
    { width: WIDTH, height: bottom + 40 },
    `Polled sooner while mentions come faster: ${pattern.name}`,
    [
      `${within.length} polls (${policy.name}). At most ${Math.round(fullest)} % of a window were new: at 100 % mentions scroll past.`,
    ],
    [...ticks, ...drawn],
  );
}

/** In percent. */
function newShare({ outcome }: SimulatedPoll): number {
  return (outcome.newMentions / WINDOW_LIMIT) * 100;
}

/** Mentions a second, in each slice of the time. */
function rates(timesMs: readonly number[], lengthMs: number): number[] {
  const counts = Array.from({ length: Math.ceil(lengthMs / SLICE_MS) }, () => 0);
  for (const atMs of timesMs) {
    const slice = Math.floor(atMs / SLICE_MS);
    counts[slice] = (counts[slice] ?? 0) + 1;
  }
  return counts.map((count) => count / (SLICE_MS / 1000));
}
