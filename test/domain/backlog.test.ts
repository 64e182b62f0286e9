import { describe, expect, test } from 'vitest';
import { type Backlog, backlogSends } from '../../src/domain/backlog.ts';
import { mention } from '../helpers/mentions.ts';

const NOW_SECONDS = 1_700_000_000;
const DAY: Backlog = { kind: 'recent', ageMs: 86_400_000 };

describe('of the first window, a backlog', () => {
  test.each<[string, Backlog, string | null, boolean]>([
    ['of all sends what was spotted now', { kind: 'all' }, '1700000000', true],
    ['of all sends what was spotted years ago', { kind: 'all' }, '1', true],
    ['of all sends what has no readable time', { kind: 'all' }, null, true],
    ['of none sends not even what was spotted now', { kind: 'none' }, '1700000000', false],
    ['of none sends nothing without a readable time either', { kind: 'none' }, null, false],
    ['of a day sends what was spotted now', DAY, '1700000000', true],
    ['of a day sends what was spotted exactly a day ago', DAY, '1699913600', true],
    ['of a day does not send what is a second older', DAY, '1699913599', false],
    ['of a day sends what has no readable time', DAY, null, true],
    ['of a day sends what has a time that is none', DAY, 'Day 1', true],
    ['of a day sends what a fast clock spotted tomorrow', DAY, '1700086400', true],
  ])('%s', (_, backlog, spotted, sent) => {
    expect(backlogSends(backlog, mention(1, { spotted }), NOW_SECONDS * 1000)).toBe(sent);
  });
});
