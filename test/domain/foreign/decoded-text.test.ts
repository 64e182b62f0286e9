import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeEntities } from '../../../src/domain/foreign/decoded-text.ts';
import { foreignText } from '../../webhooks/delivery-samples.ts';

test.each([
  ['those of htmlspecialchars', 'It&#039;s a house &amp; garden', "It's a house & garden"],
  ['quotation marks and angles', '&quot;&lt;b&gt;&quot; &apos;', '"<b>" \''],
  ['those of htmlentities', 'caf&eacute;&nbsp;&ndash; 5&euro; &hellip;', 'café\u00a0– 5€ …'],
  ['those of HTML 5', 'Hi&comma; call me&excl;&NewLine;', 'Hi, call me!\n'],
  ['decimal and hexadecimal numbers', '&#8217;&#x2019;&#X2019;&#128512;', '’’’😀'],
  ['the two halves of an emoji', '&#55357;&#56832; &#xD83D;&#xde00;', '😀 😀'],
  ['a half after another character', '&#10084;&#55357;&#56832;', '❤😀'],
  ['half an emoji alone', '&#55357; &#56832;', '\ud83d \ude00'],
  ['the euro sign of windows-1252', '&#128;', '€'],
  ['an encoded entity', '&amp;lt;b&amp;gt; &amp;amp; &#38;lt;', '&lt;b&gt; &amp; &lt;'],
  ['an ampersand made of an entity', '&amp;#39; &#x26;#39;', '&#39; &#39;'],
  ['a NUL', 'a&#0;b&#x0;c', 'a\ufffdb\ufffdc'],
  ['a number beyond Unicode', '&#x110000; &#99999999999999999999;', '\ufffd \ufffd'],
  ['no entity', 'AT&T, R&D; a && b &; &#; &#x; &x; &nosuch;', null],
  ['an entity without a semicolon', 'AT&copyright &amp &lt &#39 &#x27', null],
  ['parameters of a link', 'https://a.example/?a=1&copy=2&lt=3&region=4&para=5', null],
  [
    'encoded parameters of a link',
    'https://a.example/?a=1&amp;copy=2',
    'https://a.example/?a=1&copy=2',
  ],
  ['a name of an object', '&constructor; &__proto__; &toString;', null],
  ['other foreign text', ' <b>\u202e\u0000\ud800\n ', null],
])('%s', (_, text, decoded) => {
  expect(decodeEntities(text)).toBe(decoded ?? text);
});

test('any text that is encoded once comes back', () => {
  const encode = (text: string) =>
    text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
  fc.assert(
    fc.property(foreignText, (text) => {
      expect(decodeEntities(encode(text))).toBe(text);
    }),
  );
});
