import { describe, expect, test } from 'vitest';
import type { Delivery } from '../../../src/domain/delivery.ts';
import type { JsonObject } from '../../../src/domain/mention.ts';
import {
  formatTelegram,
  formatTelegramSimplified,
} from '../../../src/webhooks/telegram/telegram-message.ts';
import { telegramAsText } from '../../../src/webhooks/telegram/telegram.ts';
import { deliveryOf } from '../delivery-samples.ts';
import { alertOf, GAP, LEFT, recoveredOf } from '../recovered-and-alert-samples.ts';
import { expectTelegramMessage } from './telegram-limits.ts';

const LINK = 'https://facebook.com/groups/1617905175110739/permalink/3805136229720945';
const NOTHING = { keyword: '', position: '', content: '', link: '', owner: {}, group: {} };
const TIME = '<tg-time unix="1699459488" format="Dt">2023-11-08 16:04 UTC</tg-time>';

/** Returns the HTML of a message that Telegram accepts. */
function htmlOf(...deliveries: readonly Delivery[]): string {
  const body = formatTelegram(deliveries);
  expectTelegramMessage(body, deliveries);
  return (JSON.parse(body) as { text: string }).text;
}

test('the documented mention has title, quote, author, place, time and link', () => {
  expect(htmlOf(deliveryOf()).split('\n')).toEqual([
    '<b>Keyword name 1 in Real Estate Referral Network</b>',
    '<blockquote>Post content</blockquote>',
    '— <a href="https://facebook.com/profile.php?id=100073695043540">Post owner name</a> · in the post',
    `spotted ${TIME}`,
    `<a href="${LINK}">Open post</a>`,
  ]);
});

describe('a message', () => {
  test.each<[string, JsonObject, string[]]>([
    ['of which nothing is known', {}, [`spotted ${TIME}`]],
    [
      'shows markup as it was written',
      { content: '<b>b</b> & "c" <a href="https://evil.example">d</a>' },
      [
        '<blockquote>&lt;b&gt;b&lt;/b&gt; &amp; &quot;c&quot; &lt;a href=&quot;https://evil.example&quot;&gt;d&lt;/a&gt;</blockquote>',
        `spotted ${TIME}`,
      ],
    ],
    [
      'pings nobody, and leaves addresses whole',
      { content: '@ana a@b.example #x $USD $5 /start https://a.example/b' },
      [
        '<blockquote>@\u2060ana a@b.example #\u2060x $\u2060USD $5 /\u2060start https://a.example/b</blockquote>',
        `spotted ${TIME}`,
      ],
    ],
    [
      'shows the keyword in bold',
      { keyword: 'CRM', content: 'a CRM, a crm' },
      ['<blockquote>a <b>CRM</b>, a <b>crm</b></blockquote>', `spotted ${TIME}`],
    ],
    ['has no bad link', { link: 'javascript:x' }, [`spotted ${TIME}`]],
    [
      'has the time of the poll if the time is absurd',
      { spotted: '8640000000000000' },
      ['received <tg-time unix="1699459500" format="Dt">2023-11-08 16:05 UTC</tg-time>'],
    ],
  ])('%s', (_, item, lines) => {
    const [title, ...rest] = htmlOf(deliveryOf({ ...NOTHING, ...item })).split('\n');
    expect(title).toMatch(/^<b>(New mention|CRM)<\/b>$/);
    expect(rest).toEqual(lines);
  });

  test.each(['@', 'ana', '/', '$', '#'])('pings nobody around the bold keyword %s', (keyword) => {
    htmlOf(deliveryOf({ keyword, content: '@ana /ana $ANA #ana' }));
  });

  test('of one mention keeps its link, with hundreds of keywords', () => {
    const html = htmlOf(deliveryOf({ keyword: 'k', content: 'k '.repeat(999) }));
    expect(html).toContain('Open post');
    expect(html.match(/<b>k<\/b>/g)?.length).toBeGreaterThan(80);
  });

  test('of five mentions has a heading, and 400 characters of each', () => {
    const five = Array.from({ length: 5 }, () => deliveryOf({ content: '日'.repeat(999) }));
    const html = htmlOf(...five);
    expect(html).toMatch(/^5 new mentions\n\n<b>Keyword name 1 in /);
    expect(html.match(/日/g)).toHaveLength(5 * 599);
    const long = five.map(() =>
      deliveryOf({
        keyword: 'x'.repeat(99),
        content: '日'.repeat(999),
        owner: { name: 'x'.repeat(99) },
      }),
    );
    expect(htmlOf(...long).match(/日/g)?.length).toBeGreaterThan(5 * 390);
  });
});

test.each([
  ['@anna', 'anna', '@anna'],
  ['123456', '123456', '<a href="tg://user?id=123456">🔔</a>'],
])('a ping of %s stands before the first line', (text, id, html) => {
  const two = [deliveryOf(), deliveryOf({ content: '@anna' })];
  const body = formatTelegram(two, { text, kind: 'user', id });
  expect(expectTelegramMessage(body, two, `${html} `)).toMatch(/^2 new mentions\n/);
});

test('the simplified message is plain text', () => {
  const body = formatTelegramSimplified([deliveryOf({ content: '<b>a</b> @ana' })]);
  expect(expectTelegramMessage(body)).toBe(
    `Keyword name 1 in Real Estate Referral Network\n<b>a</b> @\u2060ana\n${LINK}`,
  );
  expect(JSON.parse(body)).not.toHaveProperty('parse_mode');
});

test('a recovered mention has a note in place of its content', () => {
  expect(htmlOf(recoveredOf())).toContain('\nRecovered after a gap: open the post to read it.\n');
});

test('alerts show times, and foreign words as they were written', () => {
  expect(htmlOf(alertOf(GAP)).split('\n').slice(0, 2)).toEqual([
    '<b>⚠️ Mentions may be missing</b>',
    'Spotted after: <tg-time unix="1699452000" format="Dt">2023-11-08 14:00 UTC</tg-time>',
  ]);
  const html = htmlOf(alertOf({ ...LEFT, groupName: '<G> @all', status: '&' }));
  expect(html).toContain('\n&lt;G&gt; @\u2060all\n');
  expect(html).toContain('\nstatus: &amp; · found <tg-time ');
});

test('the preview shows what people see, with links written out', () => {
  expect(telegramAsText(deliveryOf({ content: 'a\n<b> @ana' }))).toEqual([
    'Keyword name 1 in Real Estate Referral Network',
    'a',
    '<b> @ana',
    '— Post owner name: https://facebook.com/profile.php?id=100073695043540 · in the post',
    'spotted 2023-11-08 16:04 UTC',
    `Open post: ${LINK}`,
  ]);
});
