import { picture, round, rule, text } from '../simulation/svg.ts';
import type { Results, Series } from './results.ts';
import { median } from './statistics.ts';
import { number } from './tables.ts';

const WIDTH = 1200;
const LEFT = 110;
const RIGHT = 60;
const TOP = 110;
const PANEL = 130;
const GAP = 76;
const BETWEEN = 110;

interface Panel {
  readonly label: string;
  readonly of: (series: Series) => boolean;
}

const AXES = ['webhooks', 'waiting', 'replicas'] as const;
const PANELS: readonly Panel[] = [
  ...AXES.flatMap((axis): Panel[] =>
    ['mentions/s', 'MB at most'].map((unit) => ({
      label: `${unit}, by ${axis === 'waiting' ? 'deliveries that wait' : axis}`,
      of: (series) =>
        series.part === 'growth' && series.subject === `by ${axis}` && series.unit === unit,
    })),
  ),
  {
    label: 'MB in Redis, by mentions that were seen',
    of: ({ part, x }) => part === 'memory' && x !== undefined,
  },
];

/** How cost grows: a panel for each thing that may grow and what it costs, medians and spread. */
export function plotGrowth(results: Results): string {
  const shown = PANELS.filter(({ of }) => results.series.filter(of).length > 1);
  const width = (WIDTH - LEFT - RIGHT - BETWEEN) / 2;
  const content = shown.flatMap((panel, index) =>
    drawPanel(panel.label, results.series.filter(panel.of), {
      x: LEFT + (index % 2) * (width + BETWEEN),
      y: TOP + Math.floor(index / 2) * (PANEL + GAP),
      width,
    }),
  );
  const rows = Math.ceil(shown.length / 2);
  return picture(
    { width: WIDTH, height: TOP + rows * (PANEL + GAP) },
    'How speed and memory grow',
    ['Medians; dashed from the lowest to the highest run. Every step across is by its logarithm.'],
    content,
  );
}

function drawPanel(
  label: string,
  series: readonly Series[],
  place: { readonly x: number; readonly y: number; readonly width: number },
): string[] {
  const most = Math.max(...series.flatMap(({ samples }) => samples)) * 1.1;
  const places = series.map(({ x = 0 }) => Math.log(x));
  const [from, to] = [Math.min(...places), Math.max(...places)];
  const x = (value = 0): number =>
    place.x + ((Math.log(value) - from) / (to - from || 1)) * place.width;
  const y = (value: number): number => place.y + PANEL - (value / most) * PANEL;
  const bottom = place.y + PANEL;
  const points = series.map((each) => `${round(x(each.x))},${round(y(median(each.samples)))}`);
  // Of many steps only the first and the last are named.
  const named = series.length > 10 ? [series[0], series.at(-1)] : series;
  return [
    text(place.x, place.y - 12, label, 'label'),
    rule('rule', [place.x, bottom], [place.x + place.width, bottom]),
    rule('rule', [place.x, place.y], [place.x, bottom]),
    text(place.x - 8, place.y + 8, number(most), 'number end'),
    text(place.x - 8, bottom, '0', 'number end'),
    ...series.map(({ x: at, samples }) =>
      rule('limit', [x(at), y(Math.min(...samples))], [x(at), y(Math.max(...samples))]),
    ),
    `<polyline class="spacing" points="${points.join(' ')}"/>`,
    ...named.map((each) =>
      text(x(each?.x), bottom + 16, (each?.x ?? 0).toLocaleString('en-GB'), 'number middle'),
    ),
  ];
}
