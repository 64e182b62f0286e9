import { describe, expect, test } from 'vitest';
import type { Alert, CoverageChange } from '../../../src/domain/alert.ts';
import type { Delivery } from '../../../src/domain/delivery.ts';
import { ALERT_TITLES } from '../../../src/webhooks/alert-words.ts';
import { formatSlack, formatSlackSimplified } from '../../../src/webhooks/slack/slack-message.ts';
import { deliveryOf } from '../delivery-samples.ts';
import { alertOf, GAP, LEFT, recoveredOf, REJECTED } from '../recovered-and-alert-samples.ts';
import { expectSlackMessage } from './slack-limits.ts';

const LINK = 'https://facebook.com/groups/965673390154514/permalink/6719635918091537';

/** The texts of a message's blocks, a line a block; links and dates as they are sent. */
function shown(...deliveries: readonly Delivery[]): string[] {
  return (expectSlackMessage(formatSlack(deliveries)).blocks ?? []).map((block) => {
    switch (block.type) {
      case 'header':
        return `# ${block.text.text}`;
      case 'section':
        return [block.text, ...(block.fields ?? [])]
          .flatMap((each) => each?.text ?? [])
          .join(' | ');
      case 'context':
        return block.elements.map(({ text }) => text).join(' · ');
      case 'divider':
        return '---';
      case 'actions':
        return 'buttons';
    }
  });
}

const plain = (delivery: Delivery) => expectSlackMessage(formatSlackSimplified([delivery])).text;
const textOf = (delivery: Delivery) => expectSlackMessage(formatSlack([delivery])).text;

describe('a gap in Slack', () => {
  test('says from when to when in each reader’s own time, and what follows', () => {
    expect(shown(alertOf(GAP))).toEqual([
      '# ⚠️ Mentions may be missing',
      '*Spotted after*\n<!date^1699452000^{date_short_pretty} at {time}|2023-11-08 14:00 UTC> | *and before*\n<!date^1699457400^{date_short_pretty} at {time}|2023-11-08 15:30 UTC>',
      expect.stringMatching(/^More mentions came than .* marked as recovered, without its text\.$/),
      'found <!date^1699459500^{date_short_pretty} at {time}|2023-11-08 16:05 UTC>',
    ]);
  });

  test.each<[string, Partial<Alert>, string]>([
    ['both ends', {}, 'spotted after 2023-11-08 14:00 UTC and before 2023-11-08 15:30 UTC'],
    ['no beginning', { fromMs: null }, 'spotted before 2023-11-08 15:30 UTC'],
    ['no end', { toMs: null }, 'spotted after 2023-11-08 14:00 UTC'],
    ['neither', { fromMs: null, toMs: null }, 'spotted at a time that is not known'],
  ])('tells a notification of %s', (_, changes, words) => {
    const alert = alertOf({ ...GAP, ...changes } as Alert);
    expect(textOf(alert)).toBe(`⚠️ Mentions may be missing: ${words}`);
    expect(plain(alert).split('\n')[0]).toBe(`⚠️ Mentions may be missing: ${words}`);
  });
});

describe('a trouble of the relay in Slack', () => {
  test('says what is wrong and what follows', () => {
    expect(shown(alertOf(REJECTED))).toEqual([
      '# ⛔ Groouply rejects the API key',
      expect.stringContaining('Correct GROOUPLY_API_KEY'),
      'found <!date^1699459500^{date_short_pretty} at {time}|2023-11-08 16:05 UTC>',
    ]);
    expect(textOf(alertOf(REJECTED))).toBe('⛔ Groouply rejects the API key');
  });

  test('names the webhook that is held', () => {
    const held = alertOf({ ...REJECTED, trouble: 'webhook_held', webhook: 'SALES' });
    expect(shown(held).slice(0, 2)).toEqual(['# ⚠️ A webhook keeps failing', 'SALES']);
    expect(textOf(held)).toBe('⚠️ A webhook keeps failing: SALES');
  });
});

describe('a change of a group in Slack', () => {
  test('names the group, what follows, and its status', () => {
    expect(shown(alertOf(LEFT))).toEqual([
      '# ⚠️ A group is no longer tracked',
      'Group name',
      'No mention comes from it until Groouply tracks it again. See its status at Groouply.',
      'status: pending access · found <!date^1699459500^{date_short_pretty} at {time}|2023-11-08 16:05 UTC>',
    ]);
    expect(textOf(alertOf(LEFT))).toBe(
      '⚠️ A group is no longer tracked: Group name, status: pending access',
    );
  });

  test('escapes what strangers wrote, in the simplified message too', () => {
    const foreign = '<!channel> @here & *more*';
    const alert = alertOf({ ...LEFT, groupName: foreign, status: foreign });
    expect(shown(alert)[1]).toBe('&lt;!channel&gt; @here &amp; *more*');
    for (const text of [textOf(alert), plain(alert)]) {
      expect(text).toContain('&lt;!channel&gt; @\u2060here &amp; *more*');
    }
  });

  test.each([
    ['its id where no name is known', { groupName: null }, 'group 2044902829088090'],
    ['neither', { groupName: '\u200b', groupId: '' }, 'a group without a name'],
  ])('has %s', (_, changes, words) => {
    expect(shown(alertOf({ ...LEFT, ...changes }))[1]).toBe(words);
  });

  test.each<[CoverageChange, string]>([
    ['left', 'no longer tracked'],
    ['returned', 'tracked now'],
    ['appeared', 'new in the account'],
    ['vanished', 'gone from the account'],
  ])('has a title for %s', (change, words) => {
    const [title = ''] = shown(alertOf({ ...LEFT, change }));
    expect(title).toContain(words);
    expect(ALERT_TITLES).toContain(title.slice(2));
  });
});

describe('a recovered mention in Slack', () => {
  test('looks like a mention, and says what it lacks', () => {
    expect(shown(recoveredOf())).toEqual([
      '# your keyword 1 in Group name',
      'Recovered after a gap: open the post to read it.',
      `Post owner name · spotted <!date^1699453217^{date_short_pretty} at {time}|2023-11-08 14:20 UTC> · *<${LINK}|Open post>*`,
    ]);
    const words = 'your keyword 1 in Group name';
    const note = 'Recovered after a gap: open the post to read it.';
    expect(textOf(recoveredOf())).toBe(`${words}: ${note}`);
    expect(plain(recoveredOf())).toBe(`${words}\n${note}\n${LINK}`);
  });

  test('promises no post where there is no link to it', () => {
    expect(shown(recoveredOf({ link: 'javascript:alert(1)' }))[1]).toBe(
      'Recovered after a gap: its text is not known.',
    );
  });

  test('travels with others of its kind, each whole', () => {
    const two = [recoveredOf({ keyword: 'a' }), recoveredOf({ keyword: 'b' })];
    expect(shown(...two).filter((line) => /^#|---/.test(line))).toEqual([
      '# a in Group name',
      '---',
      '# b in Group name',
    ]);
    expect(expectSlackMessage(formatSlack(two)).text).toMatch(/^2 recovered mentions\na in /);
    expect(expectSlackMessage(formatSlack([deliveryOf(), deliveryOf()])).text).toMatch(
      /^2 new mentions\n/,
    );
  });
});
