import type { Fault } from './plan.ts';
import { duration } from './report.ts';
import { COLOURS, LEGEND, MARKS, STYLE } from './timeline-colours.ts';
import type { RunRecord } from './record.ts';
import type { Duplicate, Verdict } from './verdict.ts';

const WIDTH = 1200;
const LEFT = 170;
const RIGHT = 24;
const TOP = 104;
const LANE = 26;
const BAR = 14;
const GAP = 44;
const AREA = 110;
// A kill that is mended at once would not be seen.
const NARROWEST = 3;
const DUPLICATES_ROW = 22;

/**
 * A picture of a run as SVG: faults as bars, a lane for each that they happened to, and below them
 * what was spotted and what was delivered each second, with the moments at which something came
 * twice. Readable in light and dark. Pure.
 */
export function drawTimeline(run: RunRecord, verdict: Verdict): string {
  const lengthMs =
    run.drainedAtMs ?? Math.max(run.faultsEndedAtMs, ...run.posts.map((p) => p.atMs));
  const x = (ms: number): number => LEFT + (ms / lengthMs) * (WIDTH - LEFT - RIGHT);
  const lanesBottom = TOP + run.lanes.length * LANE;
  const areaTop = lanesBottom + GAP;
  const areaBottom = areaTop + AREA;
  const height = areaBottom + DUPLICATES_ROW + 74;
  const laneTop = (name: string): number =>
    TOP + run.lanes.findIndex((lane) => lane.name === name) * LANE;

  const lanes = run.lanes.flatMap(({ name, subject }) => [
    `<line class="rule" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${mid(name)}" y2="${mid(name)}"/>`,
    text(LEFT - 14, mid(name) + 4, labelOf(name, subject), 'label end'),
  ]);
  function mid(name: string): number {
    return laneTop(name) + LANE / 2;
  }

  const bars = run.faults.map(({ lane, kind, fromMs, toMs }) => {
    const width = Math.max(NARROWEST, x(toMs) - x(fromMs));
    const title = `${lane}: ${kind}, ${duration(fromMs)}, for ${duration(toMs - fromMs)}`;
    return (
      `<rect class="${COLOURS[kind]}" x="${round(x(fromMs))}" y="${laneTop(lane) + (LANE - BAR) / 2}"` +
      ` width="${round(width)}" height="${BAR}" rx="2"><title>${escapeXml(title)}</title></rect>`
    );
  });

  const seconds = Math.max(1, Math.ceil(lengthMs / 1000));
  const delivered = perSecond(deliveredAtMs(run), seconds);
  const most = Math.max(1, ...delivered);
  const points = delivered.map(
    (count, second) => `${round(x(second * 1000))},${round(areaBottom - (count / most) * AREA)}`,
  );
  const area = [
    ...[0, most].map((count) => {
      const y = areaBottom - (count / most) * AREA;
      return (
        `<line class="rule" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y}" y2="${y}"/>` +
        text(LEFT - 14, y + 4, String(count), 'number end')
      );
    }),
    `<path class="delivered" d="M${x(0)},${areaBottom} L${points.join(' L')} L${round(x(lengthMs))},${areaBottom} Z"/>`,
    text(LEFT - 14, areaTop + AREA / 2 - 4, 'deliveries', 'label end'),
    text(LEFT - 14, areaTop + AREA / 2 + 12, 'per second', 'label end'),
  ];

  const duplicatesY = areaBottom + DUPLICATES_ROW;
  const duplicates = [
    text(LEFT - 14, duplicatesY + 4, 'came again', 'label end'),
    ...verdict.duplicates.toSorted(unansweredFirst).map((each) => {
      const title = `${duration(each.againAtMs)}: ${each.explanation ?? 'unexplained'}, ${each.why}`;
      return diamond(
        x(each.againAtMs),
        duplicatesY,
        isUnanswered(each) ? 'silent' : 'again',
        title,
      );
    }),
  ];

  const stepMs = lengthMs > 180_000 ? 60_000 : 10_000;
  const ticks = Array.from({ length: Math.floor(lengthMs / stepMs) + 1 }, (_, index) => {
    const atMs = index * stepMs;
    const label = stepMs === 60_000 ? `${index} min` : `${atMs / 1000} s`;
    return (
      `<line class="tick" x1="${round(x(atMs))}" x2="${round(x(atMs))}" y1="${TOP}" y2="${areaBottom}"/>` +
      text(round(x(atMs)), duplicatesY + 28, label, 'number middle')
    );
  });
  const endX = round(x(run.faultsEndedAtMs));
  const end =
    `<line class="end" x1="${endX}" x2="${endX}" y1="${TOP - 8}" y2="${areaBottom}"/>` +
    text(endX - 6, TOP - 12, 'faults end', 'number end');

  let legendX = 24;
  const legend = LEGEND.map(([colour, label]) => {
    const entry =
      `<rect class="${colour}" x="${legendX}" y="${height - 27}" width="14" height="12" rx="2"/>` +
      text(legendX + 20, height - 17, label, 'number');
    legendX += 36 + label.length * 6.3;
    return entry;
  });
  for (const [className, label] of MARKS) {
    legend.push(
      diamond(legendX + 6, height - 21, className, label),
      text(legendX + 16, height - 17, label, 'number'),
    );
    legendX += 34 + label.length * 6.3;
  }

  const summary = summaryOf(run, verdict);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escapeXml(summary.join(' '))}">`,
    STYLE,
    `<rect class="paper" width="${WIDTH}" height="${height}" rx="8"/>`,
    text(24, 32, titleOf(verdict), 'title'),
    ...summary.map((line, index) => text(24, 54 + 18 * index, line, 'subtitle')),
    ...ticks,
    ...lanes,
    ...bars,
    end,
    ...area,
    ...duplicates,
    ...legend,
    '</svg>',
    '',
  ].join('\n');
}

function titleOf({ problems }: Verdict): string {
  return problems.length === 0 ? 'Nothing lost while everything fails' : 'Promises were broken';
}

function summaryOf(run: RunRecord, { deliveries, lost, duplicates }: Verdict): string[] {
  const unexplained = duplicates.filter(({ explanation }) => explanation === null).length;
  const unanswered = duplicates.filter(isUnanswered).length;
  const again = [
    `${duplicates.length - unanswered - unexplained} came again by a kill or a freeze`,
    `${unanswered} because the webhook did not answer`,
    ...(unexplained > 0 ? [`${unexplained} for no reason that is known`] : []),
  ];
  return [
    `${run.faults.length} faults in ${duration(run.faultsEndedAtMs)}, seed ${run.seed}. ` +
      `${deliveries} deliveries of ${run.mentions.length} mentions, ${lost.length === 0 ? 'none' : lost.length} lost; ${again.join(', ')}.`,
    `${run.api.busiestMinute} API requests in the busiest minute, of ${run.api.budget} allowed.`,
  ];
}

/** So that the others are drawn over them. */
function unansweredFirst(one: Duplicate, other: Duplicate): number {
  return Number(isUnanswered(other)) - Number(isUnanswered(one));
}

function isUnanswered({ explanation }: Duplicate): boolean {
  return explanation === 'webhook did not answer';
}

function labelOf(name: string, subject: Fault['subject']): string {
  return subject === 'receiver' ? `webhook ${name}` : name;
}

/** When each delivery first arrived. */
function deliveredAtMs({ posts }: RunRecord): number[] {
  const first = new Map<string, number>();
  for (const { receiver, mentions, atMs, end } of posts) {
    if (end === 'refused') continue;
    for (const mention of mentions) {
      const key = `${receiver} ${mention}`;
      first.set(key, Math.min(first.get(key) ?? Infinity, atMs));
    }
  }
  return [...first.values()];
}

function perSecond(timesMs: readonly number[], seconds: number): number[] {
  const counts = Array.from({ length: seconds }, () => 0);
  for (const atMs of timesMs) {
    const second = Math.min(seconds - 1, Math.max(0, Math.floor(atMs / 1000)));
    counts[second] = (counts[second] ?? 0) + 1;
  }
  return counts;
}

function diamond(x: number, y: number, className: string, title: string): string {
  return `<path class="${className}" d="M${round(x)},${y - 5} l4,5 l-4,5 l-4,-5 Z"><title>${escapeXml(title)}</title></path>`;
}

function text(x: number, y: number, content: string, className: string): string {
  return `<text class="${className}" x="${x}" y="${y}">${escapeXml(content)}</text>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escapeXml(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
