import { expect, test } from 'vitest';
import type { MentionDelivery } from '../../src/domain/delivery.ts';
import { mentionKey, parseMention } from '../../src/domain/mention.ts';
import { createMentionMaker } from '../../src/sandbox/made-up-mentions.ts';
import { webhookTypes } from '../../src/webhooks/registry.ts';
import { contextOf } from '../webhooks/delivery-samples.ts';
import { mentionsIn } from './posted-mentions.ts';
import { seededRandom } from './seeded-random.ts';

const makeUp = createMentionMaker(seededRandom(7));
const deliveries = Array.from({ length: 10 }, (): MentionDelivery => {
  const parsed = parseMention(makeUp(1_700_000_000_000));
  if (!parsed.ok) throw new Error(parsed.error);
  const mention = parsed.value;
  const key = mentionKey(mention, 'mention');
  return { kind: 'mention', webhook: 'A', key, mention, polledAtMs: 0 };
});

test.each([
  ['http', 1],
  ['http', 10],
  ['slack', 1],
  ['slack', 10],
] as const)('in a request of type %s with %i mentions all of them are found', (type, count) => {
  const batch = deliveries.slice(0, count);
  const { body } = webhookTypes[type].request(batch, contextOf());
  expect(mentionsIn(body)).toEqual(batch.map(({ mention }) => mention.id));
});
