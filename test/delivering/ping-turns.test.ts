import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPingTurns } from '../../src/delivering/ping-turns.io.ts';
import type { Delivery } from '../../src/domain/delivery.ts';
import type { MentionKey } from '../../src/domain/mention.ts';
import type { Ping } from '../../src/domain/webhook.ts';
import { redisKeys } from '../../src/redis/redis-keys.ts';
import { whomToPing } from '../../src/webhooks/webhook-type.ts';
import { startPrivateRedis, type PrivateRedis } from '../helpers/private-redis.ts';
import { deliveryOf, webhookOf } from '../webhooks/delivery-samples.ts';
import { alertOf, recoveredOf } from '../webhooks/recovered-and-alert-samples.ts';

const people = (...ids: readonly string[]): Ping[] =>
  ids.map((id) => ({ text: id, kind: 'user', id }));
/** Returns whom a message of this turn pings. */
const pinged = (pings: readonly Ping[], pingTurn?: number, delivery: Delivery = deliveryOf()) =>
  whomToPing([delivery, delivery], {
    webhook: webhookOf({ pings }),
    ...(pingTurn !== undefined && { pingTurn }),
  })?.text;

test.each<[string, (string | undefined)[], (string | undefined)[]]>([
  ['nobody, if nobody is configured', [pinged([], 7)], [undefined]],
  [
    'the only one, without a turn',
    [pinged(people('a')), pinged(people('a'), undefined, recoveredOf())],
    ['a', 'a'],
  ],
  [
    'several in turn',
    [0, 1, 2, 3, 4].map((turn) => pinged(people('a', 'b', 'c'), turn)),
    ['a', 'b', 'c', 'a', 'b'],
  ],
  ['nobody for an alert', [pinged(people('a'), 0, alertOf())], [undefined]],
])('a message pings %s', (_, shown, expected) => {
  expect(shown).toEqual(expected);
});

let redis: PrivateRedis;
beforeAll(async () => {
  redis = await startPrivateRedis();
});
afterAll(() => redis.stop());

test('messages take turns over replicas, whatever is in them; a repeated one keeps its own', async () => {
  const keys = redisKeys('test');
  const [one, two] = [1, 2].map(() => createPingTurns(redis.client, keys));
  const turn = (replica: typeof one, first: string, webhook = 'A') =>
    replica?.(webhook, first as MentionKey);
  const turns = [
    await turn(one, 'x'),
    await turn(two, 'y'),
    await turn(two, 'x'),
    await turn(one, 'z'),
    await turn(one, 'x', 'B'),
  ];
  expect(turns).toEqual([0, 1, 0, 2, 0]);
});

test('only the latest 1,000 messages are remembered, and turns go on', async () => {
  const keys = redisKeys('many');
  const turns = createPingTurns(redis.client, keys);
  for (let at = 0; at < 1_005; at += 1) await turns('A', `${at}` as MentionKey);
  expect(await redis.client.zcard(keys.pingTurns('A'))).toBe(1_000);
  expect(await turns('A', '1004' as MentionKey)).toBe(1_004);
  expect(await turns('A', '0' as MentionKey)).toBe(1_005);
});
