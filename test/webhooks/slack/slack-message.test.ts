import { describe, expect, test } from 'vitest';
import type { Delivery } from '../../../src/domain/delivery.ts';
import type { JsonObject } from '../../../src/domain/mention.ts';
import type { Ping } from '../../../src/domain/webhook.ts';
import { formatSlack, formatSlackSimplified } from '../../../src/webhooks/slack/slack-message.ts';
import { deliveryOf, HOSTILE_TEXTS, withOthers } from '../delivery-samples.ts';
import { alertOf, GAP, LEFT, recoveredOf } from '../recovered-and-alert-samples.ts';
import { expectSlackMessage, richTextOf, textsOf } from './slack-limits.ts';

const NOTHING = { keyword: '', position: '', content: '', link: '', owner: {}, group: {} };
const LINK = 'https://facebook.com/groups/1617905175110739/permalink/3805136229720945';
const NOTE = 'Recovered after a gap: open the post to read it.';
const date = (seconds: number, utc: string) =>
  `<!date^${seconds}^{date_short_pretty} at {time}|${utc} UTC>`;
const SPOTTED = `spotted ${date(1699459488, '2023-11-08 16:04')}`;
const RECEIVED = `received ${date(1699459500, '2023-11-08 16:05')}`;

const messageOf = (...deliveries: readonly Delivery[]) =>
  expectSlackMessage(formatSlack(deliveries), deliveries);
const simplified = (delivery: Delivery) =>
  expectSlackMessage(formatSlackSimplified([delivery])).text;

/** Returns the texts of each block of a message. */
const blocksOf = (...deliveries: readonly Delivery[]): string[][] =>
  (messageOf(...deliveries).blocks ?? []).map((block) => textsOf(block).map(({ text }) => text));
const textsIn = (kind: 'header' | 'context', item: JsonObject): string[] =>
  (messageOf(deliveryOf(item)).blocks ?? [])
    .filter(({ type }) => type === kind)
    .flatMap((block) => textsOf(block).map(({ text }) => text));

const quoteOf = (item: JsonObject): readonly string[] => richTextOf(messageOf(deliveryOf(item)));
const BY = '— <https://facebook.com/profile.php?id=100073695043540|Post owner name>';

// docs/messages.md shows a whole message, and its test compares it.
test('a message has a header, a quote with its author, and a line with place, time and link', () => {
  expect(messageOf(deliveryOf())).toMatchObject({
    text: 'Keyword name 1 in Real Estate Referral Network: Post content',
    blocks: [{ type: 'header' }, { type: 'rich_text' }, { type: 'context' }],
  });
  expect(blocksOf(deliveryOf())).toEqual([
    ['Keyword name 1 in Real Estate Referral Network'],
    [],
    ['in the post', SPOTTED, `*<${LINK}|Open post>*`],
  ]);
  expect(quoteOf({})).toEqual(['“Post content”', BY]);
});

test('further keywords and groups of its post or lead have a line of their own', () => {
  const others = [{ keyword: 'R&D' }, { group: { id: '2', name: '*Group* B' } }];
  const shown = (item: JsonObject) => richTextOf(messageOf(withOthers(deliveryOf(item), others)));
  const line = 'Also found: R&D · in *Group* B';
  expect(shown({})).toEqual(['“Post content”', BY, line]);
  expect(shown({ content: '', owner: {} })).toEqual([line]);
  expect(simplified(withOthers(deliveryOf(), others)).split('\n')).toEqual([
    'Keyword name 1 in Real Estate Referral Network',
    'Post content',
    'Also found: R&amp;D · in *Group* B',
    LINK,
  ]);
});

test.each<[Ping, object]>([
  [
    { text: 'U012AB3CD', kind: 'user', id: 'U012AB3CD' },
    { type: 'user', user_id: 'U012AB3CD' },
  ],
  [
    { text: 'S012AB3CD', kind: 'group', id: 'S012AB3CD' },
    { type: 'usergroup', usergroup_id: 'S012AB3CD' },
  ],
  [
    { text: '@here', kind: 'all', range: 'here' },
    { type: 'broadcast', range: 'here' },
  ],
])('a ping of %o is an element of the first block, once for several mentions', (ping, element) => {
  const deliveries = [deliveryOf(), deliveryOf({ id: '2' })];
  expectSlackMessage(formatSlack(deliveries, ping), deliveries, element);
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

test.each<[string, JsonObject, string[]]>([
  [
    'shows the keyword in bold',
    { content: 'A crm, a CRM', keyword: 'CRM' },
    ['“A *crm*, a *CRM*”'],
  ],
  ['shows formatting as text', { content: '*a* `b` :smile: > c' }, ['“*a* `b` :smile: > c”']],
  ['shows pings as text', { content: '<!channel> <@U1>' }, ['“<!channel> <@U1>”']],
  ['shows links as text', { content: '<https://a.example|b>' }, ['“<https://a.example|b>”']],
  ['shows what entities stand for', { content: '&amp;lt; &lt;' }, ['“&lt; <”']],
  ['keeps lines', { content: 'a\r\nb\u2028\u2028\u2028c' }, ['“a', 'b', '', 'c”']],
  ['has 600 characters', { content: '&'.repeat(600) }, [`“${'&'.repeat(600)}”`]],
  ['has 600 with the ellipsis', { content: 'x'.repeat(601) }, [`“${'x'.repeat(599)}…”`]],
  [
    'is around the keyword',
    { content: `${'a '.repeat(999)}CRM ${'c '.repeat(999)}`, keyword: 'CRM' },
    [`“…${'a '.repeat(148)}*CRM*${' c'.repeat(149)}…”`],
  ],
  ['is left out without content', { content: null }, []],
  ['is left out if nothing can be seen', { content: '\u200d\u202e \n\u0000' }, []],
])('the quote %s', (_, item, expected) => {
  expect(quoteOf(item)).toEqual([...expected, BY]);
});

test.each<[string, JsonObject, string]>([
  ['is a link to the profile', {}, '<https://facebook.com/a|Ana>'],
  [
    'has a link without a scheme completed',
    { link: '/profile.php?id=1' },
    '<https://www.facebook.com/profile.php?id=1|Ana>',
  ],
  ['is a plain name without a link', { link: '' }, 'Ana'],
  ['is a plain name with the link of a script', { link: 'javascript:alert(1)' }, 'Ana'],
  ['is a plain name with another link than a web page', { link: 'mailto:a@b.example' }, 'Ana'],
  ['is a plain name with a long link', { link: `https://a.example/${'x'.repeat(500)}` }, 'Ana'],
  [
    'is a plain name if it looks like a link',
    { name: 'https://bank.example' },
    'https://bank.example',
  ],
  ['is a plain name if it looks like an address', { name: 'WWW.bank.example' }, 'WWW.bank.example'],
  ['is a plain name if it has brackets', { name: 'Ana](b)' }, 'Ana](b)'],
  ['is not escaped', { name: 'Ana & Co' }, '<https://facebook.com/a|Ana & Co>'],
  ['is cut if it is long', { name: 'n'.repeat(99) }, `<https://facebook.com/a|${'n'.repeat(79)}…>`],
])('the author %s', (_, owner, expected) => {
  const item = { owner: { name: 'Ana', link: 'https://facebook.com/a', ...owner } };
  expect(quoteOf(item)).toEqual(['“Post content”', `— ${expected}`]);
  expect(quoteOf({ ...item, content: '' })).toEqual([`— ${expected}`]);
});

test('ten mentions share what Slack takes in all blocks, with their links as long as can be', () => {
  const ten = (item: JsonObject) => Array.from({ length: 10 }, () => deliveryOf(item));
  const quotes = (item: JsonObject) =>
    richTextOf(messageOf(...ten(item)))
      .join('\n')
      .match(/“[^”]*”/g)
      ?.map(({ length }) => length);
  expect(quotes({ content: 'x'.repeat(300) })).toEqual(Array(10).fill(302));
  for (const length of quotes({ content: '"'.repeat(700) }) ?? [])
    expect(length).toBeGreaterThan(100);
  const { blocks = [] } = messageOf(...ten({ link: `https://facebook.com/${'x'.repeat(370)}` }));
  expect(JSON.stringify(blocks).match(/Open post/g)).toHaveLength(10);
});

describe('the last line', () => {
  const OPEN = `*<${LINK}|Open post>*`;

  test.each<[string, JsonObject, string[]]>([
    ['names a comment', { position: 'comment' }, ['in a comment', SPOTTED, OPEN]],
    ['names a link', { position: 'link' }, ['in a link', SPOTTED, OPEN]],
    ['repeats an unknown position', { position: '<poll>' }, ['&lt;poll&gt;', SPOTTED, OPEN]],
    [
      'does not take a position for a method',
      { position: 'constructor' },
      ['constructor', SPOTTED, OPEN],
    ],
    ['leaves out a missing position', { position: '' }, [SPOTTED, OPEN]],
    ['leaves out a bad link', { link: 'javascript:x' }, ['in the post', SPOTTED]],
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
  [
    'is around the keyword',
    { ...NOTHING, keyword: 'CRM', content: `${'a '.repeat(99)}CRM` },
    `CRM: …${'a '.repeat(73)}CRM`,
  ],
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
      [],
      [spotted, `*<${link}|Open post>*`],
    ]);
    expect(richTextOf(messageOf(recoveredOf()))).toEqual([NOTE, '— Post owner name']);
    expect(messageOf(recoveredOf()).text).toBe(`your keyword 1 in Group name: ${NOTE}`);
    expect(simplified(recoveredOf())).toBe(`your keyword 1 in Group name\n${NOTE}\n${link}`);
    const noLink = messageOf(recoveredOf({ link: 'javascript:alert(1)' }));
    expect(richTextOf(noLink)[0]).toBe('Recovered after a gap: its text is not known.');
  });

  test('several travel in one message, each whole, with a count and dividers', () => {
    const two = messageOf(recoveredOf({ keyword: 'a' }), recoveredOf({ keyword: 'b' }));
    const kinds = two.blocks?.map(({ type }) => type).join(' ');
    expect(kinds).toBe('header rich_text context divider header rich_text context');
    expect(two.text).toMatch(/^2 recovered mentions\na in .*\nb in /);
    expect(messageOf(deliveryOf(), deliveryOf()).text).toMatch(/^2 new mentions\n/);
  });
});
