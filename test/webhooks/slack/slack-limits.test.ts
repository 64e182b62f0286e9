import { describe, expect, test } from 'vitest';
import { formatSlack } from '../../../src/webhooks/slack/slack-message.ts';
import { deliveryOf } from '../delivery-samples.ts';
import { expectSlackMessage } from './slack-limits.ts';

const good = JSON.parse(formatSlack([deliveryOf()])) as Record<string, unknown>;

function plain(text: string) {
  return { type: 'plain_text', text, emoji: false };
}

function dividers(length: number): object[] {
  return Array.from({ length }, () => ({ type: 'divider' }));
}

function withBlock(block: object): object {
  return { ...good, blocks: [block] };
}

function withText(text: string): object {
  return withBlock({ type: 'section', text: plain(text) });
}

function withMrkdwn(text: string): object {
  return withBlock({ type: 'context', elements: [{ type: 'mrkdwn', text, verbatim: true }] });
}

function withButton(text: string, url: string): object {
  return withBlock({ type: 'actions', elements: [{ type: 'button', text: plain(text), url }] });
}

const url = 'https://facebook.com/';

describe('the checker takes', () => {
  test.each([
    ['a good message', good],
    ['fifty blocks', { ...good, blocks: dividers(50) }],
    ['a header of 150', withBlock({ type: 'header', text: plain('x'.repeat(150)) })],
    ['a section of 3000', withText('x'.repeat(3000))],
    ['fields of 2000', withBlock({ type: 'section', fields: [plain('x'.repeat(2000))] })],
    ['a button of 75 with a URL of 3000', withButton('x'.repeat(75), url.padEnd(3000, 'x'))],
    ['entities and line breaks', withText('&amp; &lt;\n&gt;')],
  ])('%s', (_, message) => {
    expect(() => expectSlackMessage(JSON.stringify(message))).not.toThrow();
  });
});

describe('the checker refuses', () => {
  test.each([
    ['no text', { ...good, text: '' }],
    ['a text that is too long', { ...good, text: 'x'.repeat(40_001) }],
    ['a text that is interpreted', { ...good, mrkdwn: true }],
    ['a text that pings', { ...good, text: 'hi @here' }],
    ['a text that is not escaped', { ...good, text: '<!channel>' }],
    ['links that unfurl', { ...good, unfurl_links: true }],
    ['media that unfurl', { ...good, unfurl_media: undefined }],
    ['link_names', { ...good, link_names: 1 }],
    ['no blocks at all in a list', { ...good, blocks: [] }],
    ['51 blocks', { ...good, blocks: dividers(51) }],
    ['a kind of block nobody looked up', withBlock({ type: 'markdown', text: 'x' })],
    ['an empty section', withBlock({ type: 'section' })],
    ['an empty text', withText('')],
    ['a text that nobody sees', withText('\u200d')],
    ['an empty context', withBlock({ type: 'context', elements: [] })],
    ['eleven elements', withBlock({ type: 'context', elements: Array(11).fill(plain('x')) })],
    ['a header of 151', withBlock({ type: 'header', text: plain('x'.repeat(151)) })],
    ['a section of 3001', withText('x'.repeat(3001))],
    ['a field of 2001', withBlock({ type: 'section', fields: [plain('x'.repeat(2001))] })],
    ['eleven fields', withBlock({ type: 'section', fields: Array(11).fill(plain('x')) })],
    ['a button of 76', withButton('x'.repeat(76), url)],
    ['a URL of 3001', withButton('x', url.padEnd(3001, 'x'))],
    ['a button to a script', withButton('x', 'javascript:alert(1)')],
    ['emoji by name', withBlock({ type: 'header', text: { type: 'plain_text', text: 'x' } })],
    ['half an entity', withText('&am')],
    ['half a surrogate pair', withText('\ud83d')],
    ['a bare angle bracket', withText('a < b')],
    ['a bare ampersand', withText('a & b')],
    ['a control character', withText('\u001b[31m')],
    ['another line break', withText('a\u2028b')],
    ['an override of the direction', withText('\u202egnp')],
    ['foreign words in mrkdwn', withMrkdwn('someone')],
    ['a ping in mrkdwn', withMrkdwn('<!channel>')],
    ['a person in mrkdwn', withMrkdwn('<@U012AB3CD>')],
    ['a link with another label', withMrkdwn('<https://a.example|https://b.example>')],
    ['a link to a script', withMrkdwn('<javascript:alert(1)|Open post>')],
    ['a link that is not escaped', withMrkdwn('<https://a.example/?b&c|Open post>')],
    [
      'a date with a link',
      withMrkdwn('spotted <!date^1^{date}^https://a.example|1970-01-01 00:00 UTC>'),
    ],
    [
      'mrkdwn that links what looks like an address',
      withBlock({ type: 'context', elements: [{ type: 'mrkdwn', text: '*' }] }),
    ],
  ])('%s', (_, message) => {
    expect(() => expectSlackMessage(JSON.stringify(message))).toThrow();
  });
});
