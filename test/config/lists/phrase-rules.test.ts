import { describe, expect, test } from 'vitest';
import { readConfig } from '../../../src/config/env.ts';
import { phraseRules } from '../../../src/config/lists/phrase-rules.ts';
import { allowedBy } from '../../../src/config/rules.ts';
import { valueOf } from '../../helpers/value-of.ts';

const VARIABLES = ['WEBHOOK_A_INCLUDE', 'WEBHOOK_A_EXCLUDE'];

function read(env: Record<string, string>, file = '') {
  return readConfig(
    { GROOUPLY_API_KEY: 'key', WEBHOOK_A_URL: 'https://a.example/hook', ...env },
    { readFile: () => file, stdoutIsTty: false, envFile: '.env' },
  );
}

/** Returns each rule of a list as its text, its phrases, and `…` behind one with any ending. */
function rulesIn(reading: ReturnType<typeof read>): string[][] {
  const { include, exclude } = valueOf(reading).webhooks[0]?.filter ?? {};
  return (include ?? exclude ?? [])
    .map(({ text, parts }) => [
      text,
      parts.map(({ phrase, anyEnding }) => (anyEnding ? `${phrase}…` : phrase)),
    ])
    .map((each) => each.flat());
}

describe('a rule for words and phrases', () => {
  test.each<[string, string, string[][]]>([
    ['is a word', 'Realtor', [['Realtor', 'Realtor']]],
    ['is a phrase', 'looking for an agent', [['looking for an agent', 'looking for an agent']]],
    ['has two parts', 'buy + house', [['buy + house', 'buy', 'house']]],
    ['has several', 'a + b c + d', [['a + b c + d', 'a', 'b c', 'd']]],
    ['keeps its spaces', 'buy\t +  house', [['buy\t +  house', 'buy', 'house']]],
    ['has any ending', 'agent*', [['agent*', 'agent…']]],
    [
      'has any ending of its last word',
      'real estate agent*',
      [['real estate agent*', 'real estate agent…']],
    ],
    [
      'has any ending in a part',
      'recommend* + agent*',
      [['recommend* + agent*', 'recommend…', 'agent…']],
    ],
    [
      'stands beside others',
      'a + b, c*,d',
      [
        ['a + b', 'a', 'b'],
        ['c*', 'c…'],
        ['d', 'd'],
      ],
    ],
    [
      'has a plus of its own',
      'C++, Google+, 18+, +1, a+b',
      ['C++', 'Google+', '18+', '+1', 'a+b'].map((text) => [text, text]),
    ],
    ['has a plus beside the operator', 'C++ + job', [['C++ + job', 'C++', 'job']]],
    [
      'has a plus beside one space',
      'LGBTQ+ friendly, call +1',
      [
        ['LGBTQ+ friendly', 'LGBTQ+ friendly'],
        ['call +1', 'call +1'],
      ],
    ],
    ['has a literal star', '"5*"', [['"5*"', '5*']]],
    ['has a literal plus between spaces', '"a + b"', [['"a + b"', 'a + b']]],
    ['is only a plus', '"+"', [['"+"', '+']]],
    [
      'loses needless quotation marks',
      '"C++", "Austin, TX", " a "',
      [
        ['C++', 'C++'],
        ['Austin, TX', 'Austin, TX'],
        ['a', 'a'],
      ],
    ],
    [
      'has a comma in a part',
      '"Austin, TX" + realtor*, b',
      [
        ['"Austin, TX" + realtor*', 'Austin, TX', 'realtor…'],
        ['b', 'b'],
      ],
    ],
    [
      'has a comma in its last part',
      'realtor + "Austin, TX" , b',
      [
        ['realtor + "Austin, TX"', 'realtor', 'Austin, TX'],
        ['b', 'b'],
      ],
    ],
    ['has literal characters in a part', '"5*" + hotel', [['"5*" + hotel', '5*', 'hotel']]],
    [
      'has inches and words in quotes',
      'TV 27" + so "called"',
      [['TV 27" + so "called"', 'TV 27"', 'so "called"']],
    ],
    [
      'has full-width operators',
      '仲介\u3000＋\u3000東京, 不動産＊',
      [
        ['仲介\u3000＋\u3000東京', '仲介', '東京'],
        ['不動産＊', '不動産…'],
      ],
    ],
    [
      'has invisible characters around its operators',
      'a\u200e +\u200f b*\u200b',
      [['a\u200e +\u200f b*\u200b', 'a', 'b…']],
    ],
    ['has no-break spaces around the operator', 'a\u00a0+\u00a0b', [['a\u00a0+\u00a0b', 'a', 'b']]],
    [
      'is each once, however it is written',
      'Agent*, AGENT*, agent, "agent*"',
      [
        ['Agent*', 'Agent…'],
        ['agent', 'agent'],
        ['"agent*"', 'agent*'],
      ],
    ],
    [
      'is not what two commas hold between them',
      ',a,,b, ',
      [
        ['a', 'a'],
        ['b', 'b'],
      ],
    ],
  ])('%s', (_, value, rules) => {
    for (const variable of VARIABLES) expect(rulesIn(read({ [variable]: value }))).toEqual(rules);
  });

  const PLUS =
    'has a "+" without words on both sides: write a + b, or put the text in quotation marks';
  const STAR = 'has a "*" before its end: write agent*, or put the text in quotation marks';
  const UNSEEN = 'holds nothing that can be seen';
  const OPEN = 'begins with a quotation mark that does not end with it';
  test.each([
    ['+ b', 1, PLUS],
    ['a +', 1, PLUS],
    ['+', 1, PLUS],
    ['a + + b', 1, PLUS],
    ['crm, a + , b', 2, PLUS],
    ['＋ b', 1, PLUS],
    ['*', 1, STAR],
    ['crm,*', 2, STAR],
    ['*agent', 1, STAR],
    ['ag*nt', 1, STAR],
    ['agent *', 1, STAR],
    ['agent**', 1, STAR],
    ['real* estate', 1, STAR],
    ['a + *', 1, STAR],
    ['＊', 1, STAR],
    ['""', 1, UNSEEN],
    ['a + ""', 1, UNSEEN],
    ['crm, \u200b', 2, UNSEEN],
    ['\u200b*', 1, STAR],
    ['a + \u2060', 1, UNSEEN],
    ['"real estate"*', 1, OPEN],
    ['"a"+ b', 1, OPEN],
    ['a + "b, c', 1, OPEN],
    ['a + “b”', 1, 'begins with a curly quotation mark: write "'],
    ['a" + b', 1, 'has a quotation mark without another'],
    [`a + ${'x'.repeat(201)}`, 1, 'has 201 characters'],
  ])('is refused with what to write: %j', (value, number, problem) => {
    for (const variable of VARIABLES) {
      expect(read({ [variable]: value })).toEqual({
        ok: false,
        error: [
          {
            variable,
            problem: `has an entry (number ${number}) that ${problem}`,
            allowed: allowedBy(phraseRules),
          },
        ],
      });
    }
  });

  test.each([',', ' , ,'])('has to be there in the list %j', (value) => {
    expect(read({ WEBHOOK_A_INCLUDE: value })).toMatchObject({
      error: [{ problem: 'has no entry' }],
    });
  });

  test.each([
    [
      `'"5*", "a, b" + c*'`,
      [
        ['"5*"', '5*'],
        ['"a, b" + c*', 'a, b', 'c…'],
      ],
    ],
    ['"looking for + agent*"', [['looking for + agent*', 'looking for', 'agent…']]],
    ['"a, b" + c*', [['"a, b" + c*', 'a, b', 'c…']]],
  ])('in .env is %s', (value, rules) => {
    expect(rulesIn(read({}, `WEBHOOK_A_INCLUDE=${value}`))).toEqual(rules);
  });

  test('in .env is refused where its quotation marks are lost', () => {
    expect(read({}, 'WEBHOOK_A_INCLUDE="a, b" + "c, d"')).toMatchObject({
      error: [{ problem: 'has entries in quotation marks that are lost in .env' }],
    });
  });
});
