import { formatTeams } from '../../../src/webhooks/teams/teams-message.ts';
import { deliveryOf } from '../delivery-samples.ts';
import { describeChecker } from '../describe-checker.ts';
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
const runs = (...inlines: object[]) =>
  withElement({
    type: 'RichTextBlock',
    inlines: inlines,
  });
const textRun = (text: string, more: object = {}) => ({ type: 'TextRun', text, ...more });
const run = (text: string) => runs(textRun(text));
const linked = (text: string, url: string) =>
  runs(textRun(text, { selectAction: { type: 'Action.OpenUrl', url } }));
const block = (text: string, changes: object = {}) =>
  withElement({ type: 'TextBlock', text, wrap: true, ...changes });
const button = (url: string) =>
  withElement({
    type: 'ActionSet',
    actions: [{ type: 'Action.OpenUrl', title: 'Open post', url }],
  });

describeChecker(
  (body) => expectTeamsMessage(body, [deliveryOf()]),
  {
    'a good message': good,
    'Markdown where it is literal': run('**a** [b](c)'),
    'a keyword in bold': runs(textRun('a '), textRun('KEYWORD name 1', { weight: 'Bolder' })),
    'an author as a link': linked('Post owner name', 'https://a.example/'),
    'a web link': button('https://a.example/'),
  },
  {
    'a message that is too large': run('x'.repeat(14_000)),
    'a message that is too large only in UTF-8': run('日'.repeat(9_500)),
    'a card without a fallback': withCard({ fallbackText: '' }),
    'a card of another version': withCard({ version: '1.9' }),
    'an empty card': withCard({ body: [] }),
    'an unlisted element': withElement({ type: 'Image', url: 'https://a.example/' }),
    'an unknown size': block('a', { size: 'Huge' }),
    'text that does not wrap': block('a', { wrap: false }),
    'Markdown where it is read': block('**a**'),
    'a link where it is read': block('[bank](https://evil.example)'),
    'a list where it is read': block('- a'),
    "a stranger's function": run('{{DATE(2023-11-08T16:04:48Z)}}'),
    'another word in bold': runs(textRun('a '), textRun('name', { weight: 'Bolder' })),
    'another name as a link': linked('Bank', 'https://a.example/'),
    'an author as a link to a script': linked('Post owner name', 'javascript:x'),
    'a mention in two texts': runs(textRun('<'), textRun('at>Ana</at>')),
    'a mention': run('<at>Ana</at>'),
    'a link to a script': button('javascript:x'),
    'control characters': run('a\u0007'),
    'a ping in the fallback': withCard({ fallbackText: '@all' }),
    'two cards': { ...good, attachments: [attachment, attachment] },
  },
);
