import { describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config/env.ts';
import { phraseRules } from '../../src/config/lists/phrase-rules.ts';
import { allowedBy, idsOrNames } from '../../src/config/rules.ts';
import { valueOf } from '../helpers/value-of.ts';

function read(env: Record<string, string>) {
  return readConfig(
    { GROOUPLY_API_KEY: 'key', WEBHOOK_A_URL: 'https://a.example/hook', ...env },
    { readFile: () => '', stdoutIsTty: false },
  );
}

function filterOf(env: Record<string, string>) {
  return valueOf(read(env)).webhooks[0]?.filter;
}

function excluded(value: string) {
  return filterOf({ WEBHOOK_A_EXCLUDE: value })?.exclude?.map(({ text }) => text);
}

describe('exclusions', () => {
  test.each([
    ['are as they are written', 'Hiring, Looking  for Work', ['Hiring', 'Looking  for Work']],
    [
      'may have punctuation',
      "C++, .net, C#, no-code, don't",
      ['C++', '.net', 'C#', 'no-code', "don't"],
    ],
    ['may have a quotation mark inside', 'TV 27", so "called"', ['TV 27"', 'so "called"']],
    ['are each once, however they are written', 'Café, CAFE\u0301, cafe', ['Café', 'cafe']],
    ['may hold commas in quotation marks', ' "Austin, TX" ,crm,"a"', ['Austin, TX', 'crm', 'a']],
    ['may be of any script', '求职, หางาน, ищу работу, 🚀', ['求职', 'หางาน', 'ищу работу', '🚀']],
  ])('%s', (_, value, entries) => {
    expect(excluded(value)).toEqual(entries);
    expect(filterOf({ WEBHOOK_A_EXCLUDE_AUTHORS: value })).toEqual({ excludeAuthors: entries });
  });

  test.each([
    ['crm, \u200b', 'has an entry (number 2) that holds nothing that can be seen'],
    [
      '"a" b, crm, \u200b',
      'has an entry (number 1) that begins with a quotation mark that does not end with it; has an entry (number 3) that holds nothing that can be seen',
    ],
    [`crm, ${'x'.repeat(201)}`, 'has an entry (number 2) that has 201 characters'],
    [Array.from({ length: 1001 }, (_, index) => index).join(), 'has 1001 entries'],
  ])('of %j are refused', (value, problem) => {
    for (const [variable, rule] of [
      ['WEBHOOK_A_EXCLUDE', phraseRules],
      ['WEBHOOK_A_EXCLUDE_AUTHORS', idsOrNames],
    ] as const) {
      expect(read({ [variable]: value })).toEqual({
        ok: false,
        error: [{ variable, problem, allowed: allowedBy(rule) }],
      });
    }
  });

  test.each(['KEYWORDS', 'GROUPS', 'POSITIONS'])(
    'are folded as the lists of what is sent: %s',
    (attribute) => {
      const variable = `WEBHOOK_A_${attribute}`;
      const filter = filterOf({ [variable]: "Café, CAFE\u0301, it’s, it's, , post" });
      expect(Object.values(filter ?? {})).toEqual([['café', 'it’s', 'post']]);
      expect(read({ [variable]: 'crm, \u200b' })).toMatchObject({
        error: [{ variable, problem: expect.stringContaining('holds nothing that can be seen') }],
      });
    },
  );

  test('of the greatest number and length are accepted', () => {
    const entries = Array.from({ length: 1000 }, (_, index) => String(index).padEnd(200, 'x'));
    expect(excluded(entries.join())).toEqual(entries);
  });
});
