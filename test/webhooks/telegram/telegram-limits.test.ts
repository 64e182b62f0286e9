import { formatTelegram } from '../../../src/webhooks/telegram/telegram-message.ts';
import { deliveryOf } from '../delivery-samples.ts';
import { describeChecker } from '../describe-checker.ts';
import { expectTelegramMessage } from './telegram-limits.ts';

const good = JSON.parse(formatTelegram([deliveryOf()])) as object;
const withText = (text: string) => ({ ...good, text });

describeChecker(
  (body) => expectTelegramMessage(body, [deliveryOf()]),
  {
    'a good message': good,
    'escaped HTML': withText('&lt;b&gt; &amp;amp; &quot;'),
    '4,096 characters of text, and tags': withText(`<b>${'x'.repeat(4_096)}</b>`),
    'a keyword in bold': withText('<blockquote>a <b>KEYWORD name 1</b></blockquote>'),
    'an address of e-mail': withText('a@b.example, 3/4, $350k'),
  },
  {
    '4,097 characters of text': withText('x'.repeat(4_097)),
    'no text': withText(''),
    'a link preview': { ...good, link_preview_options: { is_disabled: false } },
    'another language of markup': { ...good, parse_mode: 'MarkdownV2' },
    'an unknown field': { ...good, entities: [] },
    'over 100 formatted parts': withText('<a href="https://a.example/">Open post</a>'.repeat(101)),
    'a tag of a stranger': withText('<i>a</i>'),
    'an unknown escape': withText('&nbsp;'),
    'a bare &': withText('a & b'),
    'a tag that is not closed': withText('<b>a'),
    'tags that overlap': withText('<b><blockquote>a</b></blockquote>'),
    'a link to a user': withText('<a href="tg://user?id=1">Post owner name</a>'),
    'a link with another label': withText('<a href="https://evil.example/">Bank</a>'),
    'another word in bold': withText('<blockquote>a <b>name</b></blockquote>'),
    'a ping': withText('hello @name'),
    'a ping behind a tag': withText('<blockquote>@name</blockquote>'),
    'a hashtag': withText('#a'),
    'a command': withText('(/start'),
    'control characters': withText('a\u0007'),
  },
);
