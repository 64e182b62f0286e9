import { describe, expect, test } from 'vitest';
import { formatTeams } from '../../../src/webhooks/teams/teams-message.ts';
import { deliveryOf } from '../delivery-samples.ts';
import { expectTeamsMessage } from './teams-limits.ts';

interface Message {
  readonly attachments: readonly { readonly content: { readonly body: readonly object[] } }[];
}

const good = JSON.parse(formatTeams([deliveryOf()])) as Message;
const [attachment] = good.attachments;
const withCard = (changes: object) => ({
  ...good,
  attachments: [{ ...attachment, content: { ...attachment?.content, ...changes } }],
});
const withElement = (element: object) => withCard({ body: [element] });
const run = (text: string) => ({ type: 'RichTextBlock', inlines: [{ type: 'TextRun', text }] });
const block = (text: string) => ({ type: 'TextBlock', text, wrap: true });
const button = (url: string) => ({
  type: 'ActionSet',
  actions: [{ type: 'Action.OpenUrl', title: 'Open post', url }],
});

describe('the checker takes', () => {
  test.each([
    ['a good message', good],
    ['Markdown where it is literal', withElement(run('**a** [b](c)'))],
    ['a web link', withElement(button('https://a.example/'))],
  ])('%s', (_, message) => {
    expect(() => expectTeamsMessage(JSON.stringify(message))).not.toThrow();
  });
});

describe('the checker refuses', () => {
  test.each([
    ['a message that is too large', withElement(run('x'.repeat(14_000)))],
    ['one that is too large only in UTF-8', withElement(run('日'.repeat(9_500)))],
    ['a card without a fallback', withCard({ fallbackText: '' })],
    ['a card of another version', withCard({ version: '1.9' })],
    ['an empty card', withCard({ body: [] })],
    ['an element nobody looked up', withElement({ type: 'Image', url: 'https://a.example/' })],
    ['a size that there is not', withElement({ ...block('a'), size: 'Huge' })],
    ['text that does not wrap', withElement({ ...block('a'), wrap: false })],
    ['Markdown where it is read', withElement(block('**a**'))],
    ['a link where it is read', withElement(block('[bank](https://evil.example)'))],
    ['a list where it is read', withElement(block('- a'))],
    ['a function of a stranger', withElement(run('{{DATE(2023-11-08T16:04:48Z)}}'))],
    ['a mention', withElement(run('<at>Ana</at>'))],
    ['a link to a script', withElement(button('javascript:x'))],
    ['control characters', withElement(run('a\u0007'))],
    ['a ping in the fallback', withCard({ fallbackText: '@all' })],
    ['two cards', { ...good, attachments: [attachment, attachment] }],
  ])('%s', (_, message) => {
    expect(() => expectTeamsMessage(JSON.stringify(message))).toThrow();
  });
});
