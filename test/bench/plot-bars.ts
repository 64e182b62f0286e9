import { bar, picture, rule, text } from '../simulation/svg.ts';
import { ratiosOf } from './goals.ts';
import type { Part, Results } from './results.ts';
import { median } from './statistics.ts';
import { number } from './tables.ts';

const WIDTH = 1200;
const LEFT = 330;
const RIGHT = 190;
const TOP = 96;
const BAR = 13;
const BETWEEN = 5;
const GAP = 16;

/**
 * What was measured of one part in one unit: a bar each for the median, a line for the spread, and
 * the ratio to the reference.
 */
export function plotBars(
  results: Results,
  about: { readonly part: Part; readonly unit: string; readonly title: string },
): string {
  const shown = results.series.filter(
    ({ part, unit }) => part === about.part && unit === about.unit,
  );
  const most = Math.max(...shown.flatMap(({ samples }) => samples));
  const full = WIDTH - LEFT - RIGHT;
  const x = (value: number): number => LEFT + (value / most) * full;
  const content: string[] = [];
  let y = TOP;
  let before: string | undefined;
  for (const series of shown) {
    const { setting, subject, samples } = series;
    if (setting !== before) {
      if (before !== undefined) y += GAP;
      content.push(text(24, y + BAR - 2, setting, 'label'));
      before = setting;
    }
    const [middle, least, highest] = [median(samples), Math.min(...samples), Math.max(...samples)];
    const ratios = ratiosOf(results, series);
    const compared = ratios === null ? '' : `, ${number(median(ratios))} x`;
    const isReference = series.reference === undefined;
    content.push(
      text(LEFT - 12, y + BAR - 2, subject, 'number end'),
      bar(
        isReference ? 'arrivals' : 'polled',
        { x: LEFT, y, width: x(middle) - LEFT, height: BAR },
        `${setting}, ${subject}: ${number(middle)} ${about.unit}`,
      ),
      rule('limit', [x(least), y + BAR / 2], [x(highest), y + BAR / 2]),
      text(WIDTH - RIGHT + 12, y + BAR - 2, `${number(middle)}${compared}`, 'number'),
    );
    y += BAR + BETWEEN;
  }
  return picture({ width: WIDTH, height: y + 24 }, about.title, [SUBTITLE(about.unit)], content);
}

const SUBTITLE = (unit: string): string =>
  `Medians in ${unit}, with the ratio to the first of each group; dashed from the lowest to the highest run.`;
