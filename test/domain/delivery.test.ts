import { QueueKeys } from 'bullmq';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  deliveryJobId,
  isResent,
  messageId,
  originalKey,
  parseDeliveryId,
  resentKey,
} from '../../src/domain/delivery.ts';
import { mentionKey, type MentionKey } from '../../src/domain/mention.ts';
import { anyDelivery, deliveryOf } from '../webhooks/delivery-samples.ts';

const BULLMQ_KEYS = Object.keys(new QueueKeys('prefix').getKeys('queue'));

describe('the id of a job', () => {
  test('never changes for the documented mention', () => {
    expect(deliveryJobId(deliveryOf().key)).toBe('m-mq7sbVvAhtY10QVJPxYfoa');
  });

  test.each<[string, string]>([
    ['all digits', '1234567890123456789012'],
    ['all hyphens', '-'.repeat(22)],
    ...BULLMQ_KEYS.map((name): [string, string] => [`a name of BullMQ's own: '${name}'`, name]),
  ])('can be kept by BullMQ, even if the key were %s', (_, key) => {
    const id = deliveryJobId(key as MentionKey);
    expect(id).not.toContain(':');
    expect(id).not.toMatch(/^\d*$/);
    expect(BULLMQ_KEYS).not.toContain(id);
  });

  test('can be kept by BullMQ for every mention, and differs for each key', () => {
    fc.assert(
      fc.property(anyDelivery, ({ key, mention }) => {
        expect(deliveryJobId(key)).toMatch(/^m-[\w-]{22}$/);
        const postKey = mentionKey(mention, 'post');
        expect(deliveryJobId(postKey)).not.toBe(deliveryJobId(key));
      }),
    );
  });
});

describe('the id of a message', () => {
  test('never changes for the documented mention', () => {
    expect(messageId(deliveryOf().key)).toBe('msg_mq7sbVvAhtY10QVJPxYfoa');
  });

  test('is safe in a header and has no full stop, which separates what Standard Webhooks sign', () => {
    fc.assert(
      fc.property(anyDelivery, ({ key }) => {
        expect(messageId(key)).toMatch(/^msg_[\w-]{22}$/);
      }),
    );
  });
});

describe('a resent delivery', () => {
  test.each<[string, string]>([
    ['usual', 'mq7sbVvAhtY10QVJPxYfoa'],
    ['that looks like a suffix', '____________r_r_rabcdef'.slice(0, 22)],
    ['that ends like one', 'mq7sbVvAhtY1_rabcdefgh'],
  ])('has a job id and a message id of its own, for a key %s', (_, key) => {
    const own = key as MentionKey;
    const resent = resentKey(own, 'A_-r1234');
    expect([isResent(own), isResent(resent), originalKey(resent)]).toEqual([false, true, own]);
    expect(originalKey(own)).toBe(own);
    expect(messageId(resent)).toBe(`msg_${key}_rA_-r1234`);
    expect(parseDeliveryId(messageId(resent))).toBe(deliveryJobId(resent));
    expect(parseDeliveryId(deliveryJobId(own))).toBe(deliveryJobId(own));
  });
});
