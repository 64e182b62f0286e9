import { describe, expect, test } from 'vitest';
import { parseMention } from '../../src/domain/mention.ts';
import { windowSchema } from '../../src/groouply/groouply-shapes.ts';
import { sloppily } from '../../src/sandbox/sloppy-answers.ts';
import { DOCUMENTED_ITEM } from '../webhooks/delivery-samples.ts';
import { seededRandom } from './running-sandbox.ts';

const payload = (...mentions: readonly object[]) => ({ code: 1, note: null, mentions });

describe('an answer of the sandbox', () => {
  test.each<[string, Parameters<typeof sloppily>[0], object]>([
    ['lists as objects', payload({ id: '1' }, { id: '2' }), { 0: { id: '1' }, 2: { id: '2' } }],
    ['a single item without its list', payload({ id: '1' }), { id: '1' }],
    [
      'nothing as false or []',
      payload({ id: '1', content: '', link: null, owner: {} }),
      { id: '1', content: false, link: false, owner: [] },
    ],
    [
      'times without a zone',
      payload({ id: '1', spotted: '1699459488' }),
      { id: '1', spotted: '2023-11-08 16:04:48' },
    ],
  ])("has PHP's other forms: %s", (_, usual, mentions) => {
    expect(sloppily(usual, 'php', seededRandom(1))).toEqual({ code: 1, note: false, mentions });
  });

  test('leaves out an empty list', () => {
    const sloppy = sloppily(payload(), 'php', seededRandom(1));
    expect(JSON.parse(JSON.stringify(sloppy))).toEqual({ code: 1, note: false });
  });

  test('has another link in every fetch, to the same post', () => {
    const random = seededRandom(1);
    const links = Array.from({ length: 5 }, () =>
      JSON.stringify(sloppily(payload(DOCUMENTED_ITEM), 'links', random)),
    );
    expect(new Set(links).size).toBe(5);
    for (const link of links) {
      expect(link).toMatch(/groups\/1617905175110739\/permalink\/3805136229720945\?__cft__/);
    }
  });

  test('escapes texts as PHP does, but not links', () => {
    const item = { content: `<b> & "it's"`, link: 'https://facebook.com/?a=1&b=2' };
    expect(sloppily(payload(item), 'entities', seededRandom(1))['mentions']).toEqual([
      { ...item, content: '&lt;b&gt; &amp; &quot;it&#039;s&quot;' },
    ]);
  });

  test("in PHP's other forms gives the same mentions as the usual one", () => {
    const other = { ...DOCUMENTED_ITEM, id: '2', content: '', owner: null };
    const readingOf = (mentions: unknown) =>
      windowSchema.parse(mentions).map((item) => {
        const parsed = parseMention(item);
        return parsed.ok ? { ...parsed.value, raw: null } : parsed.error;
      });
    for (const items of [[], [DOCUMENTED_ITEM], [DOCUMENTED_ITEM, other]]) {
      const sloppy = sloppily(payload(...items), 'php', seededRandom(1))['mentions'];
      expect(readingOf(sloppy)).toEqual(readingOf(items));
    }
  });
});
