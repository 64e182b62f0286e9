import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Webhook } from '../../src/domain/webhook.ts';
import type { AnyMention } from '../../src/webhooks/mention-words.ts';
import type { WebhookType } from '../../src/webhooks/webhook-type.ts';
import {
  expectJsonHeaders,
  expectNoSecret,
  expectSound,
  HOSTILE_MENTIONS,
  HOSTILE_RECOVERED,
  type CheckBody,
} from './contract.ts';
import {
  anyDelivery,
  contextOf,
  deliveryOf,
  HOSTILE_TEXTS,
  webhookOf,
} from './delivery-samples.ts';
import { anyRecovered, recoveredOf } from './recovered-and-alert-samples.ts';

/** Tests the promises of the digests of every webhook type. */
export function describeDigest(
  { name, digest }: WebhookType,
  checkBody: CheckBody,
  settings: Partial<Webhook> = {},
): void {
  const { maxSize, fitting, request, preview } = digest;
  const webhook = webhookOf({ ...settings, type: name });
  const context = contextOf({ webhook });

  /** Checks the messages that bring these mentions. Returns the number of mentions in each. */
  function check(...mentions: readonly AnyMention[]): readonly number[] {
    const counts: number[] = [];
    for (let rest = mentions; rest.length > 0; rest = rest.slice(counts.at(-1))) {
      const count = fitting(rest.slice(0, maxSize), webhook);
      expect(count).toBeGreaterThan(0);
      counts.push(count);
      const sent = request(rest.slice(0, count), context);
      expectSound(sent);
      checkBody(sent.body, rest.slice(0, count), undefined, 'digest');
    }
    return counts;
  }

  describe(`the digest of ${[name, ...Object.keys(settings)].join(' ')}`, () => {
    test.each(HOSTILE_MENTIONS)('is sound whatever a stranger writes as the %s', (_, mentions) => {
      check(...mentions);
    });

    test.each(HOSTILE_RECOVERED)(
      'is sound whatever a stranger writes as the %s of a recovered mention',
      (_, mentions) => {
        check(...mentions);
      },
    );

    test('is sound for mentions of which nothing is known', () => {
      const none = { keyword: '', position: '', content: '', link: '', spotted: '' };
      const nothing = { keyword: null, link: null, owner: null, timestamps: null };
      check(
        deliveryOf({ ...none, owner: {}, group: {} }),
        recoveredOf(nothing, { id: '', name: '' }),
      );
    });

    test('is sound for any mentions at all, of both kinds', () => {
      const any = fc.array(fc.oneof(anyDelivery, anyRecovered), { minLength: 1, maxLength: 40 });
      fc.assert(
        fc.property(any, (mentions) => void check(...mentions)),
        { numRuns: 25 },
      );
    });

    test('is sound when it is full and every field is beyond all limits', () => {
      for (const unit of ['x', '"', '\\', '&', '日', '😀', 'k ', '\u0301']) {
        const text = unit.repeat(400 / unit.length);
        for (const length of [100, 299]) {
          const link = `https://facebook.com/${'x'.repeat(length - 21)}`;
          const people = { owner: { id: '1', name: text, link }, group: { id: '1', name: text } };
          const item = { keyword: text, position: text, content: text, link, ...people };
          const mention = deliveryOf(item);
          check(...Array.from({ length: maxSize }, () => mention));
        }
      }
    });

    test('has each mention once and in order, as many in a message as fit', () => {
      const mentions = Array.from({ length: 200 }, (_, at) => {
        const keyword = `keyword-${at}-end`;
        const content = 'Does anybody know a good plumber in the north of the town? '.repeat(9);
        return at % 10 === 0 ? recoveredOf({ keyword }) : deliveryOf({ keyword, content });
      });
      const counts = check(...mentions);
      const [first = 0, second = 0] = counts;
      const bodies = [mentions.slice(0, first), mentions.slice(first, first + second)];
      for (const part of bodies) {
        const { body } = request(part, context);
        const places = part.map(({ mention }) => body.indexOf(mention.keyword));
        expect(places).toEqual(places.toSorted((a, b) => a - b));
        expect(places).not.toContain(-1);
      }
      // A message of ordinary mentions is worth the name.
      expect(Math.min(...counts.slice(0, -1))).toBeGreaterThanOrEqual(12);
      if (first < maxSize) expect(fitting(mentions.slice(0, first + 1), webhook)).toBe(first);
    });

    test('is the same at every attempt, has the usual headers, and holds no secret but in them', () => {
      const { body, headers } = request([deliveryOf(), recoveredOf()], context);
      const later = { ...context, nowMs: context.nowMs + 3_600_000 };
      expect(request([deliveryOf(), recoveredOf()], later).body).toBe(body);
      expectJsonHeaders(headers);
      expectNoSecret(body, headers);
    });

    test('can be previewed, with keyword, group, content and link, each line on its own', () => {
      const shown = preview(deliveryOf(), webhook).join('\n');
      for (const words of ['Keyword name 1', 'Real Estate Referral Network', 'Post content']) {
        expect(shown).toContain(words);
      }
      expect(shown).toContain('https://facebook.com/groups/1617905175110739/permalink/');
      for (const text of HOSTILE_TEXTS) {
        const item = { keyword: text, content: text, group: { id: '1', name: text } };
        expect(preview(deliveryOf(item), webhook).join('')).not.toContain('\n');
      }
    });
  });
}
