import { expect, test } from 'vitest';
import { relayBench } from '../helpers/relay-bench.ts';
import { deliveryOf } from '../webhooks/delivery-samples.ts';
import { expectSlackMessage } from '../webhooks/slack/slack-limits.ts';

const IDS = ['U01ANNA99', 'U02BEN999', 'S03TEAM99'];

test('six mentions ping each of three twice, over a restart and a retry; alerts and test pings ping nobody', async () => {
  await using bench = await relayBench();
  const { a, sandbox } = bench;
  const env = {
    WEBHOOK_A_TYPE: 'slack',
    WEBHOOK_A_PING: IDS.join(', '),
    WEBHOOK_A_EVENTS: 'all',
    WEBHOOK_A_BATCH_SIZE: '1',
    WEBHOOK_A_RATE_PER_SECOND: '1000',
    RETRY_SCHEDULE_SECONDS: '0.1,0.1',
  };
  // The second mention is refused once.
  a.answerWith((_, count) => ({ status: count === 2 ? 500 : 200 }));
  const first = bench.relay(env);
  const spotted = sandbox.spot(2);
  await a.waitFor(3);
  await first.waitForEvent('delivery.succeeded', 2);
  first.kill('SIGTERM');
  await first.ended;

  const second = bench.relay(env);
  spotted.push(...sandbox.spot(4));
  await second.waitForEvent('delivery.succeeded', 4);
  const pinged = a.received.map(({ text }) => pingOf(text));
  expect(pinged).toEqual([0, 1, 1, 2, 0, 1, 2].map((at) => IDS[at]));
  const deliveries = spotted.map((item) => deliveryOf({ ...item }));
  for (const { text } of a.received) expectSlackMessage(text, deliveries, elementOf(pingOf(text)));
  const { stdout } = await bench.run(['preview'], env);
  expect(stdout).toContain(`  matches A (pings ${IDS.join(', ')} in turn)\n`);

  const forScripts = await bench.run(['preview', '--json'], env);
  expect(JSON.parse(forScripts.stdout)).toMatchObject({
    mentions: spotted.map(() => ({ webhooks: { A: { pings: IDS } } })),
  });

  // An alert pings nobody, and a `test.ping` names those who would be.
  sandbox.setWindow([...sandbox.mentions(), { content: 'neither id nor link' }]);
  await a.waitFor(8);
  expectSlackMessage(a.received[7]?.text ?? '');
  const check = await bench.run(['check', '--send'], env);
  expect(check.stdout.replaceAll(/\n +/g, ' ')).toContain(
    `it pinged nobody, and mentions will ping ${IDS.join(', ')} in turn`,
  );
  expectSlackMessage(a.received.at(-1)?.text ?? '');
});

/** Returns the id in the first block of a message. */
function pingOf(text: string): string {
  return IDS.find((id) => text.split('"header"')[0]?.includes(`"${id}"`)) ?? 'nobody';
}

function elementOf(id: string): object {
  return id.startsWith('S')
    ? { type: 'usergroup', usergroup_id: id }
    : { type: 'user', user_id: id };
}
