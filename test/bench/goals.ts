import type { Results, Series } from './results.ts';
import { median, pairedRatios } from './statistics.ts';

/** What a measurement is to come to. */
export interface Goal {
  readonly measure: string;
  readonly limit: number;
  /** Whether it is to be the limit at least, or at most. */
  readonly sense: 'at least' | 'at most';
  /** What is written behind a number. */
  readonly unit: string;
  /** What was measured; null if it was not. */
  readonly read: (results: Results) => number | null;
}

type Wanted = Pick<Series, 'part' | 'setting' | 'subject' | 'unit'>;

/** The one series of these names; undefined if it was not measured. */
export function find({ series }: Results, wanted: Wanted): Series | undefined {
  return series.find(
    ({ part, setting, subject, unit }) =>
      part === wanted.part &&
      setting === wanted.setting &&
      subject === wanted.subject &&
      unit === wanted.unit,
  );
}

/** The ratios of a series to its reference, pair by pair; null if it has none. */
export function ratiosOf(results: Results, series: Series): readonly number[] | null {
  if (series.reference === undefined) return null;
  const reference = find(results, { ...series, subject: series.reference });
  return reference === undefined ? null : pairedRatios(series.samples, reference.samples);
}

function medianOf(wanted: Wanted) {
  return (results: Results): number | null => {
    const series = find(results, wanted);
    return series === undefined ? null : median(series.samples);
  };
}

function ratioOf(wanted: Wanted) {
  return (results: Results): number | null => {
    const series = find(results, wanted);
    const ratios = series === undefined ? null : ratiosOf(results, series);
    return ratios === null ? null : median(ratios);
  };
}

const ofDeliveries = (subject: string, setting = '5 webhooks', unit = 'mentions/s'): Wanted => ({
  part: 'deliveries',
  setting,
  subject,
  unit,
});
const ofDelay = (setting: string): Wanted => ({
  part: 'delay',
  setting,
  subject: 'relay',
  unit: 'ms, p50',
});
const ofIdle = (setting: string, unit: string): Wanted => ({
  part: 'idle',
  setting,
  subject: 'relay',
  unit,
});
const ofSustained = (unit: string): Wanted => ({
  part: 'sustained',
  setting: '90 new a poll, 13 webhooks',
  subject: 'relay',
  unit,
});

const OVER_LOOP = 'of a bare got.post loop';
const OVER_SCRIPT = 'x a script without a queue';

/** The goals, in the order of the page. */
export const GOALS: readonly Goal[] = [
  {
    measure: 'deliveries/s, 5 webhooks, one POST a mention',
    limit: 0.85,
    sense: 'at least',
    unit: OVER_LOOP,
    read: ratioOf(ofDeliveries('relay')),
  },
  {
    measure: 'mentions/s, 5 webhooks, batches of 10',
    limit: 3.2,
    sense: 'at least',
    unit: OVER_LOOP,
    read: ratioOf(ofDeliveries('relay, batches of 10')),
  },
  {
    measure: 'mentions/s, 5 webhooks, batches of 50',
    limit: 8,
    sense: 'at least',
    unit: OVER_LOOP,
    read: ratioOf(ofDeliveries('relay, batches of 50')),
  },
  {
    measure: 'delay, 1 new, 1 webhook, p50',
    limit: 3,
    sense: 'at most',
    unit: OVER_SCRIPT,
    read: ratioOf(ofDelay('1 new, 1 webhook')),
  },
  {
    measure: 'delay, 20 new at once, 1 webhook, p50',
    limit: 1.06,
    sense: 'at most',
    unit: OVER_SCRIPT,
    read: ratioOf(ofDelay('20 new at once, 1 webhook')),
  },
  {
    measure: 'delay, 20 new at once, 5 webhooks, p50',
    limit: 0.66,
    sense: 'at most',
    unit: OVER_SCRIPT,
    read: ratioOf(ofDelay('20 new at once, 5 webhooks')),
  },
  ...['1 webhook', '20 webhooks'].map((setting): Goal => ({
    measure: `idle, ${setting}, a poll every 10 s`,
    limit: 0.5,
    sense: 'at most',
    unit: '% of a core',
    read: medianOf(ofIdle(setting, '% of a core')),
  })),
  {
    measure: 'idle, 1 webhook, memory',
    limit: 90,
    sense: 'at most',
    unit: 'MB',
    read: medianOf(ofIdle('1 webhook', 'MB')),
  },
  {
    measure: 'idle, 20 webhooks, memory',
    limit: 100,
    sense: 'at most',
    unit: 'MB',
    read: medianOf(ofIdle('20 webhooks', 'MB')),
  },
  {
    measure: 'memory under full load, 5 webhooks',
    limit: 180,
    sense: 'at most',
    unit: 'MB',
    read: medianOf(ofDeliveries('relay', '5 webhooks', 'MB at most')),
  },
  {
    measure: 'Redis, a remembered mention',
    limit: 80,
    sense: 'at most',
    unit: 'bytes',
    read: medianOf({
      part: 'memory',
      setting: '1 KB payloads',
      subject: 'a remembered mention',
      unit: 'bytes',
    }),
  },
  {
    measure: 'Redis, growth from the first half of a million mentions to the second',
    limit: 1,
    sense: 'at most',
    unit: 'x',
    read: growthOfMemory,
  },
  {
    measure: '2 replicas on 2 cores',
    limit: 1.5,
    sense: 'at least',
    unit: 'x one replica',
    read: gainOfReplica,
  },
  {
    measure: '90 new in each poll, 13 webhooks: deliveries/s',
    limit: 1000,
    sense: 'at least',
    unit: '',
    read: medianOf(ofSustained('deliveries/s')),
  },
  {
    measure: '90 new in each poll, 13 webhooks: behind at the end',
    limit: 2,
    sense: 'at most',
    unit: 's',
    read: medianOf(ofSustained('s behind at the end')),
  },
  {
    measure: '90 new in each poll, 13 webhooks: lost',
    limit: 0,
    sense: 'at most',
    unit: '',
    read: medianOf(ofSustained('lost')),
  },
  {
    measure: 'from exec to the first poll',
    limit: 800,
    sense: 'at most',
    unit: 'ms',
    read: medianOf({
      part: 'start',
      setting: 'from exec',
      subject: 'relay, to its first poll',
      unit: 'ms',
    }),
  },
];

/** Whether a goal is reached by what was measured, as it is shown: to three digits. */
export function isReached({ limit, sense }: Goal, value: number): boolean {
  const shown = Number(value.toPrecision(3));
  return sense === 'at least' ? shown >= limit : shown <= limit;
}

/** The highest of the second half of all looks at Redis, over that of the first half. */
function growthOfMemory({ series }: Results): number | null {
  const looks = series.filter(({ part, x }) => part === 'memory' && x !== undefined);
  if (looks.length < 2) return null;
  const highest = (half: readonly Series[]): number =>
    Math.max(...half.map(({ samples }) => median(samples)));
  const middle = looks.length / 2;
  return highest(looks.slice(middle)) / highest(looks.slice(0, middle));
}

function gainOfReplica(results: Results): number | null {
  const [one, two] = ['1 replica, 5 webhooks', '2 replicas, 5 webhooks'].map((setting) =>
    find(results, { part: 'growth', setting, subject: 'by replicas', unit: 'mentions/s' }),
  );
  if (one === undefined || two === undefined) return null;
  return median(pairedRatios(two.samples, one.samples));
}
