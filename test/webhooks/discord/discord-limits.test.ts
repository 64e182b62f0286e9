import { describe, expect, test } from 'vitest';
import { formatDiscord } from '../../../src/webhooks/discord/discord-message.ts';
import { deliveryOf } from '../delivery-samples.ts';
import { expectDiscordMessage } from './discord-limits.ts';

const good = JSON.parse(formatDiscord([deliveryOf()])) as { readonly embeds: readonly object[] };
const withEmbed = (changes: object) => ({ ...good, embeds: [{ ...good.embeds[0], ...changes }] });

describe('the checker takes', () => {
  test.each([
    ['a good message', good],
    ['a title of 256', withEmbed({ title: 'x'.repeat(256) })],
    ['a description of 4096', withEmbed({ description: 'x'.repeat(4096) })],
    ['escaped marks', withEmbed({ title: '\\*a\\* \\<\\@1\\>' })],
  ])('%s', (_, message) => {
    expect(() => expectDiscordMessage(JSON.stringify(message))).not.toThrow();
  });
});

describe('the checker refuses', () => {
  test.each([
    ['mentions that are allowed', { ...good, allowed_mentions: { parse: ['everyone'] } }],
    ['mentions of which nothing is said', { ...good, allowed_mentions: undefined }],
    ['no content', { ...good, content: '' }],
    ['a content that is too long', { ...good, content: 'x'.repeat(2001) }],
    [
      'eleven embeds',
      { ...good, embeds: Array.from({ length: 11 }, () => ({ title: 'x', color: 0 })) },
    ],
    ['a title that is too long', withEmbed({ title: 'x'.repeat(257) })],
    ['an empty title', withEmbed({ title: '' })],
    ['a footer that is too long', withEmbed({ footer: { text: 'x'.repeat(2049) } })],
    [
      'more than 6000 in all',
      {
        ...good,
        embeds: Array.from({ length: 3 }, () => ({ description: 'x'.repeat(2001), color: 0 })),
      },
    ],
    ['a url, by which embeds are shown once', withEmbed({ url: 'https://a.example/' })],
    ['a field that is unknown', { ...good, tts: true }],
    ['formatting', withEmbed({ title: 'a *b* c' })],
    ['bold words', withEmbed({ title: '**b**' })],
    ['a masked link with other words', withEmbed({ description: '[bank](https://evil.example)' })],
    ['a link to a script', withEmbed({ description: '[Open post](javascript:x)' })],
    ['a ping', withEmbed({ description: 'hi @everyone' })],
    ['a mention of a person', withEmbed({ description: '<@80351110224678912>' })],
    ['a heading', withEmbed({ description: 'a\n# b' })],
    ['a spoiler', withEmbed({ description: '||b||' })],
    ['bidirectional characters', withEmbed({ footer: { text: 'a\u202eb' } })],
    ['half of an emoji', withEmbed({ title: '\ud83d' })],
  ])('%s', (_, message) => {
    expect(() => expectDiscordMessage(JSON.stringify(message))).toThrow();
  });
});
