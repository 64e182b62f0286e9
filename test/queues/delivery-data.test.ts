import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { dataOf, readKept } from '../../src/queues/delivery-data.ts';
import {
  anyDelivery,
  deliveryOf,
  DOCUMENTED_ITEM,
  withOthers,
} from '../webhooks/delivery-samples.ts';
import {
  alertOf,
  anyAlert,
  anyRecovered,
  DOCUMENTED_POST,
  GROUP,
  recoveredOf,
} from '../webhooks/recovered-and-alert-samples.ts';

const through = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

test.each([
  ['mention', anyDelivery],
  ['recovered mention', anyRecovered],
  ['alert', anyAlert],
])('every %s is read as it was written', (_, any) => {
  fc.assert(
    fc.property(any, (delivery) => {
      const { kind, reading } = readKept('SALES', through(dataOf(delivery)));
      expect(kind).toBe(delivery.kind);
      expect(through(reading)).toEqual({ ok: true, value: through(delivery) });
    }),
  );
});

test('a recovered mention has its entities decoded once, however often it is read', () => {
  const group = { id: '1', name: 'A &amp;amp; B' };
  const delivery = recoveredOf({}, group);
  const { content, reading } = readKept('SALES', dataOf(delivery));
  expect(content).toMatchObject({ group });
  expect(reading).toMatchObject({ value: { mention: { group: { name: 'A &amp; B' } } } });
});

test('other mentions are kept without their content, and those that are damaged are left out', () => {
  const delivery = withOthers(deliveryOf(), [{ keyword: 'erp' }, { keyword: 'sales tool' }]);
  const data = { others: [] as readonly object[], ...dataOf(delivery) };
  expect(JSON.stringify(data.others)).not.toContain('Post content');
  const [first, second] = data.others;
  for (const others of [[null, first, 'words', [], {}, second], data.others]) {
    const { content, reading } = readKept('SALES', { ...data, others });
    expect(reading).toEqual({ ok: true, value: delivery });
    expect(content).toEqual({ ...DOCUMENTED_ITEM, merged: data.others });
  }
  for (const others of [null, 'words', [null], { 0: first }, 7]) {
    const { content, reading } = readKept('SALES', { ...data, others });
    expect(reading).toEqual({ ok: true, value: deliveryOf() });
    expect(content).toEqual(DOCUMENTED_ITEM);
  }
});

test('what a release wrote that knew mentions only is read as a mention', () => {
  const { key, mention, polledAtMs } = deliveryOf();
  const { reading } = readKept('SALES', { key, mention: mention.raw, polledAtMs });
  expect(reading).toEqual({ ok: true, value: deliveryOf() });
});

test.each([
  ['mention', dataOf(deliveryOf()), DOCUMENTED_ITEM],
  ['recovered mention', dataOf(recoveredOf()), { ...DOCUMENTED_POST, group: GROUP }],
  ['alert', dataOf(alertOf()), alertOf().alert],
])('the content of a %s is told as it is kept', (_, data, content) => {
  expect(readKept('SALES', data).content).toEqual(content);
});

test.each([
  [{ mention: 'words' }, 'mention', /^the queued mention is unreadable: the item: /],
  [{ kind: 'mention' }, 'mention', /^the queued mention is unreadable: the item: /],
  [{ kind: 'recovered', post: 7 }, 'recovered', /^the queued recovered mention is unreadable: /],
  [{ kind: 'alert', alert: { type: 'words' } }, 'alert', /^the queued alert is unreadable: type: /],
  [{ kind: 'words', key: 'x' }, null, /^the queued delivery is of a kind that this release /],
  [null, null, /^the queued delivery is damaged: its content is no JSON object$/],
  ['words', null, /^the queued delivery is damaged: /],
  [['words'], null, /^the queued delivery is damaged: /],
  [{ ...dataOf(deliveryOf()), key: 7 }, 'mention', /^the queued mention is unreadable: its key /],
  [
    { ...dataOf(deliveryOf()), polledAtMs: 'words' },
    'mention',
    /: the time at which it was polled/,
  ],
  [{ ...dataOf(deliveryOf()), polledAtMs: 1e300 }, 'mention', /: the time at which it was polled/],
  [{ ...dataOf(recoveredOf()), polledAtMs: null }, 'recovered', /: the time at which it was /],
])('%j is unreadable, and the reason has nothing of it', (data, kind, reason) => {
  const kept = readKept('SALES', data);
  expect(kept).toMatchObject({ kind, reading: { ok: false } });
  const told = kept.reading.ok ? '' : kept.reading.error;
  expect(told).toMatch(reason);
  expect(told).not.toContain('words');
});
