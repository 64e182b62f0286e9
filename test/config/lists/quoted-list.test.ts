import { expect, test } from 'vitest';
import { splitList } from '../../../src/config/lists/quoted-list.ts';

const OPEN = 'begins with a quotation mark that does not end with it';
const CURLY = 'begins with a curly quotation mark: write "';
const ODD = 'has a quotation mark without another';

test.each<[string, string, string[]]>([
  ['entries without quotes', 'realtor, looking for an agent', ['realtor', 'looking for an agent']],
  ['an entry with a comma', '"Austin, TX", realtor', ['Austin, TX', 'realtor']],
  ['several of them', ' "a, b" ,"c,d", e', ['a, b', 'c,d', 'e']],
  ['one entry in quotes', '"Austin, TX"', ['Austin, TX']],
  ['empty entries', ',a,,"",', ['a']],
  [
    'inches, and words in quotes',
    'TV 27", 6\' 2", so "called"',
    ['TV 27"', '6\' 2"', 'so "called"'],
  ],
  ['apostrophes', "don't, '90s music", ["don't", "'90s music"]],
])('a list has %s: %s', (_, list, entries) => {
  const split = splitList(list);
  expect(split.map(({ text }) => text).filter((text) => text !== '')).toEqual(entries);
  expect(split.filter(({ problem }) => problem !== undefined)).toEqual([]);
});

test.each([
  ['"Austin, TX', [OPEN, undefined]],
  ['Austin, TX", crm', [undefined, ODD, undefined]],
  ['"Austin, TX" area', [OPEN, ODD]],
  // What is left of `"a, b", "c, d"` where the reader of a .env file takes off the outer ones.
  ['a, b", "c, d', [undefined, ODD, OPEN, undefined]],
  ['a", "b', [ODD, OPEN]],
  ['“Austin, TX”', [CURLY, undefined]],
  ['«crm»', [CURLY]],
])('a list with quotation marks that leave a doubt has problems: %s', (list, problems) => {
  const found = splitList(list).filter(({ text }) => text !== '');
  expect(found.map(({ problem }) => problem)).toEqual(problems);
});
