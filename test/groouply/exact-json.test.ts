import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseExactJson } from '../../src/groouply/groouply-answer.ts';

describe('exact JSON', () => {
  test.each<[string, string, unknown]>([
    ['keeps a whole number that is safe a number', '9007199254740991', 9_007_199_254_740_991],
    ['keeps a negative one that is safe a number', '-9007199254740991', -9_007_199_254_740_991],
    ['makes the first unsafe whole number its digits', '9007199254740993', '9007199254740993'],
    ['makes the even one before it its digits', '9007199254740992', '9007199254740992'],
    ['makes a negative unsafe one its digits', '-9007199254740993', '-9007199254740993'],
    ['makes a long one its digits', '12345678901234567890123', '12345678901234567890123'],
    ['keeps a fraction a number', '1.5', 1.5],
    ['keeps a long fraction a number', '9007199254740993.5', 9_007_199_254_740_994],
    ['keeps an exponent a number', '1e20', 1e20],
    ['keeps nought a number', '0', 0],
    ['keeps a text of digits as it is', '"9007199254740993"', '9007199254740993'],
    ['keeps a text as it is', '" 1e20 "', ' 1e20 '],
    ['keeps null, true and false', '[null,true,false]', [null, true, false]],
    [
      'finds numbers however deep they are',
      '{"a":[{"id":10150000000000000001}],"b":{"id":7}}',
      { a: [{ id: '10150000000000000001' }], b: { id: 7 } },
    ],
    [
      'takes the last of two names',
      '{"id":1,"id":10150000000000000001}',
      {
        id: '10150000000000000001',
      },
    ],
  ])('%s', (_, text, expected) => {
    expect(parseExactJson(text)).toEqual(expected);
  });

  test.each(['', '{', '{"a":1', '[1,]', '<html>', 'undefined', '{"a":01}', '\u0000'])(
    'refuses %j as JSON.parse does',
    (text) => {
      expect(() => parseExactJson(text)).toThrow(SyntaxError);
    },
  );

  test('gives no object another prototype', () => {
    const parsed = parseExactJson('{"__proto__":{"id":10150000000000000001}}') as object;
    expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype);
    expect(Object.keys(parsed)).toEqual(['__proto__']);
  });

  test('keeps every digit of every whole number', () => {
    fc.assert(
      fc.property(fc.bigInt(), (number) => {
        expect(String((parseExactJson(`{"id":${number}}`) as { id: unknown }).id)).toBe(
          String(number),
        );
      }),
      { numRuns: 1000 },
    );
  });

  test('reads all JSON without such numbers as JSON.parse does', () => {
    const safe = fc.jsonValue().map((value) => JSON.stringify(value));
    fc.assert(
      fc.property(
        safe.filter((text) => !/\d{16}/.test(text)),
        (text) => {
          expect(parseExactJson(text)).toEqual(JSON.parse(text));
        },
      ),
    );
  });
});
