import { describe, expect, test } from 'vitest';
import { parseMention } from '../../src/domain/mention.ts';
import { windowSchema } from '../../src/groouply/groouply-shapes.ts';
import { phpForms } from '../../src/sandbox/php-forms.ts';
import { DOCUMENTED_ITEM } from '../webhooks/delivery-samples.ts';

const payload = (...mentions: readonly object[]) => ({ code: 1, note: null, mentions });

describe('an answer of the sandbox', () => {
  test.each<[string, Parameters<typeof phpForms>[0], object]>([
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
    expect(phpForms(usual)).toEqual({ code: 1, note: false, mentions });
  });

  test('leaves out an empty list', () => {
    const sloppy = phpForms(payload());
    expect(JSON.parse(JSON.stringify(sloppy))).toEqual({ code: 1, note: false });
  });

  test("in PHP's other forms gives the same mentions as the usual one", () => {
    const other = { ...DOCUMENTED_ITEM, id: '2', content: '', owner: null };
    const readingOf = (mentions: unknown) =>
      windowSchema.parse(mentions).map((item) => {
        const parsed = parseMention(item);
        if (!parsed.ok) return parsed.error;
        const { raw: _, ...read } = parsed.value;
        return read;
      });
    for (const items of [[], [DOCUMENTED_ITEM], [DOCUMENTED_ITEM, other]]) {
      const sloppy = phpForms(payload(...items))['mentions'];
      expect(readingOf(sloppy)).toEqual(readingOf(items));
    }
  });
});
