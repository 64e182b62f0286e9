import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  escapeSlack,
  escapeToFit,
  linkTarget,
  withoutPings,
} from '../../../src/webhooks/slack/slack-blocks.ts';
import { readable } from '../../../src/webhooks/readable-text.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc
    .array(fc.constantFrom('&', '<', '>', 'a', ' ', '\n', '😀', 'e\u0301', '👩‍👩‍👧‍👦'), {
      maxLength: 300,
    })
    .map((parts) => parts.join('')),
);

function unescapeSlack(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

test.each([
  ['<!channel>', '&lt;!channel&gt;'],
  ['<@U012AB3CD> & <https://a.example|b>', '&lt;@U012AB3CD&gt; &amp; &lt;https://a.example|b&gt;'],
  ['&lt;!here&gt;', '&amp;lt;!here&amp;gt;'],
  ['"\'', '"\''],
])('escapeSlack makes %s harmless', (text, expected) => {
  expect(escapeSlack(text)).toBe(expected);
});

describe('escapeToFit', () => {
  test.each([
    ['leaves what fits', 'abcdef', 6, 'abcdef'],
    ['has the ellipsis inside the limit', 'abcdefg', 6, 'abcde…'],
    ['counts entities whole', '&&', 10, '&amp;&amp;'],
    ['does not split an entity', '&&', 9, '&amp;…'],
    ['does not split an entity at its last character', 'a&bc', 6, 'a…'],
    ['does not split a surrogate pair', 'abcd😀x', 6, 'abcd…'],
    ['keeps a surrogate pair that fits', 'abc😀x', 6, 'abc😀x'],
    ['does not split a letter from its accent', 'abcde\u0301x', 6, 'abcd…'],
    ['does not split a family', 'ab👩‍👩‍👧‍👦', 10, 'ab…'],
    ['does not split a flag', 'abcd🇩🇪', 7, 'abcd…'],
    ['leaves no space before the ellipsis', 'abcd  efgh', 6, 'abcd…'],
    ['gives nothing for nothing', '', 6, ''],
    [
      'splits what is too long to be one letter',
      `a${'\u0301'.repeat(99)}`,
      6,
      `a${'\u0301'.repeat(4)}…`,
    ],
  ])('%s', (_, text, limit, expected) => {
    expect(escapeToFit(text, limit)).toBe(expected);
  });

  test('gives the text, or its beginning and an ellipsis, within the limit', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 6, max: 400 }), (foreign, limit) => {
        const text = readable(foreign);
        const fitted = escapeToFit(text, limit);
        expect(fitted.length).toBeLessThanOrEqual(limit);
        expect(fitted.isWellFormed()).toBe(true);
        expect(fitted).toMatch(/^(?:[^&<>]|&(?:amp|lt|gt);)*$/);
        expect(fitted === '').toBe(text === '');
        if (escapeSlack(text).length <= limit) {
          expect(unescapeSlack(fitted)).toBe(text);
        } else {
          expect(fitted.endsWith('…')).toBe(true);
          expect(text.startsWith(unescapeSlack(fitted.slice(0, -1)))).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('gives as much of the text as fits', () => {
    expect(escapeToFit('x'.repeat(1000), 600)).toBe(`${'x'.repeat(599)}…`);
    expect(escapeToFit('<'.repeat(1000), 600)).toBe(`${'&lt;'.repeat(149)}…`);
  });
});

describe('linkTarget', () => {
  test.each([
    ['https://facebook.com/groups/1/permalink/2', 'https://facebook.com/groups/1/permalink/2'],
    ['http://facebook.com', 'http://facebook.com/'],
    ['  https://facebook.com/a\n ', 'https://facebook.com/a'],
    ['https://facebook.com/?a=1&b=2', 'https://facebook.com/?a=1&amp;b=2'],
    ['https://facebook.com/a|b?c|d#e|f', 'https://facebook.com/a%7Cb?c%7Cd#e%7Cf'],
    ['https://facebook.com/<a>?<b>#<c>', 'https://facebook.com/%3Ca%3E?%3Cb%3E#%3Cc%3E'],
    ['https://facebook.com/\u202egnp', 'https://facebook.com/%E2%80%AEgnp'],
    ['https://fаcebook.com/', 'https://xn--fcebook-2fg.com/'],
    ['javascript:alert(1)', null],
    ['JavaScript:alert(1)//https://facebook.com', null],
    ['data:text/html,x', null],
    ['file:///etc/passwd', null],
    ['slack://open', null],
    ['mailto:a@b.example', null],
    ['//facebook.com/a', null],
    ['/groups/1', null],
    ['facebook.com/a', null],
    ['https://', null],
    ['https://facebook.com@evil.example/', null],
    ['https://facebook.com:pass@evil.example/', null],
    ['', null],
    ['<!channel>', null],
  ])('of %j is %j', (link, expected) => {
    expect(linkTarget(link, 3000)).toBe(expected);
  });

  test('leaves a link out that is longer than the limit, as it is sent', () => {
    const link = `https://a.example/${'x'.repeat(82)}`;
    expect(linkTarget(link, 100)).toBe(link);
    expect(linkTarget(`${link}x`, 100)).toBeNull();
    expect(linkTarget(`${link.slice(0, -1)}?&`, 105)).toBe(`${link.slice(0, -1)}?&amp;`);
    expect(linkTarget(`${link.slice(0, -1)}?&`, 104)).toBeNull();
  });
});

test.each([
  ['@here', '@\u2060here'],
  ['hi @Channel, @EVERYONE!', 'hi @\u2060Channel, @\u2060EVERYONE!'],
  ['me@here.example', 'me@\u2060here.example'],
  ['@someone @ here', '@someone @ here'],
])('withoutPings reads %s without pinging', (text, expected) => {
  expect(withoutPings(text)).toBe(expected);
});
