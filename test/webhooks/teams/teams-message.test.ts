import { describe, expect, test } from 'vitest';
import type { Delivery } from '../../../src/domain/delivery.ts';
import type { JsonObject } from '../../../src/domain/mention.ts';
import {
  formatTeams,
  formatTeamsSimplified,
  teamsElements,
} from '../../../src/webhooks/teams/teams-message.ts';
import { teamsAsText } from '../../../src/webhooks/teams/teams.ts';
import { deliveryOf, withOthers } from '../delivery-samples.ts';
import { alertOf, GAP, LEFT, recoveredOf, REJECTED } from '../recovered-and-alert-samples.ts';
import { expectTeamsMessage } from './teams-limits.ts';

const LINK = 'https://facebook.com/groups/1617905175110739/permalink/3805136229720945';
const NOTHING = { keyword: '', position: '', content: '', link: '', owner: {}, group: {} };
const SPOTTED = 'spotted {{DATE(2023-11-08T16:04:48Z, SHORT)}} at {{TIME(2023-11-08T16:04:48Z)}}';
const cardOf = (...deliveries: readonly Delivery[]) =>
  expectTeamsMessage(formatTeams(deliveries), deliveries);
/** Returns all literal texts of a card in their order. */
const runsOf = (item: JsonObject) =>
  JSON.stringify(teamsElements(deliveryOf(item)))
    .match(/\{"type":"TextRun"(?:[^{}]|\{[^{}]*\})*\}/g)
    ?.map((run) => JSON.parse(run) as JsonObject) ?? [];

test('the documented mention has title, quote, particulars and a button', () => {
  expect(cardOf(deliveryOf())).toEqual({
    fallbackText: 'Keyword name 1 in Real Estate Referral Network: Post content',
    lines: [
      'Keyword name 1 in Real Estate Referral Network',
      '“Post content”',
      'Post owner name · in the post',
      SPOTTED,
      `Open post: ${LINK}`,
    ],
  });
});

test('further keywords and groups of its post or lead have a line of their own', () => {
  const others = [{ keyword: '<at>R</at>' }, { group: { id: '2', name: '*Group* B' } }];
  const line = 'Also found: <\u2060at>R<\u2060/at> · in *Group* B';
  expect(cardOf(withOthers(deliveryOf(), others)).lines.slice(2, 5)).toEqual([
    'Post owner name · in the post',
    line,
    SPOTTED,
  ]);
  const simplified = expectTeamsMessage(formatTeamsSimplified([withOthers(deliveryOf(), others)]));
  expect(simplified.lines).toContain(line);
});

describe('a card', () => {
  test.each<[string, JsonObject, string[]]>([
    ['of which nothing is known', {}, [SPOTTED]],
    [
      'shows formatting as it was written',
      { content: '**b** [x](https://evil.example)\n- c' },
      ['“**b** [x](https://evil.example)\n- c”', SPOTTED],
    ],
    [
      'mentions nobody',
      { content: '<at>Ana</at> < /at>' },
      ['“<\u2060at>Ana<\u2060/at> < /at>”', SPOTTED],
    ],
    [
      'runs no function',
      { content: '{{DATE(2023-11-08T16:04:48Z)}} {{{x}}}' },
      ['“{\u2060{DATE(2023-11-08T16:04:48Z)}} {\u2060{\u2060{x}}}”', SPOTTED],
    ],
    ['has no bad link', { link: 'javascript:x' }, [SPOTTED]],
    [
      'has the time of the poll if the time is absurd',
      { spotted: '8640000000000000' },
      ['received {{DATE(2023-11-08T16:05:00Z, SHORT)}} at {{TIME(2023-11-08T16:05:00Z)}}'],
    ],
  ])('%s', (_, item, lines) => {
    expect(cardOf(deliveryOf({ ...NOTHING, ...item })).lines).toEqual(['New mention', ...lines]);
  });

  test('shows the keyword in bold', () => {
    const item = { ...NOTHING, keyword: 'CRM', content: 'a CRM, a crm' };
    expect(runsOf(item).slice(1)).toEqual([
      { type: 'TextRun', text: '“a ' },
      { type: 'TextRun', text: 'CRM', weight: 'Bolder' },
      { type: 'TextRun', text: ', a ' },
      { type: 'TextRun', text: 'crm', weight: 'Bolder' },
      { type: 'TextRun', text: '”' },
    ]);
    const long = { ...item, content: `${'a '.repeat(999)}CRM ${'c '.repeat(999)}` };
    expect(cardOf(deliveryOf(long)).lines[1]).toMatch(/^“…(?:a )+CRM(?: c)+…”$/);
  });

  test.each(['at', '<a', 't>', '{', 'a'])(
    'mentions nobody around the bold keyword %s',
    (keyword) => {
      cardOf(deliveryOf({ ...NOTHING, keyword, content: '<at>Ana</at> {{DATE()}} {{{' }));
    },
  );

  test.each<[string, JsonObject, string | undefined]>([
    ['links to the profile', {}, 'https://a.example/'],
    ['is a plain name with a bad link', { link: 'javascript:x' }, undefined],
    ['is a plain name if it looks like a link', { name: 'https://b.example' }, undefined],
    [
      'is a plain name with a long link',
      { link: `https://a.example/${'x'.repeat(200)}` },
      undefined,
    ],
  ])('has an author that %s', (_, owner, url) => {
    const item = { owner: { name: 'Ana', link: 'https://a.example/', ...owner } };
    cardOf(deliveryOf(item));
    const [author, place] = runsOf(item).slice(-2);
    expect(author).toMatchObject({ text: item.owner.name });
    expect(author?.['selectAction']).toEqual(url && { type: 'Action.OpenUrl', url });
    expect(place).toMatchObject({ text: ' · in the post' });
  });

  test('has a fallback text that pings nobody and forges no link', () => {
    const content = '<at>Ana</at> @all [bank](https://evil.example)';
    expect(cardOf(deliveryOf({ ...NOTHING, content })).fallbackText).toBe(
      'New mention: <\u2060at>Ana<\u2060/at> @\u2060all [bank]\u2060(https://evil.example)',
    );
  });
});

describe('five mentions', () => {
  const five = (item: JsonObject) => Array.from({ length: 5 }, () => deliveryOf(item));

  test('have 600 characters each, in Japanese too', () => {
    const { lines, fallbackText } = cardOf(...five({ content: '日'.repeat(600) }));
    expect(lines.filter((line) => line === `“${'日'.repeat(600)}”`)).toHaveLength(5);
    expect(lines[0]).toBe('5 new mentions');
    expect(fallbackText).toMatch(/^5 new mentions: Keyword name 1 in .*; Keyword name 1 in /);
  });

  // The checker refuses a message above 28 KB.
  test('fit into a message with hundreds of keywords each', () => {
    cardOf(...five({ keyword: 'k', content: 'k '.repeat(999) }));
  });

  test.each(['"', '\\', '日', '\n'])(
    'fit into a message with every part as long as can be: %j',
    (unit) => {
      const [text, link] = [unit.repeat(2_000), `https://a.example/${'x'.repeat(480)}`];
      const profile = `https://facebook.com/${'x'.repeat(129)}`;
      const named = { owner: { name: text, link: profile }, group: { name: text } };
      const worst = five({ keyword: text, position: text, content: `a${text}b`, link, ...named });
      cardOf(...worst);
      expectTeamsMessage(formatTeamsSimplified(worst));
    },
  );
});

test('a recovered mention has a note in place of its content', () => {
  expect(cardOf(recoveredOf()).lines[1]).toBe('Recovered after a gap: open the post to read it.');
});

test('a gap shows its times in each reader’s time zone', () => {
  const { lines } = cardOf(alertOf(GAP));
  expect(lines[0]).toBe('⚠️ Mentions may be missing');
  expect(lines[1]).toMatch(/^Spotted after: \{\{DATE\(2023-11-08T14:00:00Z, SHORT\)\}\} at /);
});

test('a change of a group shows its name and status literally', () => {
  expect(cardOf(alertOf({ ...LEFT, groupName: '*G*', status: '[s](t)' })).lines).toEqual([
    '⚠️ A group is no longer tracked',
    '*G*',
    'No mention comes from it until Groouply tracks it again. See its status at Groouply.',
    'status: [s](t)',
    'found {{DATE(2023-11-08T16:05:00Z, SHORT)}} at {{TIME(2023-11-08T16:05:00Z)}}',
  ]);
});

test('the name of a variable is not read as Markdown', () => {
  expect(cardOf(alertOf(REJECTED)).lines[1]).toContain('GROOUPLY_API_KEY');
});

test('the preview shows what people see, with times and links written out', () => {
  expect(teamsAsText(deliveryOf({ content: 'a\n<at>b</at>' }))).toEqual([
    'Keyword name 1 in Real Estate Referral Network',
    '“a',
    '<at>b</at>”',
    'Post owner name: https://facebook.com/profile.php?id=100073695043540 · in the post',
    'spotted 2023-11-08 16:04 UTC',
    `Open post: ${LINK}`,
  ]);
  expect(teamsAsText(alertOf(GAP))).toContain('Spotted after: 2023-11-08 14:00 UTC');
});
