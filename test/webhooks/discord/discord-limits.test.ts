import { formatDiscord } from '../../../src/webhooks/discord/discord-message.ts';
import { deliveryOf } from '../delivery-samples.ts';
import { describeChecker } from '../describe-checker.ts';
import { expectDiscordMessage } from './discord-limits.ts';

const good = JSON.parse(formatDiscord([deliveryOf()])) as { readonly embeds: readonly object[] };
const withEmbed = (changes: object) => ({ ...good, embeds: [{ ...good.embeds[0], ...changes }] });
const withEmbeds = (length: number, embed: object) => ({
  ...good,
  embeds: Array.from({ length }, () => ({ ...embed, color: 0 })),
});
const title = (text: string) => withEmbed({ title: text });
const description = (text: string) => withEmbed({ description: text });
const footer = (text: string) => withEmbed({ footer: { text } });

describeChecker(
  (body) => expectDiscordMessage(body, [deliveryOf()]),
  {
    'a good message': good,
    'a title of 256': title('x'.repeat(256)),
    'a description of 4096': description('x'.repeat(4096)),
    'a keyword in bold': description('a **KEYWORD name 1** b'),
    'an author as a link': description('[Post owner name](https://a.example/)'),
    'escaped marks': title('\\*a\\* \\<\\@1\\>'),
  },
  {
    'allowed mentions': { ...good, allowed_mentions: { parse: ['everyone'] } },
    'no rule for mentions': { ...good, allowed_mentions: undefined },
    'no content': { ...good, content: '' },
    'a content that is too long': { ...good, content: 'x'.repeat(2001) },
    'eleven embeds': withEmbeds(11, { title: 'x' }),
    'a title that is too long': title('x'.repeat(257)),
    'an empty title': title(''),
    'a footer that is too long': footer('x'.repeat(2049)),
    'more than 6000 in all': withEmbeds(3, { description: 'x'.repeat(2001) }),
    'a url, which makes Discord show one embed of several': withEmbed({
      url: 'https://a.example/',
    }),
    'an unlisted field': { ...good, tts: true },
    formatting: title('a *b* c'),
    'bold words': description('**b**'),
    'a keyword in bold in the title': title('**Keyword name 1**'),
    'a ping in a bold keyword': description('**Keyword name 1 <@80351110224678912>**'),
    'a link with the name of an author to a script': description('[Post owner name](javascript:x)'),
    'a masked link with other words': description('[bank](https://evil.example)'),
    'a link to a script': description('[Open post](javascript:x)'),
    'a ping': description('hi @everyone'),
    'a mention of a person': description('<@80351110224678912>'),
    'a heading': description('a\n# b'),
    'a spoiler': description('||b||'),
    'bidirectional characters': footer('a\u202eb'),
    'half of an emoji': title('\ud83d'),
  },
);
