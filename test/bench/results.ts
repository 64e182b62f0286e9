/** What is measured, by the name that `--only` takes. */
export const PARTS = [
  'deliveries',
  'delay',
  'idle',
  'memory',
  'growth',
  'sustained',
  'start',
] as const;
export type Part = (typeof PARTS)[number];

/** One thing that was measured several times. */
export interface Series {
  readonly part: Part;
  /** Under which circumstances: `5 webhooks`. What is compared has the same. */
  readonly setting: string;
  /** What was measured: `relay`, or a reference. */
  readonly subject: string;
  readonly unit: string;
  /** One a run, in their order: the runs of one setting were made by turns. */
  readonly samples: readonly number[];
  /** In the same setting, the subject to which this one is compared. */
  readonly reference?: string;
  /** Where it stands on the axis of a plot. */
  readonly x?: number;
}

/** What it was measured on. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly kernel: string;
  readonly node: string;
  readonly redis: string;
}

/** All that was measured: docs/performance.json. */
export interface Results {
  readonly machine: Machine;
  readonly series: readonly Series[];
}
