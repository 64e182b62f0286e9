import { formatSlack } from '../../../src/webhooks/slack/slack-message.ts';
import { deliveryOf } from '../delivery-samples.ts';
import { describeChecker } from '../describe-checker.ts';
import { expectSlackMessage } from './slack-limits.ts';

const good = JSON.parse(formatSlack([deliveryOf()])) as object;
const plain = (text: string) => ({ type: 'plain_text', text, emoji: false });
const withBlocks = (...blocks: object[]) => ({ ...good, blocks });
const dividers = (length: number) =>
  withBlocks(...Array.from({ length }, () => ({ type: 'divider' })));
const header = (text: string) => withBlocks({ type: 'header', text: plain(text) });
const section = (text: string) => withBlocks({ type: 'section', text: plain(text) });
const fields = (...texts: string[]) =>
  withBlocks({ type: 'section', fields: texts.map((text) => plain(text)) });
const context = (...elements: object[]) => withBlocks({ type: 'context', elements });
const mrkdwn = (text: string) => context({ type: 'mrkdwn', text, verbatim: true });

const rich = (...elements: object[]) =>
  withBlocks({ type: 'rich_text', elements: [{ type: 'rich_text_section', elements }] });
const text = (words: string, style?: object) => ({ type: 'text', text: words, style });
const link = (url: string, words: string) => ({ type: 'link', url, text: words });

describeChecker(
  (body) => expectSlackMessage(body, [deliveryOf()]),
  {
    'a good message': good,
    'fifty blocks': dividers(50),
    'a header of 150': header('x'.repeat(150)),
    'a section of 3000': section('x'.repeat(3000)),
    'fields of 2000': fields('x'.repeat(2000)),
    'rich text that is not escaped': rich(text('<!channel> & *b*\nc')),
    'a keyword in bold': rich(text('KEYWORD name 1', { bold: true })),
    'an author as a link': rich(link('https://a.example/', 'Post owner name')),
    'entities and line breaks': section('&amp; &lt;\n&gt;'),
  },
  {
    'no text': { ...good, text: '' },
    'a text that is too long': { ...good, text: 'x'.repeat(40_001) },
    'a text that is interpreted': { ...good, mrkdwn: true },
    'a text that pings': { ...good, text: 'hi @here' },
    'a text that is not escaped': { ...good, text: '<!channel>' },
    'links that unfurl': { ...good, unfurl_links: true },
    'media that unfurl': { ...good, unfurl_media: undefined },
    link_names: { ...good, link_names: 1 },
    'an empty list of blocks': withBlocks(),
    '51 blocks': dividers(51),
    'an unlisted kind of block': withBlocks({ type: 'markdown', text: 'x' }),
    'blocks of more than 13000 together': withBlocks(
      ...Array.from({ length: 5 }, () => ({ type: 'section', text: plain('x'.repeat(2_600)) })),
    ),
    'rich text without elements': rich(),
    'empty rich text': rich(text('')),
    'rich text with an override of the direction': rich(text('\u202egnp')),
    'another word in bold': rich(text('name', { bold: true })),
    'another style': rich(text('Keyword name 1', { code: true })),
    'another name as a link': rich(link('https://a.example/', 'Bank')),
    'a link to a script in rich text': rich(link('javascript:alert(1)', 'Post owner name')),
    'a ping in rich text': rich({ type: 'broadcast', range: 'channel' }),
    'a person in rich text': rich({ type: 'user', user_id: 'U012AB3CD' }),
    'an emoji by name in rich text': rich({ type: 'emoji', name: 'wave' }),
    'a button': withBlocks({ type: 'actions', elements: [{ type: 'button', text: plain('x') }] }),
    'an empty section': withBlocks({ type: 'section' }),
    'an empty text': section(''),
    'an invisible text': section('\u200d'),
    'an empty context': context(),
    'eleven elements': context(...Array<object>(11).fill(plain('x'))),
    'a header of 151': header('x'.repeat(151)),
    'a section of 3001': section('x'.repeat(3001)),
    'a field of 2001': fields('x'.repeat(2001)),
    'eleven fields': fields(...Array<string>(11).fill('x')),
    'emoji by name': withBlocks({ type: 'header', text: { type: 'plain_text', text: 'x' } }),
    'half an entity': section('&am'),
    'half a surrogate pair': section('\ud83d'),
    'a bare angle bracket': section('a < b'),
    'a bare ampersand': section('a & b'),
    'a control character': section('\u001b[31m'),
    'another line break': section('a\u2028b'),
    'an override of the direction': section('\u202egnp'),
    'foreign words in mrkdwn': mrkdwn('someone'),
    'a ping in mrkdwn': mrkdwn('<!channel>'),
    'a person in mrkdwn': mrkdwn('<@U012AB3CD>'),
    'a link with another label': mrkdwn('<https://a.example|https://b.example>'),
    'a link to a script': mrkdwn('<javascript:alert(1)|Open post>'),
    'a link that is not escaped': mrkdwn('<https://a.example/?b&c|Open post>'),
    'a date with a link': mrkdwn('<!date^1^{date}^https://a.example|1970-01-01 00:00 UTC>'),
    'mrkdwn that links addresses': context({ type: 'mrkdwn', text: '*' }),
  },
);
