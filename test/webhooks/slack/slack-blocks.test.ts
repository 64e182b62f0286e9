import { expect, test } from 'vitest';
import { escapeSlack, linkTarget, withoutPings } from '../../../src/webhooks/slack/slack-blocks.ts';
import { slackAsText } from '../../../src/webhooks/slack/slack.ts';
import { deliveryOf } from '../delivery-samples.ts';

test.each([
  ['<!channel>', '&lt;!channel&gt;'],
  ['<@U012AB3CD> & <https://a.example|b>', '&lt;@U012AB3CD&gt; &amp; &lt;https://a.example|b&gt;'],
  ['&lt;!here&gt;', '&amp;lt;!here&amp;gt;'],
  ['"\'', '"\''],
])('escapeSlack makes %s harmless', (text, expected) => {
  expect(escapeSlack(text)).toBe(expected);
});

test.each([
  ['https://facebook.com/?a=1&b=2', 'https://facebook.com/?a=1&amp;b=2'],
  ['https://facebook.com/a|b?c|d#e|f', 'https://facebook.com/a%7Cb?c%7Cd#e%7Cf'],
  ['https://facebook.com/<a>?<b>#<c>', 'https://facebook.com/%3Ca%3E?%3Cb%3E#%3Cc%3E'],
  ['<!channel>', null],
])('the link target of %j is %j', (link, expected) => {
  expect(linkTarget(link, 3000)).toBe(expected);
});

test('a link that is too long is left out, measured as it is sent', () => {
  const link = `https://a.example/${'x'.repeat(81)}?&`;
  expect(linkTarget(link, 105)).toBe(`${link.slice(0, -1)}&amp;`);
  expect(linkTarget(link, 104)).toBeNull();
});

test.each([
  ['@here', '@\u2060here'],
  ['hi @Channel, @EVERYONE!', 'hi @\u2060Channel, @\u2060EVERYONE!'],
  ['me@here.example', 'me@\u2060here.example'],
  ['@someone @ here', '@someone @ here'],
])('the top-level text %s pings nobody', (text, expected) => {
  expect(withoutPings(text)).toBe(expected);
});

test('the preview shows the texts of the blocks, with links and times written out', () => {
  const delivery = deliveryOf({ content: 'a <b> & c\nsecond line', keyword: 'crm' });
  expect(slackAsText(delivery)).toEqual([
    'crm in Real Estate Referral Network',
    '“a <b> & c',
    'second line”',
    '— Post owner name: https://facebook.com/profile.php?id=100073695043540',
    'in the post · spotted 2023-11-08 16:04 UTC · Open post: https://facebook.com/groups/1617905175110739/permalink/3805136229720945',
  ]);
  const written = deliveryOf({ content: '&amp;lt;b&amp;gt; &amp;amp;lt;' });
  expect(slackAsText(written)).toContain('“&lt;b&gt; &amp;lt;”');
});
