import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/domain/mention.ts';
import { alsoFound, mentionWords } from '../../src/webhooks/mention-words.ts';
import { deliveryOf, withOthers } from './delivery-samples.ts';
import { recoveredOf } from './recovered-and-alert-samples.ts';

const group = (name: string, id = '2') => ({ id, name });
const FIRST = { keyword: 'CRM', group: group('Group A', '1') };
const also = (others: readonly JsonObject[], limit = 300) =>
  alsoFound(
    mentionWords(
      withOthers(
        deliveryOf(FIRST),
        others.map((each) => ({ ...FIRST, ...each })),
      ),
    ),
    limit,
  );

describe('the line of other mentions', () => {
  test.each<[string, readonly JsonObject[], string]>([
    ['is empty without any', [], ''],
    [
      'names keywords of the same post',
      [{ keyword: 'erp' }, { keyword: 'sales tool' }],
      'erp · sales tool',
    ],
    [
      'names groups with the same keyword',
      [{ group: group('Group B') }, { group: group('', '3') }],
      'in Group B · in group 3',
    ],
    ['names both', [{ keyword: 'erp', group: group('Group B') }], 'erp in Group B'],
    [
      'names nothing twice, and nothing that the message has anyway, in any spelling',
      [{ keyword: 'crm ' }, { keyword: 'erp' }, { keyword: 'ERP' }, { group: group('GROUP A') }],
      'erp',
    ],
    [
      'names no unknown keyword or group',
      [{ keyword: '', group: null }, { keyword: 'erp' }],
      'erp',
    ],
    [
      'is one line that deceives nobody, in short parts',
      [{ keyword: 'a\nb\u202e', group: group('x'.repeat(50)) }],
      `a b in ${'x'.repeat(39)}…`,
    ],
  ])('%s', (_, others, expected) => {
    expect(also(others)).toBe(expected === '' ? '' : `Also found: ${expected}`);
  });

  const many = (count: number) =>
    Array.from({ length: count }, (_, number) => ({ keyword: `keyword ${number}` }));

  test.each([
    ['eight of many', 99, 300, /: keyword 0 · .* · keyword 7 · 91 more$/],
    [
      'as many as there is room for',
      3,
      40,
      /: keyword 0 · keyword 1 · 1 more$|: keyword 0 · 2 more$/,
    ],
    ['their number alone if there is no room', 99, 20, /^Also found: 99 more$/],
  ])('names %s', (_, count, limit, expected) => {
    const line = also(many(count), limit);
    expect(line).toMatch(expected);
    expect(line.length).toBeLessThanOrEqual(limit);
  });

  test('is empty for a recovered mention', () => {
    expect(alsoFound(mentionWords(recoveredOf()), 300)).toBe('');
  });
});
