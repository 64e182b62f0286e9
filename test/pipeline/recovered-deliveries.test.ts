import { expect, test } from 'vitest';
import type { MentionKey } from '../../src/domain/mention.ts';
import type { RecoveredMention } from '../../src/domain/recovered-mention.ts';
import { recoveredDeliveries } from '../../src/pipeline/recovered-deliveries.ts';
import { webhookOf } from '../webhooks/delivery-samples.ts';
import { recoveredOf } from '../webhooks/recovered-and-alert-samples.ts';

const recovered = (keyword: string, link: string) => recoveredOf({ keyword, link }).mention;
const FIRST = recovered('crm', 'https://facebook.com/groups/1/permalink/1');
const AGAIN = recovered('erp', 'https://facebook.com/groups/1/permalink/1');
const OTHER = recovered('CRM', 'https://facebook.com/groups/1/permalink/2');

const byMention = ({ keyword, link }: RecoveredMention) => `${keyword} ${link}` as MentionKey;
const byPost = ({ link }: RecoveredMention) => link as MentionKey;

function sent(
  webhook: Parameters<typeof webhookOf>[0],
  keyOf: (mention: RecoveredMention) => MentionKey = byMention,
) {
  const deliveries = recoveredDeliveries([webhookOf(webhook)], [FIRST, AGAIN, OTHER], {
    keyOf,
    polledAtMs: 7,
  });
  return deliveries.map(({ mention }) => mention);
}

test('recovered mentions go to each webhook that wants them, in their order, under their keys', () => {
  const webhooks = [
    webhookOf({ name: 'A', events: 'mentions' }),
    webhookOf({ name: 'B', events: 'alerts' }),
    webhookOf({ name: 'C', events: 'all', filter: { keywords: ['erp'] } }),
  ];
  const common = { kind: 'recovered', polledAtMs: 7 };
  expect(
    recoveredDeliveries(webhooks, [FIRST, AGAIN], { keyOf: byMention, polledAtMs: 7 }),
  ).toEqual([
    { ...common, webhook: 'A', key: byMention(FIRST), mention: FIRST },
    { ...common, webhook: 'A', key: byMention(AGAIN), mention: AGAIN },
    { ...common, webhook: 'C', key: byMention(AGAIN), mention: AGAIN },
  ]);
});

test.each([
  ['no filter', {}, [FIRST, AGAIN, OTHER]],
  ['a keyword', { keywords: ['crm'] }, [FIRST, OTHER]],
  ['its group by name', { groups: ['group name'] }, [FIRST, AGAIN, OTHER]],
  ['another group', { groups: ['1'] }, []],
  ['positions, which are not known', { positions: ['comment'] }, [FIRST, AGAIN, OTHER]],
])('a webhook with %s gets what it lets through', (_, filter, mentions) => {
  expect(sent({ filter })).toEqual(mentions);
});

test('with keys by post a webhook gets the first of a post that it wants', () => {
  expect(sent({}, byPost)).toEqual([FIRST, OTHER]);
  expect(sent({ filter: { keywords: ['erp'] } }, byPost)).toEqual([AGAIN]);
});
