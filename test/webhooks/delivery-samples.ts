import * as fc from 'fast-check';
import type { MentionDelivery } from '../../src/domain/delivery.ts';
import { idOf } from '../../src/domain/foreign/foreign-values.ts';
import {
  listedMention,
  mentionKey,
  parseMention,
  type JsonObject,
} from '../../src/domain/mention.ts';
import type { Webhook } from '../../src/domain/webhook.ts';
import type { RequestContext } from '../../src/webhooks/webhook-type.ts';
import { anyCharacters } from '../helpers/any-characters.ts';

/** The mention of the API's documentation. */
export const DOCUMENTED_ITEM: JsonObject = {
  id: '29439935',
  keyword: 'Keyword name 1',
  position: 'post',
  content: 'Post content',
  link: 'https://facebook.com/groups/1617905175110739/permalink/3805136229720945',
  owner: {
    name: 'Post owner name',
    id: '100073695043540',
    link: 'https://facebook.com/profile.php?id=100073695043540',
  },
  group: { id: '1617905175110739', name: 'Real Estate Referral Network' },
  spotted: '1699459488',
};

export const SIGNING_SECRETS = [
  `whsec_${Buffer.alloc(24, 'first').toString('base64')}`,
  `whsec_${Buffer.alloc(32, 'second').toString('base64')}`,
] as const;

/** Secrets of {@link webhookOf} that may be sent only in their own place. */
export const URL_SECRET = 'T00SECRETPATH';
export const HEADER_SECRET = 'header-secret-value';

const POLLED_AT_MS = Date.parse('2023-11-08T16:05:00.000Z');

/** A delivery of an item as the API would give it. */
export function deliveryOf(item: JsonObject = {}, polledAtMs = POLLED_AT_MS): MentionDelivery {
  const parsed = parseMention({ ...DOCUMENTED_ITEM, ...item });
  if (!parsed.ok) throw new Error(parsed.error);
  const mention = parsed.value;
  const key = mentionKey(mention, 'mention');
  return { kind: 'mention', webhook: 'SALES', key, mention, polledAtMs };
}

/** The same delivery with other mentions of its post or lead: items as the API would give them. */
export function withOthers(
  delivery: MentionDelivery,
  items: readonly JsonObject[],
): MentionDelivery {
  const others = items.map((item) => listedMention(deliveryOf(item).mention));
  return others.length === 0 ? delivery : { ...delivery, others };
}

export function webhookOf(changes: Partial<Webhook> = {}): Webhook {
  return {
    name: 'SALES',
    type: 'http',
    plain: false,
    url: new URL(`https://hooks.example.com/${URL_SECRET}`),
    signingSecrets: SIGNING_SECRETS,
    headers: { 'x-api-key': HEADER_SECRET },
    events: 'all',
    filter: {},
    hours: null,
    pings: [],
    template: null,
    digest: null,
    concurrency: 1,
    ratePerSecond: null,
    batchSize: 1,
    ...changes,
  };
}

export function contextOf(changes: Partial<RequestContext> = {}): RequestContext {
  return {
    webhook: webhookOf(),
    nowMs: Date.parse('2023-11-08T16:06:07.890Z'),
    userAgent: 'mention-relay/1.2.3',
    ...changes,
  };
}

/** Text that tries to be more than text, in one way each. */
export const HOSTILE_TEXTS: readonly string[] = [
  '<!channel> <!here|here> <!everyone> <@U012AB3CD> <#C012AB3CD> <!subteam^S012AB3CD>',
  '@here @channel @everyone @HERE',
  '<@80351110224678912> <@&80351110224678913> <at>anna@example.com</at> @anna ＠everyone @\u200bhere',
  '<https://evil.example|https://bank.example> <mailto:a@b.example|write>',
  '<!date^1392734382^{date}^https://evil.example|click>',
  '*bold* _italic_ ~strike~ `code` ```block``` :rotating_light:',
  '> quote\n>>> more\n&gt; escaped\n＞ wide',
  '&amp; &lt;!channel&gt; &amp;lt; &#60;!channel&#62;',
  '&lt;!channel&gt; &#x40;everyone &commat;here &lt;https://evil.example|label&gt; &lbrack;a&rsqb;(b)',
  '&#0;&#55357;&#xdc00;&#x202e;&#8203;&#27;[31m &NewLine;&NewLine;&Tab;&ZeroWidthSpace;&shy;',
  'one\r\ntwo\rthree\u2028four\u2029five\u0085six\u000bseven\u000ceight',
  '\u0000\u0007\u001b[31mred\u001b[0m\u009b31m\u007f',
  '\u202egnp.exe\u202c \u2066isolated\u2069 \u200fright\u200e \u061cmark',
  '\ufeff\u2060z\u200be\u200br\u200bo\u00ad \u3164\uffa0 \u{e0041}\u{e0042}',
  `Z${'\u0335\u0489\u0322'.repeat(400)}algo`,
  '\ud800 lone \udc00 surrogates \ud800',
  '”“"\'\\ {"blocks":[]} ${x} {{y}} %s %n',
  '</section><script>alert(1)</script>',
  '__proto__',
  'constructor',
  '\u200d\u200c\ufe0f',
  '👩‍👩‍👧‍👦🏴󠁧󠁢󠁥󠁮󠁧󠁿🇩🇪'.repeat(40),
  '&'.repeat(5000),
  '<'.repeat(5000),
  '\n'.repeat(5000),
  ' '.repeat(5000),
  'x'.repeat(100_000),
];

/** Text of any kind, mostly hostile. */
export const foreignText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...HOSTILE_TEXTS),
  anyCharacters(800),
  fc.string({ unit: 'grapheme', maxLength: 800 }),
  fc
    .array(fc.constantFrom('<', '>', '&', '|', '*', '`', '\n', '@here', '&amp;', '😀', 'é', 'a '), {
      maxLength: 900,
    })
    .map((parts) => parts.join('')),
  fc.constant(''),
);

export const foreignLink: fc.Arbitrary<string> = fc.oneof(
  fc.webUrl({ withQueryParameters: true, withFragments: true }),
  anyCharacters(300).map((path) => `https://facebook.com/${path}`),
  fc.nat({ max: 4000 }).map((length) => `https://facebook.com/?${'a&'.repeat(length)}`),
  fc.constantFrom('javascript:alert(1)', 'https://facebook.com|evil', 'http://a:b@c.example/'),
  foreignText,
);

export const foreignTime: fc.Arbitrary<string> = fc.oneof(
  fc.integer({ min: 0, max: 4_000_000_000 }).map(String),
  fc.double().map(String),
  fc.constantFrom('8640000000000000', '-8640000000000000', '-1', '0', ''),
  foreignText,
);

const anyItem: fc.Arbitrary<JsonObject> = fc.record({
  id: foreignText.map((text) => (idOf(text) === '' ? '1' : text)),
  keyword: foreignText,
  position: fc.oneof(fc.constantFrom('post', 'comment', 'link'), foreignText),
  content: foreignText,
  link: foreignLink,
  owner: fc.oneof(
    fc.record({ id: foreignText, name: foreignText, link: foreignLink }),
    fc.constant(null),
  ),
  group: fc.oneof(fc.record({ id: foreignText, name: foreignText }), fc.constant(null)),
  spotted: foreignTime,
  unknown: fc.jsonValue(),
});

/** Any delivery that {@link parseMention} lets through, mostly hostile. */
export const anyDelivery: fc.Arbitrary<MentionDelivery> = fc
  .tuple(anyItem, fc.oneof(fc.constant([]), fc.array(anyItem, { maxLength: 5 })))
  .map(([item, others]) => withOthers(deliveryOf(item), others));
