import { expect, test } from 'vitest';
import { startTroubleWatch, type TroubleWatchParts } from '../../src/app/start-trouble-watch.ts';
import { failureAlerts } from '../../src/app/start-delivering.ts';
import type { TroubleCause } from '../../src/domain/alert.ts';
import type { RedisMemory } from '../../src/redis/redis-checks.ts';
import { recordingLog } from '../helpers/recording-log.ts';
import { alertOf } from '../webhooks/recovered-and-alert-samples.ts';
import { deliveryOf, webhookOf } from '../webhooks/delivery-samples.ts';

const NONE = { waiting: 0, active: 0, retrying: 0, failed: 0 };

function watch(open: readonly TroubleCause[], memory: readonly (RedisMemory | null)[] = []) {
  const { log, told } = recordingLog();
  let round = 0;
  const works: (() => Promise<void>)[] = [];
  const over: TroubleCause[] = [];
  const parts: TroubleWatchParts = {
    config: { webhooks: [webhookOf({ name: 'A' })] },
    log,
    lifecycle: { every: (_, work) => void works.push(work) },
    queues: { counts: async (webhook) => ({ ...NONE, failed: webhook === 'FULL' ? 1 : 0 }) },
    status: async () => ({ webhooks: [] }),
    memory: async () => memory[round++] ?? null,
    troubles: {
      found: async () => undefined,
      over: async (causes) => void over.push(...causes),
      open: async () => open,
    },
  };
  startTroubleWatch(parts);
  return { told, over, once: async () => works[0]?.() };
}

test('a trouble of a removed webhook is over, but not while it has failed deliveries', async () => {
  const held = { trouble: 'webhook_held', webhook: 'EMPTY' } as const;
  const failed = (webhook: string) => ({ trouble: 'deliveries_failed', webhook }) as const;
  const watching = watch([
    { trouble: 'webhook_held', webhook: 'A' },
    { trouble: 'polls_failing', webhook: null },
    held,
    failed('EMPTY'),
    failed('FULL'),
  ]);
  await watching.once();
  expect(watching.over.filter(({ trouble }) => trouble !== 'redis_nearly_full')).toMatchObject([
    held,
    failed('EMPTY'),
  ]);
});

test('full memory is logged once, and so is its end', async () => {
  const memory = (usedBytes: number) => ({ usedBytes, maxBytes: 100 });
  const { told, once } = watch([], [95, 90, 85, 79, 50].map(memory));
  for (let round = 0; round < 5; round += 1) await once();
  expect(told()).toEqual(['error redis.nearly_full', 'info redis.has_room']);
});

test('failed deliveries are reported, many at once in one call, and neither alerts nor those to a URL that is gone', async () => {
  const reported: string[] = [];
  const listener = failureAlerts(
    { found: async (trouble, webhook) => void reported.push(`${trouble} ${webhook}`) },
    (error) => reported.push(String(error)),
  );
  const answered = { kind: 'unanswered', code: 'ECONNREFUSED', durationMs: 1 } as const;
  const fail = (delivery: Parameters<NonNullable<typeof listener.failed>>[0]['delivery']) =>
    listener.failed?.({ delivery, attempt: 1 }, answered, 'x');
  fail(alertOf());
  listener.failed?.({ delivery: deliveryOf(), attempt: 1 }, answered, 'x', true);
  expect(reported).toEqual([]);
  for (let count = 0; count < 9; count += 1) fail(deliveryOf());
  expect(reported).toEqual(['deliveries_failed SALES']);
  await new Promise(setImmediate);
  listener.unreadable?.({ webhook: 'CRM', jobId: 'm-1', attempt: 1, reason: 'x' });
  fail(deliveryOf());
  expect(reported.slice(1)).toEqual(['deliveries_failed CRM', 'deliveries_failed SALES']);
});
