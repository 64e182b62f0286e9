import { expect, test } from 'vitest';
import { decayed } from './guard.ts';
import type { Part, Series } from './statistics.ts';

/** This build and another one, as measured in two rounds. */
function pair(part: Part, setting: string, unit: string, ratios: readonly [number, number]) {
  const about = { part, setting };
  return [
    { ...about, subject: 'other', reference: null, samples: [{ [unit]: 2 }, { [unit]: 10 }] },
    {
      ...about,
      subject: 'relay',
      reference: 'other',
      samples: [{ [unit]: 2 * ratios[0] }, { [unit]: 10 * ratios[1] }],
    },
  ] satisfies Series[];
}

test.each([
  { name: 'CPU 8 % up', all: pair('deliveries', '1 webhook', 'ms of CPU', [1.06, 1.1]), bad: 0 },
  { name: 'CPU 12 % up', all: pair('deliveries', '1 webhook', 'ms of CPU', [1.1, 1.14]), bad: 1 },
  { name: 'CPU halved', all: pair('deliveries', '5 webhooks', 'ms of CPU', [0.5, 0.5]), bad: 0 },
  { name: 'a slow burst', all: pair('delay', '20 new at once', 'ms, p50', [1.3, 1.2]), bad: 1 },
  { name: 'a single mention', all: pair('delay', '1 new', 'ms, p50', [1.3, 1.2]), bad: 0 },
  { name: 'memory', all: pair('deliveries', '1 webhook', 'peak MB', [2, 2]), bad: 0 },
])('the guard finds $bad figures worse: $name', ({ all, bad }) => {
  expect(decayed(all)).toHaveLength(bad);
});
