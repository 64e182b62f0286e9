import { expect, test } from 'vitest';
import type { DeliveryCounts } from '../../src/domain/delivery.ts';
import {
  purgeFailed,
  readUnconfigured,
  logUnconfigured,
} from '../../src/delivering/kept-deliveries.ts';
import { recordingLog } from '../helpers/recording-log.ts';

const none: DeliveryCounts = { waiting: 0, active: 0, retrying: 0, failed: 0 };

function kept(counts: Readonly<Record<string, Partial<DeliveryCounts>>>) {
  const { log, lines } = recordingLog();
  const purges: string[] = [];
  return {
    lines,
    purges,
    ports: {
      everNames: async () => Object.keys(counts),
      counts: async (webhook: string) => ({ ...none, ...counts[webhook] }),
      async purgeFailed(webhook: string, ageMs: number) {
        purges.push(`${webhook} ${ageMs}`);
        return counts[webhook]?.failed ?? 0;
      },
      log,
    },
  };
}

test('a webhook with deliveries that is not configured is told; others are not', async () => {
  const { ports, lines } = kept({ A: { waiting: 3 }, DONE: {}, OLD: { waiting: 1, failed: 2 } });
  await logUnconfigured(ports, ['A', 'NEW']);
  expect(lines.map(({ level, event, fields }) => ({ level, event, fields }))).toEqual([
    {
      level: 'warn',
      event: 'webhook.unconfigured',
      fields: { webhook: 'OLD', waiting: 1, active: 0, retrying: 0, failed: 2 },
    },
  ]);
});

test.each(['waiting', 'active', 'retrying', 'failed'])(
  'one that is %s is enough',
  async (where) => {
    const { ports } = kept({ OLD: { [where]: 1 } });
    expect(await readUnconfigured(ports, ['A'])).toEqual({ OLD: { ...none, [where]: 1 } });
  },
);

test('what failed too long ago is purged, of every webhook once, and told with its number', async () => {
  const { ports, lines, purges } = kept({ A: { failed: 2 }, OLD: { failed: 1 }, DONE: {} });
  await purgeFailed(ports, ['A', 'NEW'], 1_000);
  expect(purges.toSorted()).toEqual(['A 1000', 'DONE 1000', 'NEW 1000', 'OLD 1000']);
  expect(lines.map(({ event, fields }) => [event, fields])).toEqual([
    ['delivery.purged', { webhook: 'A', purged: 2 }],
    ['delivery.purged', { webhook: 'OLD', purged: 1 }],
  ]);
});
