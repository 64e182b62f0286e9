import type { Compared } from './compare.ts';
import { bar, picture, rule, text } from './svg.ts';

const WIDTH = 1200;
const LEFT = 330;
const RIGHT = 90;
const TOP = 96;
const BAR = 11;
const BETWEEN = 3;
const GAP = 16;
// A few mentions of many would not be seen.
const NARROWEST = 2;
const LEGEND = [
  ['polled', 'polled'],
  ['recovered', 'scrolled past, recovered'],
  ['missed', 'missed for good'],
] as const;

/** What became of the mentions of each pattern under each policy, with recovery: a bar each. */
export function plotMissed(compared: readonly Compared[]): string {
  const full = WIDTH - LEFT - RIGHT;
  const content: string[] = [];
  let y = TOP;
  let before: string | undefined;
  for (const { pattern, policy, with: measures } of compared) {
    if (pattern.name !== before) {
      if (before !== undefined) y += GAP;
      content.push(text(24, y + BAR - 1, pattern.name, 'label'));
      before = pattern.name;
    }
    const { spotted, scrolledPast, recovered, missed } = measures;
    content.push(text(LEFT - 12, y + BAR - 1, policy.name, 'number end'));
    let x = LEFT;
    for (const [className, count] of [
      ['polled', spotted - scrolledPast],
      ['recovered', recovered],
      ['missed', missed],
    ] as const) {
      if (count === 0) continue;
      const width = Math.max(NARROWEST, (count / spotted) * full);
      const title = `${pattern.name}, ${policy.name}: ${count} of ${spotted} ${className}`;
      content.push(bar(className, { x, y, width, height: BAR }, title));
      x += width;
    }
    const polledShare = ((spotted - scrolledPast) / spotted) * 100;
    content.push(text(WIDTH - RIGHT + 12, y + BAR - 1, percent(polledShare), 'number'));
    y += BAR + BETWEEN;
  }
  const ticks = [0, 0.25, 0.5, 0.75, 1].flatMap((share) => {
    const x = LEFT + share * full;
    return [
      rule('rule', [x, TOP - 6], [x, y + 4]),
      text(x, y + 20, `${share * 100} %`, 'number middle'),
    ];
  });
  let legendX = LEFT;
  const legend = LEGEND.flatMap(([className, label]) => {
    const place = { x: legendX, y: y + 36, width: 14, height: 12 };
    legendX += 44 + label.length * 6.3;
    return [bar(className, place), text(place.x + 20, place.y + 10, label, 'number')];
  });
  return picture(
    { width: WIDTH, height: y + 66 },
    'What becomes of mentions, by how often the account is polled',
    ['Share of all mentions; on the right what polls bring by themselves. With recovery.'],
    [...ticks, ...content, ...legend],
  );
}

/** Never rounded up to all. */
function percent(share: number): string {
  return share === 100 ? '100 %' : `${Math.min(99.9, share).toFixed(1)} %`;
}
