import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loggedId, mentionKey, parseMention, type Mention } from '../../src/domain/mention.ts';
import { anyDelivery, deliveryOf, DOCUMENTED_ITEM } from '../webhooks/delivery-samples.ts';

function mentionOf(item: unknown): Mention {
  const parsed = parseMention(item);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

function refusalOf(item: unknown): string {
  const parsed = parseMention(item);
  if (parsed.ok) throw new Error('The item was read.');
  return parsed.error;
}

describe('parseMention', () => {
  test("reads the item of the API's documentation", () => {
    expect(mentionOf(DOCUMENTED_ITEM)).toEqual({
      id: '29439935',
      keyword: 'Keyword name 1',
      position: 'post',
      content: 'Post content',
      link: 'https://facebook.com/groups/1617905175110739/permalink/3805136229720945',
      owner: {
        id: '100073695043540',
        name: 'Post owner name',
        link: 'https://facebook.com/profile.php?id=100073695043540',
      },
      group: { id: '1617905175110739', name: 'Real Estate Referral Network' },
      spottedAtMs: 1_699_459_488_000,
      raw: DOCUMENTED_ITEM,
    });
  });

  const empty = { id: '', name: '', link: '' };
  const noGroup = { id: '', name: '' };

  test.each<[string, Record<string, unknown>, Partial<Mention>]>([
    ['reads an id that came as a number', { id: 29439935 }, { id: '29439935' }],
    [
      'reads ids of people and groups that came as numbers',
      { owner: { id: 7, name: 'A' }, group: { id: 8, name: 'B' } },
      { owner: { id: '7', name: 'A', link: '' }, group: { id: '8', name: 'B' } },
    ],
    [
      'reads texts that came as numbers',
      { keyword: 2024, position: 1, content: 0 },
      { keyword: '2024', position: '1', content: '0' },
    ],
    [
      'reads a time that came as a number',
      { spotted: 1_699_459_488 },
      { spottedAtMs: 1_699_459_488_000 },
    ],
    [
      'reads a null text as empty',
      { keyword: null, content: null, link: null, position: null },
      { keyword: '', content: '', link: '', position: '' },
    ],
    [
      'reads a null owner and group as empty',
      { owner: null, group: null },
      { owner: empty, group: noGroup },
    ],
    [
      'reads nulls in them as empty',
      { owner: { id: null }, group: { name: null } },
      { owner: empty, group: noGroup },
    ],
    ['reads a null time as unknown', { spotted: null }, { spottedAtMs: null }],
    ['reads an unreadable time as unknown', { spotted: 'soon' }, { spottedAtMs: null }],
    [
      'decodes the entities of what people read, once',
      {
        keyword: 'It&#039;s a house &amp; garden',
        content: '&quot;caf&eacute;&quot; &amp;lt;b&amp;gt; AT&T',
        link: 'https://facebook.com/permalink.php?story_fbid=1&amp;id=2&copy=3',
        position: 'po&#115;t',
      },
      {
        keyword: "It's a house & garden",
        content: '"café" &lt;b&gt; AT&T',
        link: 'https://facebook.com/permalink.php?story_fbid=1&id=2&copy=3',
        position: 'post',
      },
    ],
    [
      'decodes them in names and links of people and groups, and in no id',
      {
        owner: { id: '&amp;', name: 'O&#39;Neil', link: 'https://a.example/?a=1&amp;b=2' },
        group: { id: '&amp;', name: 'Buyers &amp; Sellers' },
      },
      {
        owner: { id: '&amp;', name: "O'Neil", link: 'https://a.example/?a=1&b=2' },
        group: { id: '&amp;', name: 'Buyers & Sellers' },
      },
    ],
    [
      'reads false, [] and {} as empty texts',
      { keyword: false, content: [], position: {} },
      { keyword: '', content: '', position: '' },
    ],
    [
      'reads an empty list as no owner and no group',
      { owner: [], group: [] },
      { owner: empty, group: noGroup },
    ],
    [
      'reads false as no owner and no group',
      { owner: false, group: false },
      { owner: empty, group: noGroup },
    ],
    [
      'reads "" as no owner and no group',
      { owner: '', group: '' },
      { owner: empty, group: noGroup },
    ],
    [
      'reads false and [] in them as empty',
      { owner: { id: false, name: [], link: {} }, group: { id: [], name: false } },
      { owner: empty, group: noGroup },
    ],
    ['reads false as an unknown time', { spotted: false }, { spottedAtMs: null }],
    ['reads [] as an unknown time', { spotted: [] }, { spottedAtMs: null }],
    ['reads an id of spaces around digits', { id: ' 29439935\n' }, { id: '29439935' }],
    [
      'reads what stands alone in a list',
      { id: ['7'], content: [['x']] },
      { id: '7', content: 'x' },
    ],
    [
      'reads an owner and a group that stand alone in a list',
      { owner: [{ id: 7, name: 'A' }], group: { id: 8, name: ['B'] } },
      { owner: { id: '7', name: 'A', link: '' }, group: { id: '8', name: 'B' } },
    ],
    [
      'reads an owner and a group of digits as their ids',
      { owner: 100073695043540, group: '1617905175110739' },
      { owner: { ...empty, id: '100073695043540' }, group: { id: '1617905175110739', name: '' } },
    ],
    [
      'reads an owner and a group of words as their names',
      { owner: 'Ana P.', group: 'Real Estate' },
      { owner: { ...empty, name: 'Ana P.' }, group: { id: '', name: 'Real Estate' } },
    ],
    ['reads an id of 0 of an owner as none', { owner: { id: 0 } }, { owner: empty }],
    [
      'shows the JSON of a content in another shape',
      { content: { text: 'It is', more: [1, true] } },
      { content: '{"text":"It is","more":[1,true]}' },
    ],
    ['shows the JSON of a list of texts', { content: ['a', 'b'] }, { content: '["a","b"]' }],
    ['reads a link that is none as its JSON', { link: [1, 2] }, { link: '[1,2]' }],
    ['leaves foreign text as it is', { content: ' <b>\u202e\n ' }, { content: ' <b>\u202e\n ' }],
  ])('%s', (_, change, expected) => {
    expect(mentionOf({ ...DOCUMENTED_ITEM, ...change })).toMatchObject(expected);
  });

  test.each([
    [{ id: '7' }, '7'],
    [{ id: '7\u001b', link: 'https://facebook.com/groups/1/permalink/2' }, '7?'],
    [{ link: 'https://facebook.com/groups/1/permalink/2/?comment_id=3' }, '2'],
    [{ link: 'https://facebook.com/somebody' }, ''],
  ])('names %j in the log as %s', (item, name) => {
    expect(loggedId(mentionOf(item))).toBe(name);
  });

  test('reads an item with only an id, its other fields empty', () => {
    expect(mentionOf({ id: '1' })).toEqual({
      id: '1',
      keyword: '',
      position: '',
      content: '',
      link: '',
      owner: empty,
      group: noGroup,
      spottedAtMs: null,
      raw: { id: '1' },
    });
  });

  test('keeps unknown fields in raw, nested ones too', () => {
    const item = {
      ...DOCUMENTED_ITEM,
      sentiment: { score: 0.5, words: ['good', null] },
      owner: { id: '1', name: 'A', link: '', verified: true },
      group: { id: '2', name: 'B', members: 12 },
    };
    expect(mentionOf(item).raw).toEqual(item);
  });

  test('keeps entities in raw', () => {
    const item = { ...DOCUMENTED_ITEM, keyword: 'R&amp;D', group: { id: '2', name: 'B &amp; C' } };
    expect(mentionOf(item).raw).toEqual(item);
  });

  test('gives ids in raw as strings and leaves every other number a number', () => {
    const item = {
      id: 1,
      owner: { id: 2, name: 3 },
      group: { id: 4, name: 'B' },
      spotted: 5,
      replies: { id: 6 },
    };
    expect(mentionOf(item).raw).toEqual({
      ...item,
      id: '1',
      owner: { id: '2', name: 3 },
      group: { id: '4', name: 'B' },
    });
  });

  test('adds to raw nothing that the API left out or nulled, and leaves the item as it was', () => {
    const item = { id: 1, owner: null, group: { id: 3 }, content: null };
    expect(mentionOf(item).raw).toEqual({ ...item, id: '1', group: { id: '3' } });
    expect(item).toEqual({ id: 1, owner: null, group: { id: 3 }, content: null });
  });

  const link = 'https://facebook.com/groups/1/permalink/2';
  test.each([
    [null],
    [false],
    [''],
    [[]],
    [{}],
    [0],
    ['0'],
    [true],
    [' '],
    [['a', 'b']],
    [{ id: 1 }],
  ])('reads an item with a link whose id is %j, and gives the id as an empty text', (id) => {
    const read = mentionOf({ id, link, keyword: 'crm' });
    expect(read).toMatchObject({ id: '', link, keyword: 'crm' });
    expect(read.raw).toEqual({ id: typeof id === 'string' ? id : '', link, keyword: 'crm' });
  });

  test('reads an item with only a link', () => {
    expect(mentionOf({ link })).toMatchObject({ id: '', link, raw: { id: '', link } });
  });

  test('reads an item that stands alone in a list', () => {
    expect(mentionOf([DOCUMENTED_ITEM])).toEqual(mentionOf(DOCUMENTED_ITEM));
  });

  test('gives nothing as null in raw, and every field in a type that its schema allows', () => {
    const item = {
      id: 7,
      keyword: false,
      position: [],
      content: ['a', 1],
      link: {},
      owner: [],
      group: { id: false, name: [], members: [] },
      spotted: false,
      unknown: [],
      other: false,
    };
    expect(mentionOf(item).raw).toEqual({
      id: '7',
      keyword: null,
      position: null,
      content: '["a",1]',
      link: null,
      owner: null,
      group: { id: null, name: null, members: [] },
      spotted: null,
      unknown: [],
      other: false,
    });
    expect(mentionOf({ id: 1, owner: ['Ana P.'], group: 12 }).raw).toEqual({
      id: '1',
      owner: { name: 'Ana P.' },
      group: { id: '12' },
    });
  });

  const words = 'Words of a Stranger';
  test.each<[string, unknown, RegExp]>([
    ['null', null, /^the item: /],
    ['a text', words, /^the item: /],
    ['a number', 5, /^the item: /],
    ['a list of two', [{ ...DOCUMENTED_ITEM, content: words }, 1], /^the item: /],
    ['an item without an id and a link', { keyword: words }, /^id, link: /],
    ['an item whose id is null', { id: null, content: words }, /^id, link: /],
    ['an item whose id is empty', { id: '', content: words }, /^id, link: /],
    ['an item whose id is 0', { id: 0, content: words }, /^id, link: /],
    ['an item whose id is true', { id: true, content: words }, /^id, link: /],
    [
      'an item whose id and link are objects',
      { id: { a: 1 }, link: { [words]: 1 } },
      /^id, link: /,
    ],
  ])('refuses %s, and repeats none of its content', (_, item, where) => {
    expect(refusalOf(item)).toMatch(where);
    expect(refusalOf(item)).not.toContain(words);
  });

  test('accepts any JSON without throwing', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (item) => {
        const parsed = parseMention(item);
        const read = parsed.ok ? parsed.value.id || parsed.value.link : parsed.error;
        expect(read).not.toBe('');
      }),
    );
  });

  test('reads a mention from its own raw JSON as the same one, as the queue does', () => {
    fc.assert(
      fc.property(anyDelivery, ({ mention }) => {
        const stored = JSON.stringify(mention.raw);
        const { raw, ...again } = mentionOf(JSON.parse(stored));
        // As JSON, which knows no -0.
        expect({ ...again, raw: JSON.stringify(raw) }).toEqual({ ...mention, raw: stored });
      }),
    );
  });
});

describe('mentionKey', () => {
  // A changed key makes every relay send all mentions of its window again, unless the state is migrated.
  test('never changes for the documented mention', () => {
    const mention = mentionOf(DOCUMENTED_ITEM);
    expect(mentionKey(mention, 'mention')).toBe('mq7sbVvAhtY10QVJPxYfoa');
    expect(mentionKey(mention, 'post')).toBe('jlmYmYCX3J1U3aKFdWLUMn');
  });

  test('never changes for a nearly empty mention, or for one in any script', () => {
    expect(mentionKey(mentionOf({ id: '1' }), 'mention')).toBe('eYjJEmU0UFRoxgLxWfJijS');
    const item = { id: '1', keyword: 'Büro “本” 😀', owner: { id: '\ud800' } };
    expect(mentionKey(mentionOf(item), 'mention')).toBe('a9hCH8oiARWt6Kc45vaq6P');
  });

  const POST = deliveryOf().mention.link;
  const spellings: [string, Record<string, unknown>][] = [
    ['another keyword', { keyword: 'Keyword name 2' }],
    ['another position', { position: 'comment' }],
    ['a comment in its link', { link: `${POST}/?comment_id=7` }],
    ['a reply in its link', { link: `${POST}/?comment_id=7&reply_comment_id=8` }],
    ['another owner', { owner: { id: '100073695043541', name: 'Post owner name' } }],
  ];

  test.each(spellings)(
    'differs for the same post with %s, but not with DEDUPE_BY=post',
    (_, other) => {
      const [one, two] = [deliveryOf().mention, deliveryOf(other).mention];
      expect(mentionKey(two, 'mention')).not.toBe(mentionKey(one, 'mention'));
      expect(mentionKey(two, 'post')).toBe(mentionKey(one, 'post'));
    },
  );

  test.each(['mention', 'post'] as const)(
    'differs for other posts with DEDUPE_BY=%s',
    (dedupeBy) => {
      const [one, two] = [deliveryOf().mention, deliveryOf({ id: '29439936' }).mention];
      expect(mentionKey(two, dedupeBy)).not.toBe(mentionKey(one, dedupeBy));
    },
  );

  test.each<[string, Record<string, unknown>]>([
    ['an exact repeat', {}],
    ['edited content', { content: 'Post content, edited' }],
    ["an owner's new name", { owner: { id: '100073695043540', name: 'New name', link: 'x' } }],
    ['a renamed group', { group: { id: '1617905175110739', name: 'New name' } }],
    ['another time', { spotted: '1699459499' }],
    ['an unknown field', { sentiment: 'good' }],
    ['ids as numbers', { id: 29439935, owner: { id: 100073695043540 } }],
    ['ids with spaces', { id: ' 29439935', owner: { id: '100073695043540\n' } }],
    ['a keyword in other letters', { keyword: ' KEYWORD\u00a0name\u200b 1' }],
    ['a position in other letters', { position: 'Post ' }],
    ['tracking in its link', { link: `${POST}/?__cft__[0]=AZ1&__tn__=%2CO` }],
    ['another host', { link: POST.replace('https://', 'http://m.') }],
    ['no scheme', { link: POST.replace('https://', '') }],
    ['an opaque token', { link: 'https://facebook.com/groups/1/posts/pfbid02a' }],
    ['no link', { link: null }],
  ])('is the same for %s', (_, change) => {
    const [one, two] = [deliveryOf().mention, deliveryOf(change).mention];
    expect(mentionKey(two, 'mention')).toBe(mentionKey(one, 'mention'));
  });

  test('counts the comment of a link, whatever stands around it', () => {
    const keys = [
      `${POST}/?comment_id=7`,
      `${POST}?__cft__[0]=AZ1&comment_id=7&__tn__=R`,
      `m.facebook.com/groups/1/posts/2/?comment_id=7#x`,
    ].map((link) => mentionKey(mentionOf({ ...DOCUMENTED_ITEM, link }), 'mention'));
    expect(new Set(keys).size).toBe(1);
  });

  describe('without an id', () => {
    const keyOf = (link: string, dedupeBy: 'mention' | 'post') =>
      mentionKey({ ...mentionOf(DOCUMENTED_ITEM), id: '', link }, dedupeBy);

    test.each(['mention', 'post'] as const)('takes the post of the link, by %s', (dedupeBy) => {
      const key = keyOf(POST, dedupeBy);
      for (const link of [`${POST}/?__cft__[0]=AZ1`, POST.replace('https://', 'www.')]) {
        expect(keyOf(link, dedupeBy)).toBe(key);
      }
      expect(keyOf(`${POST}1`, dedupeBy)).not.toBe(key);
      const [one, two] = ['pfbid02a', 'pfbid02b'].map((token) =>
        keyOf(`https://facebook.com/permalink.php?story_fbid=${token}&id=1`, dedupeBy),
      );
      expect(one).not.toBe(two);
    });

    test.each(['mention', 'post'] as const)(
      'tells mentions apart whose links name no post, by %s',
      (dedupeBy) => {
        const base = { ...mentionOf(DOCUMENTED_ITEM), id: '' };
        for (const link of ['https://facebook.com/groups/1', 'https://facebook.com/']) {
          const mentions = [
            { ...base, link },
            { ...base, link, content: 'other' },
            { ...base, link, spottedAtMs: 1_800_000_000_000 },
          ];
          expect(new Set(mentions.map((each) => mentionKey(each, dedupeBy))).size).toBe(3);
          expect(mentionKey({ ...base, link: `${link}?fbclid=1` }, dedupeBy)).toBe(
            mentionKey({ ...base, link: `${link}?fbclid=2` }, dedupeBy),
          );
        }
      },
    );

    test('is that of its post, if the id is the number in the link', () => {
      const item = { ...DOCUMENTED_ITEM, id: '3805136229720945' };
      expect(keyOf(POST, 'mention')).toBe(mentionKey(mentionOf(item), 'mention'));
    });
  });

  test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['moved over to the next', { keyword: 'ab', position: 'c' }, { keyword: 'a', position: 'bc' }],
    ['empty here or there', { keyword: 'a', position: '' }, { keyword: '', position: 'a' }],
    [
      'that pretends to be two',
      { keyword: 'a","b', position: 'c' },
      { keyword: 'a', position: 'b","c' },
    ],
    ['with a separator in it', { keyword: 'a,b', position: '' }, { keyword: 'a', position: 'b,' }],
    ['of broken Unicode', { keyword: '\ud800' }, { keyword: '\udc00' }],
    ['of broken Unicode and its stand-in', { keyword: '\ud800' }, { keyword: '\ufffd' }],
  ])('never confuses fields: text %s', (_, one, two) => {
    expect(mentionKey(deliveryOf(one).mention, 'mention')).not.toBe(
      mentionKey(deliveryOf(two).mention, 'mention'),
    );
  });

  test('is the same if and only if all parts are', () => {
    const part = fc.string({ unit: fc.constantFrom('a', '"', ',', '\\', '|'), maxLength: 3 });
    const parts = fc.tuple(
      part.map((text) => `1${text}`),
      part,
      part,
      part,
      part,
    );
    const keyOf = ([id, keyword, position, comment = '', owner]: readonly string[]) => {
      const link = `https://facebook.com/groups/1/posts/2?comment_id=${encodeURIComponent(comment)}`;
      return mentionKey(
        mentionOf({ id, keyword, position, link, owner: { id: owner } }),
        'mention',
      );
    };
    fc.assert(
      fc.property(parts, parts, (one, two) => {
        expect(keyOf(one) === keyOf(two)).toBe(JSON.stringify(one) === JSON.stringify(two));
        expect(keyOf([...one])).toBe(keyOf(one));
      }),
      { numRuns: 1000 },
    );
  });

  test('is 22 characters that are safe in a URL, a header and a Redis key', () => {
    fc.assert(
      fc.property(anyDelivery, ({ mention }) => {
        expect(mentionKey(mention, 'mention')).toMatch(/^[\w-]{22}$/);
        expect(mentionKey(mention, 'post')).toMatch(/^[\w-]{22}$/);
      }),
    );
  });
});

test.each([
  ['UTC', '2025-11-28T03:20:00.000Z'],
  ['+01:00', '2025-11-28T02:20:00.000Z'],
  ['Europe/Berlin', null],
])("a DateTime of PHP's in %s is read if its zone is known", (timezone, expected) => {
  const date = { date: '2025-11-28 03:20:00.000000', timezone_type: 3, timezone };
  const parsed = parseMention({ id: '1', spotted: date });
  const timeMs = parsed.ok ? parsed.value.spottedAtMs : undefined;
  expect(timeMs === null ? null : new Date(timeMs ?? 0).toISOString()).toBe(expected);
});
