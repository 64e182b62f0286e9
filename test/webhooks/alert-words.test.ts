import { describe, expect, test } from 'vitest';
import { TROUBLES, type CoverageChange, type Trouble } from '../../src/domain/alert.ts';
import { ALERT_TITLES, alertLines, alertWords } from '../../src/webhooks/alert-words.ts';
import { ACCEPTED, GAP, LEFT, REJECTED } from './recovered-and-alert-samples.ts';

test.each([
  ['both ends', {}, 'spotted after 2023-11-08 14:00 UTC and before 2023-11-08 15:30 UTC'],
  ['no beginning', { fromMs: null }, 'spotted before 2023-11-08 15:30 UTC'],
  ['no end', { toMs: null }, 'spotted after 2023-11-08 14:00 UTC'],
  ['neither', { fromMs: null, toMs: null }, 'spotted at an unknown time'],
])('the first line of a gap with %s', (_, changes, words) => {
  expect(alertLines({ ...GAP, ...changes })[0]).toBe(`⚠️ Mentions may be missing: ${words}`);
});

describe('a change of a group', () => {
  test.each<[CoverageChange, string]>([
    ['left', 'no longer tracked'],
    ['returned', 'tracked now'],
    ['appeared', 'new in the account'],
    ['vanished', 'gone from the account'],
  ])('has a title of its own: %s', (change, words) => {
    const { title } = alertWords({ ...LEFT, change });
    expect(title).toContain(words);
    expect(ALERT_TITLES).toContain(title);
  });

  test.each([
    ['its name', {}, 'Group name'],
    ['its name without entities', { groupName: 'R&amp;D &#039;24' }, "R&D '24"],
    ['its id if the name is unknown', { groupName: null }, 'group 2044902829088090'],
    ['neither', { groupName: '\u200b', groupId: '' }, 'a group without a name'],
  ])('names the group by %s', (_, changes, about) => {
    expect(alertWords({ ...LEFT, ...changes }).about).toBe(about);
  });

  test('has group and status in its first line', () => {
    expect(alertLines(LEFT)).toEqual([
      '⚠️ A group is no longer tracked: Group name, status: pending access',
      'No mention comes from it until Groouply tracks it again. See its status at Groouply.',
    ]);
  });
});

test('a trouble of the relay names what is wrong, the webhook if there is one, and what to do', () => {
  const [what, next] = alertLines(REJECTED);
  expect(what).toBe('⛔ Groouply rejects the API key');
  expect(next).toContain('Correct GROOUPLY_API_KEY');
  expect(alertLines({ ...REJECTED, trouble: 'webhook_held', webhook: 'SALES' })[0]).toBe(
    '⚠️ A webhook keeps failing: SALES',
  );
});

test('an all-clear is good, and has a title of its own', () => {
  expect(alertLines(ACCEPTED)[0]).toBe('✅ Groouply accepts the API key again');
  const titles = TROUBLES.map((trouble) => {
    const { title, tone } = alertWords({ ...ACCEPTED, trouble });
    expect([title.slice(0, 1), tone]).toEqual(['✅', 'good']);
    expect(ALERT_TITLES).toContain(title);
    return title;
  });
  const endless: readonly Trouble[] = ['state_emptied', 'clock_jumped'];
  expect(new Set(titles).size).toBe(TROUBLES.length - endless.length + 1);
});
