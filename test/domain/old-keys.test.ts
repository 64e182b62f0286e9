import { describe, expect, test } from 'vitest';
import { mentionKey } from '../../src/domain/mention.ts';
import {
  deliveryKey,
  keepsOldKey,
  oldMentionKey,
  oldPermalinkKey,
  oldRecoveredKey,
  recoveredDeliveryKeyBy,
} from '../../src/domain/old-keys.ts';
import { recoveredDeliveryKey } from '../../src/domain/permalink.ts';
import { mention } from '../helpers/mentions.ts';
import { deliveryOf } from '../webhooks/delivery-samples.ts';
import { recoveredOf } from '../webhooks/recovered-and-alert-samples.ts';

// What the releases with state versions 1 to 3 computed. Redis holds these.
test('the old keys are what they were', () => {
  const { mention: documented } = deliveryOf();
  expect(oldMentionKey(documented, 'mention')).toBe('ObWyoZZv-R8Ep-C4lM0GLS');
  expect(oldMentionKey(documented, 'post')).toBe('jlmYmYCX3J1U3aKFdWLUMn');
  const before = { dedupeBy: 'mention', oldKeysBeforeMs: Infinity } as const;
  expect([
    oldPermalinkKey(mention(1), 'mention'),
    oldRecoveredKey(mention(1)),
    recoveredDeliveryKeyBy(mention(1), before),
  ]).toEqual(['pC2UW1zkJS2dF', 'r2FdtfMWTxtNl', '4MVc3SWQR8hHoRR0l45-56']);
});

test('the old key takes the link as the API gave it', () => {
  const keys = ['', '?__cft__[0]=AZ1'].map((query) =>
    oldMentionKey(
      mention(1, { link: `https://facebook.com/groups/1/permalink/2${query}` }),
      'mention',
    ),
  );
  expect(new Set(keys).size).toBe(2);
});

test('the old keys of posts do not know parameters that name a post', () => {
  const keys = [1, 2].map((number) =>
    oldPermalinkKey(
      mention(1, { link: `https://facebook.com/photo.php?fbid=${number}` }),
      'mention',
    ),
  );
  expect(keys[0]).toBe(keys[1]);
});

describe('a mention keeps its old key', () => {
  const MOMENT = 1_699_459_001_000;
  test.each<[string, number | null, number | undefined, boolean]>([
    ['if it was spotted before the change', MOMENT - 1_000, MOMENT, true],
    ['but not if it was spotted at that moment', MOMENT, MOMENT, false],
    ['but not without a readable time', null, MOMENT, false],
    ['until a poll was marked, even without a readable time', null, Infinity, true],
    ['until a poll was marked, even if it was spotted later', MOMENT, Infinity, true],
    ['but not without an older release', MOMENT, undefined, false],
  ])('%s', (_, spottedAtMs, oldKeysBeforeMs, keeps) => {
    expect(keepsOldKey({ spottedAtMs }, { oldKeysBeforeMs })).toBe(keeps);
    const spotted = spottedAtMs === null ? '' : String(spottedAtMs / 1_000);
    const given = mention(1, { spotted });
    const rule = { dedupeBy: 'mention', oldKeysBeforeMs } as const;
    expect(deliveryKey(given, rule)).toBe(
      keeps ? oldMentionKey(given, 'mention') : mentionKey(given, 'mention'),
    );
    const post = recoveredOf({
      link: 'https://facebook.com/photo.php?fbid=1',
      timestamps: { spotted },
    }).mention;
    expect(recoveredDeliveryKeyBy(post, rule) === recoveredDeliveryKey(post, 'mention')).toBe(
      !keeps,
    );
  });

  test('but not without an id: older releases refused such mentions', () => {
    const withoutId = { ...mention(1), id: '', raw: { link: mention(1).link } };
    const rule = { dedupeBy: 'post', oldKeysBeforeMs: Infinity } as const;
    expect(oldMentionKey(withoutId, 'post')).toBeNull();
    expect(deliveryKey(withoutId, rule)).toBe(mentionKey(withoutId, 'post'));
  });
});

test('DEDUPE_BY=post has the same key as before', () => {
  expect(mentionKey(mention(1), 'post')).toBe(oldMentionKey(mention(1), 'post'));
});
