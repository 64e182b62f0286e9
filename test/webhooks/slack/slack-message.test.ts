import { describe, expect, test } from 'vitest';
import type { Delivery } from '../../../src/domain/delivery.ts';
import type { JsonObject } from '../../../src/domain/mention.ts';
import { formatSlack, formatSlackSimplified } from '../../../src/webhooks/slack/slack-message.ts';
import { deliveryOf, HOSTILE_TEXTS } from '../delivery-samples.ts';
import { alertOf, GAP, LEFT, recoveredOf } from '../recovered-and-alert-samples.ts';
import { expectSlackMessage, textsOf } from './slack-limits.ts';

const NOTHING = { keyword: '', position: '', content: '', link: '', owner: {}, group: {} };
const LINK = 'https://facebook.com/groups/1617905175110739/permalink/3805136229720945';
const NOTE = 'Recovered after a gap: open the post to read it.';
const date = (seconds: number, utc: string) =>
  `<!date^${seconds}^{date_short_pretty} at {time}|${utc} UTC>`;
const SPOTTED = `spotted ${date(1699459488, '2023-11-08 16:04')}`;
const RECEIVED = `received ${date(1699459500, '2023-11-08 16:05')}`;

const messageOf = (...deliveries: readonly Delivery[]) =>
  expectSlackMessage(formatSlack(deliveries));
const simplified = (delivery: Delivery) =>
  expectSlackMessage(formatSlackSimplified([delivery])).text;

/** Returns the texts of each block of a message. */
const blocksOf = (...deliveries: readonly Delivery[]): string[][] =>
  (messageOf(...deliveries).blocks ?? []).map((block) => textsOf(block).map(({ text }) => text));
const textsIn = (kind: 'header' | 'section' | 'context', item: JsonObject): string[] =>
  (messageOf(deliveryOf(item)).blocks ?? [])
    .filter(({ type }) => type === kind)
    .flatMap((block) => textsOf(block).map(({ text }) => text));

// docs/messages.md shows a whole message, and its test compares it.
test('a message has a header, a quote, and a line with author, place, time and link', () => {
  expect(messageOf(deliveryOf())).toMatchObject({
    text: 'Keyword name 1 in Real Estate Referral Network: Post content',
    blocks: [{ type: 'header' }, { type: 'section' }, { type: 'context' }],
  });
  expect(blocksOf(deliveryOf())).toEqual([
    ['Keyword name 1 in Real Estate Referral Network'],
    ['“Post content”'],
    ['Post owner name', 'in the post', SPOTTED, `*<${LINK}|Open post>*`],
  ]);
});

const LONG = { keyword: 'k'.repeat(200), group: { name: 'g'.repeat(200) } };
test.each<[string, JsonObject, string]>([
  ['has only the keyword without a group', { group: null }, 'Keyword name 1'],
  ['has the id of a group without a name', { group: { id: '16' } }, 'Keyword name 1 in group 16'],
  [
    'has only the group without a keyword',
    { keyword: '', group: { name: 'G' } },
    'New mention in G',
  ],
  ['is never empty', NOTHING, 'New mention'],
  ['is escaped', { keyword: 'R&D', group: { name: '<b>' } }, 'R&amp;D in &lt;b&gt;'],
  ['is one line', { keyword: 'a\nb', group: { name: 'c\u2028d' } }, 'a b in c d'],
  ['has 150 characters at most', LONG, `${'k'.repeat(69)}… in ${'g'.repeat(75)}…`],
])('the header %s', (_, item, expected) => {
  expect(textsIn('header', item)).toEqual([expected]);
});

test.each<[string, unknown, string[]]>([
  ['shows formatting as text', '*a* `b` :smile: > c', ['“*a* `b` :smile: &gt; c”']],
  ['shows pings as text', '<!channel> <@U1>', ['“&lt;!channel&gt; &lt;@U1&gt;”']],
  ['shows links as text', '<https://a.example|b>', ['“&lt;https://a.example|b&gt;”']],
  ['keeps lines', 'a\r\nb\u2028\u2028\u2028c', ['“a\nb\n\nc”']],
  ['has 600 characters', 'x'.repeat(600), [`“${'x'.repeat(600)}”`]],
  ['has 600 characters with the ellipsis', 'x'.repeat(601), [`“${'x'.repeat(599)}…”`]],
  ['has 600 characters with entities', '&'.repeat(601), [`“${'&amp;'.repeat(119)}…”`]],
  ['is left out without content', null, []],
  ['is left out if nothing can be seen', '\u200d\u202e \n\u0000', []],
])('the quote %s', (_, content, expected) => {
  expect(textsIn('section', { content })).toEqual(expected);
});

describe('the author line', () => {
  const OPEN = `*<${LINK}|Open post>*`;

  test.each<[string, JsonObject, string[]]>([
    [
      'names a comment',
      { position: 'comment' },
      ['Post owner name', 'in a comment', SPOTTED, OPEN],
    ],
    ['names a link', { position: 'link' }, ['Post owner name', 'in a link', SPOTTED, OPEN]],
    [
      'repeats an unknown position',
      { position: '<poll>' },
      ['Post owner name', '&lt;poll&gt;', SPOTTED, OPEN],
    ],
    [
      'does not take a position for a method',
      { position: 'constructor' },
      ['Post owner name', 'constructor', SPOTTED, OPEN],
    ],
    ['leaves out an author without a name', { owner: null }, ['in the post', SPOTTED, OPEN]],
    ['leaves out a missing position', { position: '' }, ['Post owner name', SPOTTED, OPEN]],
    [
      'leaves out a bad link',
      { link: 'javascript:x' },
      ['Post owner name', 'in the post', SPOTTED],
    ],
    [
      'cuts a long name',
      { owner: { name: 'n'.repeat(99) } },
      [`${'n'.repeat(79)}…`, 'in the post', SPOTTED, OPEN],
    ],
    ['has at least a time', NOTHING, [SPOTTED]],
    ['has the time of the poll if the time is unknown', { ...NOTHING, spotted: '' }, [RECEIVED]],
    ['has the time of the poll if the time is negative', { ...NOTHING, spotted: '-1' }, [RECEIVED]],
    ['drops fractions of a second', { ...NOTHING, spotted: '1699459488.9' }, [SPOTTED]],
    [
      'has the time of the poll if the time is absurd',
      { ...NOTHING, spotted: '8640000000000000' },
      [RECEIVED],
    ],
  ])('%s', (_, item, expected) => {
    expect(textsIn('context', item)).toEqual(expected);
  });

  test('has a link as long as Slack allows, and no longer one', () => {
    const link = `https://facebook.com/${'x'.repeat(3000 - 14 - 21)}`;
    expect(textsIn('context', { link }).at(-1)).toBe(`*<${link}|Open post>*`);
    expect(textsIn('context', { link: `${link}x` }).at(-1)).toBe(SPOTTED);
  });
});

test.each<[string, JsonObject, string]>([
  ['has the content on one line', { keyword: 'k', group: null, content: 'a\nb' }, 'k: a b'],
  ['is only the title without content', { keyword: 'k', group: null, content: '' }, 'k'],
  ['is escaped', { ...NOTHING, content: '<!channel>' }, 'New mention: &lt;!channel&gt;'],
  ['is short', { ...NOTHING, content: 'x'.repeat(999) }, `New mention: ${'x'.repeat(149)}…`],
  ['never pings', { ...NOTHING, content: '@here' }, 'New mention: @\u2060here'],
])('the notification %s', (_, item, expected) => {
  expect(messageOf(deliveryOf(item)).text).toBe(expected);
});

test.each<[string, JsonObject, string]>([
  ['has title, content and link', { keyword: 'k', group: null }, `k\nPost content\n${LINK}`],
  ['is one line if nothing else is known', NOTHING, 'New mention'],
  ['has the content on one line', { ...NOTHING, content: 'a\n\nb' }, 'New mention\na b'],
  [
    'has 300 characters of content',
    { ...NOTHING, content: 'x'.repeat(999) },
    `New mention\n${'x'.repeat(299)}…`,
  ],
  ['has no bad link', { ...NOTHING, link: 'javascript:alert(1)' }, 'New mention'],
  [
    'never pings',
    { ...NOTHING, content: '<!here> @here' },
    'New mention\n&lt;!here&gt; @\u2060here',
  ],
])('the simplified message %s', (_, item, text) => {
  expect(simplified(deliveryOf(item))).toBe(text);
});

describe('no foreign text is ever mrkdwn', () => {
  test.each(HOSTILE_TEXTS.map((text, index) => [index, text] as const))(
    'hostile text %i',
    (_, text) => {
      const owner = { id: text, name: text, link: text };
      const item = { keyword: text, position: text, content: text, link: text, spotted: text };
      const { blocks = [] } = messageOf(
        deliveryOf({ ...item, owner, group: { id: text, name: text } }),
      );
      const mrkdwn = blocks.flatMap(textsOf).filter(({ type }) => type === 'mrkdwn');
      expect(mrkdwn.map((element) => element.text)).toEqual([RECEIVED]);
    },
  );
});

describe('other kinds of deliveries', () => {
  const FOUND = `found ${date(1699459500, '2023-11-08 16:05')}`;

  test('a gap shows its times in each reader’s time zone, and what follows', () => {
    expect(blocksOf(alertOf(GAP))).toEqual([
      ['⚠️ Mentions may be missing'],
      [
        `*Spotted after*\n${date(1699452000, '2023-11-08 14:00')}`,
        `*and before*\n${date(1699457400, '2023-11-08 15:30')}`,
      ],
      [
        expect.stringMatching(
          /^More mentions arrived than .* marked as recovered and without text\.$/,
        ),
      ],
      [FOUND],
    ]);
  });

  test('a change of a group shows the group, what follows, and its status, escaped', () => {
    const foreign = '<!channel> @here & *more*';
    const alert = alertOf({ ...LEFT, groupName: foreign, status: 'pending <access>' });
    expect(blocksOf(alert)).toEqual([
      ['⚠️ A group is no longer tracked'],
      ['&lt;!channel&gt; @here &amp; *more*'],
      ['No mention comes from it until Groouply tracks it again. See its status at Groouply.'],
      ['status: pending &lt;access&gt;', FOUND],
    ]);
    for (const text of [messageOf(alert).text, simplified(alert)]) {
      expect(text).toContain('&lt;!channel&gt; @\u2060here &amp; *more*');
    }
  });

  test('a recovered mention looks like a mention, with a note in place of its content', () => {
    const link = 'https://facebook.com/groups/965673390154514/permalink/6719635918091537';
    const spotted = `spotted ${date(1699453217, '2023-11-08 14:20')}`;
    expect(blocksOf(recoveredOf())).toEqual([
      ['your keyword 1 in Group name'],
      [NOTE],
      ['Post owner name', spotted, `*<${link}|Open post>*`],
    ]);
    expect(messageOf(recoveredOf()).text).toBe(`your keyword 1 in Group name: ${NOTE}`);
    expect(simplified(recoveredOf())).toBe(`your keyword 1 in Group name\n${NOTE}\n${link}`);
    expect(blocksOf(recoveredOf({ link: 'javascript:alert(1)' }))[1]).toEqual([
      'Recovered after a gap: its text is not known.',
    ]);
  });

  test('several travel in one message, each whole, with a count and dividers', () => {
    const two = messageOf(recoveredOf({ keyword: 'a' }), recoveredOf({ keyword: 'b' }));
    const kinds = two.blocks?.map(({ type }) => type).join(' ');
    expect(kinds).toBe('header section context divider header section context');
    expect(two.text).toMatch(/^2 recovered mentions\na in .*\nb in /);
    expect(messageOf(deliveryOf(), deliveryOf()).text).toMatch(/^2 new mentions\n/);
  });
});
