import { describe, expect, test } from 'vitest';
import type { Delivery } from '../../../src/domain/delivery.ts';
import type { JsonObject } from '../../../src/domain/mention.ts';
import { bytesOf } from '../../../src/webhooks/teams/teams-elements.ts';
import { formatTeams, formatTeamsSimplified } from '../../../src/webhooks/teams/teams-message.ts';
import { teamsAsText } from '../../../src/webhooks/teams/teams.ts';
import { deliveryOf } from '../delivery-samples.ts';
import { alertOf, GAP, LEFT, recoveredOf } from '../recovered-and-alert-samples.ts';
import { expectTeamsMessage } from './teams-limits.ts';

const LINK = 'https://facebook.com/groups/1617905175110739/permalink/3805136229720945';
const NOTHING = { keyword: '', position: '', content: '', link: '', owner: {}, group: {} };
const SPOTTED = 'spotted {{DATE(2023-11-08T16:04:48Z, SHORT)}} at {{TIME(2023-11-08T16:04:48Z)}}';
const cardOf = (...deliveries: readonly Delivery[]) => expectTeamsMessage(formatTeams(deliveries));
const linesOf = (item: JsonObject = {}) => cardOf(deliveryOf(item)).lines;

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

describe('a card', () => {
  test.each<[string, JsonObject, string[]]>([
    ['of which nothing is known', NOTHING, ['New mention', SPOTTED]],
    [
      'shows formatting as it was written',
      { ...NOTHING, content: '**b** [x](https://evil.example)\n- c' },
      ['New mention', '“**b** [x](https://evil.example)\n- c”', SPOTTED],
    ],
    [
      'mentions nobody',
      { ...NOTHING, content: '<at>Ana</at> < /at>' },
      ['New mention', '“<\u2060at>Ana<\u2060/at> < /at>”', SPOTTED],
    ],
    [
      'runs no function',
      { ...NOTHING, content: '{{DATE(2023-11-08T16:04:48Z)}} {{{x}}}' },
      ['New mention', '“{\u2060{DATE(2023-11-08T16:04:48Z)}} {\u2060{\u2060{x}}}”', SPOTTED],
    ],
    ['has no link that is none', { ...NOTHING, link: 'javascript:x' }, ['New mention', SPOTTED]],
    [
      'writes out a time that clients may not know',
      { ...NOTHING, spotted: '8640000000000000' },
      ['New mention', 'spotted +275760-09-13 00:00 UTC'],
    ],
  ])('%s', (_, item, lines) => {
    expect(linesOf(item)).toEqual(lines);
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

  test.each(['"', '\\', '日', '\n'])(
    'fit into a message with everything as long as can be, of %j',
    (unit) => {
      const long = unit.repeat(2_000);
      const worst = {
        keyword: long,
        position: long,
        content: `a${long}b`,
        owner: { name: long },
        group: { name: long },
        link: `https://a.example/${'x'.repeat(480)}`,
      };
      const message = formatTeams(five(worst));
      expectTeamsMessage(message);
      expect(bytesOf(message)).toBeLessThanOrEqual(28 * 1024);
      expectTeamsMessage(formatTeamsSimplified(five(worst)));
    },
  );
});

describe('what is no ordinary mention', () => {
  test('a recovered mention says what it lacks', () => {
    expect(cardOf(recoveredOf()).lines[1]).toBe('Recovered after a gap: open the post to read it.');
  });

  test('a gap says from when to when in each reader’s own time', () => {
    const { lines } = cardOf(alertOf(GAP));
    expect(lines[0]).toBe('⚠️ Mentions may be missing');
    expect(lines[1]).toMatch(/^Spotted after: \{\{DATE\(2023-11-08T14:00:00Z, SHORT\)\}\} at /);
  });

  test('a change of a group names it and its status, as they were written', () => {
    const { lines } = cardOf(alertOf({ ...LEFT, groupName: '*G*', status: '[s](t)' }));
    expect(lines).toEqual([
      '⚠️ A group is no longer tracked',
      '*G*',
      'No mention comes from it until Groouply tracks it again. See its status at Groouply.',
      'status: [s](t)',
      'found {{DATE(2023-11-08T16:05:00Z, SHORT)}} at {{TIME(2023-11-08T16:05:00Z)}}',
    ]);
  });
});

test('what we say of a variable is no Markdown either', () => {
  const trouble = {
    type: 'relay.trouble',
    trouble: 'key_rejected',
    webhook: null,
    foundAtMs: 0,
  } as const;
  const { lines } = cardOf(alertOf(trouble));
  expect(lines[0]).toBe('⛔ Groouply rejects the API key');
  expect(lines[1]).toContain('GROOUPLY_API_KEY');
});

test('the preview shows what people see, with times and links written out', () => {
  expect(teamsAsText(deliveryOf({ content: 'a\n<at>b</at>' }))).toEqual([
    'Keyword name 1 in Real Estate Referral Network',
    '“a',
    '<at>b</at>”',
    'Post owner name · in the post',
    'spotted 2023-11-08 16:04 UTC',
    `Open post: ${LINK}`,
  ]);
  expect(teamsAsText(alertOf(GAP))).toContain('Spotted after: 2023-11-08 14:00 UTC');
});
