import { expect, test } from 'vitest';
import {
  createKnownWebhooks,
  createOutbox,
  createRecentAlerts,
  createTurns,
} from '../../src/delivering/outbox.io.ts';
import type { Delivery } from '../../src/domain/delivery.ts';
import type { Ping, Webhook } from '../../src/domain/webhook.ts';
import { redisKeys } from '../../src/redis/redis-keys.ts';
import { whomToPing } from '../../src/webhooks/webhook-type.ts';
import { startPrivateRedis } from '../helpers/private-redis.ts';
import { deliveryOf, webhookOf } from '../webhooks/delivery-samples.ts';
import { alertOf, recoveredOf } from '../webhooks/recovered-and-alert-samples.ts';

const people = (...ids: readonly string[]): Ping[] =>
  ids.map((id) => ({ text: id, kind: 'user', id }));
const inTurn = (pingTurn: number): Delivery => ({ ...deliveryOf(), pingTurn });
/** Returns whom each of these messages pings, by the turns of the mentions in it. */
const pinged = (pings: readonly Ping[], ...messages: readonly (readonly Delivery[])[]) =>
  messages.map((deliveries) => whomToPing(deliveries, { webhook: webhookOf({ pings }) })?.text);

test.each<[string, (string | undefined)[], (string | undefined)[]]>([
  ['nobody, if nobody is configured', pinged([], [inTurn(7)]), [undefined]],
  [
    'the only one, without a turn',
    pinged(people('a'), [deliveryOf()], [recoveredOf()]),
    ['a', 'a'],
  ],
  [
    'several in turn',
    pinged(people('a', 'b', 'c'), ...[0, 1, 2, 3, 4].map((turn) => [inTurn(turn)])),
    ['a', 'b', 'c', 'a', 'b'],
  ],
  [
    'the first, for a mention of a release without turns',
    pinged(people('a', 'b'), [deliveryOf()]),
    ['a'],
  ],
  ['in turn after the list has become shorter', pinged(people('a', 'b'), [inTurn(9)]), ['b']],
  ['nobody for an alert', pinged(people('a'), [alertOf()]), [undefined]],
  [
    'in turn, one for each message of a backlog, however many are in it',
    pinged(
      people('a', 'b'),
      ...[0, 10, 20, 30].map((first) => Array.from({ length: 10 }, (_, at) => inTurn(first + at))),
    ),
    ['a', 'b', 'a', 'b'],
  ],
])('a message pings %s', (_, shown, expected) => {
  expect(shown).toEqual(expected);
});

test('turns go on over replicas, for mentions and recovered ones of webhooks that ping several', async () => {
  const redis = await startPrivateRedis();
  try {
    const keys = redisKeys('test');
    const webhooks: Webhook[] = [
      webhookOf({ name: 'SALES', pings: people('a', 'b', 'c') }),
      webhookOf({ name: 'ONE', pings: people('a') }),
    ];
    const queued: (readonly Delivery[])[] = [];
    const replicas = [1, 2].map(() =>
      createOutbox({
        webhooks,
        enqueue: async (_, deliveries) => void queued.push(deliveries),
        knownWebhooks: createKnownWebhooks(redis.client, keys),
        recentAlerts: createRecentAlerts(redis.client, keys),
        takeTurns: createTurns(redis.client, keys),
      }),
    );
    const [one, two] = replicas;
    await one?.enqueue('SALES', [deliveryOf(), deliveryOf()]);
    await two?.put([alertOf(), recoveredOf()]);
    await two?.put([{ ...deliveryOf(), webhook: 'ONE' }]);
    await one?.put([alertOf()]);
    await one?.enqueue('SALES', [deliveryOf()]);
    const turns = queued.map((each) =>
      each.map((delivery) => 'pingTurn' in delivery && delivery.pingTurn),
    );
    expect(turns).toEqual([[0, 1], [false, 2], [false], [false], [3]]);
  } finally {
    await redis.stop();
  }
});
