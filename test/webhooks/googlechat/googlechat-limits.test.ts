import { formatGoogleChat } from '../../../src/webhooks/googlechat/googlechat-message.ts';
import { deliveryOf } from '../delivery-samples.ts';
import { describeChecker } from '../describe-checker.ts';
import { expectGoogleChatMessage } from './googlechat-limits.ts';

const good = JSON.parse(formatGoogleChat([deliveryOf()])) as object;
const withWidgets = (...widgets: object[]) => ({
  ...good,
  cardsV2: [{ cardId: 'a', card: { sections: [{ widgets }] } }],
});
const paragraph = (text: string) => ({ textParagraph: { text } });
const withText = (text: string) => withWidgets(paragraph(text));
const button = (url: string) =>
  withWidgets({ buttonList: { buttons: [{ text: 'Open post', onClick: { openLink: { url } } }] } });

describeChecker(
  (body) => expectGoogleChatMessage(body, [deliveryOf()]),
  {
    'a good message': good,
    'escaped HTML': withText('&lt;b&gt; &amp;amp;<br>&quot;'),
    'a keyword in bold': withText('a <b>KEYWORD name 1</b>'),
    'a web link': button('https://a.example/'),
    'a text without a card': { text: 'a *b*' },
  },
  {
    'a message of over 32,000 bytes': withText('日'.repeat(10_700)),
    'a message without content': { fallbackText: 'a' },
    'a text beside a card': { ...good, text: 'a' },
    'over 100 widgets': withWidgets(...Array.from({ length: 101 }, () => paragraph('a'))),
    'a widget of two kinds': withWidgets({
      ...paragraph('a'),
      ...button('https://a.example/').cardsV2[0]?.card.sections[0]?.widgets[0],
    }),
    'an unknown widget': withWidgets({ image: { imageUrl: 'https://a.example/' } }),
    'an unknown field': { ...good, privateMessageViewer: {} },
    'a tag of a stranger': withText('<i>a</i>'),
    'a bare &': withText('a & b'),
    'a bare <': withText('<users/all>'),
    'a link with another label': withText('<a href="https://evil.example/">Bank</a>'),
    'another word in bold': withText('a <b>name</b>'),
    'another title in colour': withText('<font color="#c5221f">Bank</font>'),
    'a link to a script': button('javascript:x'),
    'a ping in the text': { text: '<users/all>' },
    'a ping in the fallback': { ...good, fallbackText: '@all' },
    'control characters': withText('a\u0007'),
  },
);
