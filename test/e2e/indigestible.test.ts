import { describe, expect, test } from 'vitest';
import { relayBench } from '../helpers/relay-bench.ts';
import { waitUntil } from '../helpers/wait-until.ts';

const QUICK = { RETRY_SCHEDULE_SECONDS: Array.from({ length: 40 }, () => '0.1').join() };
const MINUTE = 60_000;

describe.concurrent('a delivery that its receiver can not digest', () => {
  test('holds nothing: later mentions pass it, and it follows its own schedule', async () => {
    await using bench = await relayBench();
    const { sandbox, a } = bench;
    const [bad] = sandbox.spot(1);
    a.answerWith(({ text }) => ({ status: text.includes(bad?.id ?? '') ? 500 : 200 }));
    const relay = bench.relay(QUICK);
    await relay.waitForEvent('delivery.retrying', 8);
    const good = sandbox.spot(5).map(({ id }) => id);
    await waitUntil('the good ones', () => good.every((id) => a.mentionIds().includes(id)));
    expect(relay.events('webhook.held')).toEqual([]);
    await relay.waitForEvent('delivery.failed');
    expect(relay.events('delivery.failed')).toMatchObject([{ mentionId: bad?.id, attempt: 41 }]);
  });

  test('in a batch is found at once, and the others of the batch arrive', async () => {
    await using bench = await relayBench({ backlog: 20 });
    const { a, sandbox } = bench;
    const bad = sandbox.mentions()[7]?.id ?? '';
    a.answerWith(({ text }) => ({ status: text.includes(bad) ? 500 : 200 }));
    const relay = bench.relay({ WEBHOOK_A_BATCH_SIZE: '20', RETRY_SCHEDULE_SECONDS: '1,600' });
    await relay.waitForEvent('delivery.succeeded', 19);
    await relay.waitForEvent('delivery.retrying', 2);
    expect(new Set(relay.events('delivery.retrying').map(({ mentionId }) => mentionId))).toEqual(
      new Set([bad]),
    );
    expect(relay.events('webhook.held')).toEqual([]);
  });

  test(
    'does not stay the probe of a held webhook: the next probe is another delivery',
    async () => {
      await using bench = await relayBench();
      const { sandbox, a } = bench;
      const bad = sandbox.spot(3).map(({ id }) => id);
      a.answerWith(({ text }) => ({ status: bad.some((id) => text.includes(id)) ? 500 : 200 }));
      const relay = bench.relay({ ...QUICK, LOG_LEVEL: 'debug' });
      await relay.waitForEvent('webhook.held');
      const good = sandbox.spot(3).map(({ id }) => id);
      await waitUntil(
        'the good ones',
        () => good.every((id) => a.mentionIds().includes(id)),
        MINUTE,
      );
      const probes = relay
        .events('webhook.probe_failed')
        .map(({ mentionIds }) => String(mentionIds));
      expect(new Set(probes).size).toBe(probes.length);
    },
    2 * MINUTE,
  );

  test('in the batch of a held webhook does not keep the others from arriving', async () => {
    await using bench = await relayBench({ backlog: 4 });
    const { sandbox, a } = bench;
    a.answerWith(() => ({ status: 500 }));
    const relay = bench.relay({ WEBHOOK_A_BATCH_SIZE: '20', ...QUICK });
    await relay.waitForEvent('webhook.held');
    const [bad = '', ...good] = sandbox.mentions().map(({ id }) => id);
    a.answerWith(({ text }) => ({ status: text.includes(bad) ? 500 : 200 }));
    await waitUntil('the good ones', () => good.every((id) => a.mentionIds().includes(id)), MINUTE);
  });
});
