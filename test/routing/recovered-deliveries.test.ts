import { expect, test } from 'vitest';
import type { DedupeBy } from '../../src/domain/mention.ts';
import { recoveredDeliveryKey } from '../../src/domain/permalink.ts';
import { recoveredDeliveries } from '../../src/routing/fan-out.ts';
import { webhookOf } from '../webhooks/delivery-samples.ts';
import { recoveredOf } from '../webhooks/recovered-and-alert-samples.ts';

const recovered = (keyword: string, link: string) => recoveredOf({ keyword, link }).mention;
const FIRST = recovered('crm', 'https://facebook.com/groups/1/permalink/1');
const AGAIN = recovered('erp', 'https://facebook.com/groups/1/permalink/1');
const OTHER = recovered('CRM', 'https://facebook.com/groups/1/permalink/2');

function sent(webhook: Parameters<typeof webhookOf>[0], dedupeBy: DedupeBy = 'mention') {
  const found = { dedupeBy, polledAtMs: 7 };
  const deliveries = recoveredDeliveries([webhookOf(webhook)], [FIRST, AGAIN, OTHER], found);
  return deliveries.map(({ mention }) => mention);
}

test('recovered mentions go to each webhook that wants them, in their order, under their keys', () => {
  const webhooks = [
    webhookOf({ name: 'A', events: 'mentions' }),
    webhookOf({ name: 'B', events: 'alerts' }),
    webhookOf({ name: 'C', events: 'all', filter: { keywords: ['erp'] } }),
  ];
  const common = { kind: 'recovered', polledAtMs: 7 };
  const [first, again] = [FIRST, AGAIN].map((each) => recoveredDeliveryKey(each, 'mention'));
  expect(
    recoveredDeliveries(webhooks, [FIRST, AGAIN], { dedupeBy: 'mention', polledAtMs: 7 }),
  ).toEqual([
    { ...common, webhook: 'A', key: first, mention: FIRST },
    { ...common, webhook: 'A', key: again, mention: AGAIN },
    { ...common, webhook: 'C', key: again, mention: AGAIN },
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

test('with DEDUPE_BY=post a webhook gets the first of a post that it wants', () => {
  expect(sent({}, 'post')).toEqual([FIRST, OTHER]);
  expect(sent({ filter: { keywords: ['erp'] } }, 'post')).toEqual([AGAIN]);
});
