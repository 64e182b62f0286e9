import { expect, test } from 'vitest';
import { describeMistakes } from '../../src/config/mistakes.ts';

test('describes one mistake in a block that ends with what to do', () => {
  const mistakes = [{ variable: 'BACKLOG', problem: 'is "x"', allowed: 'all' }];
  expect(describeMistakes(mistakes)).toBe(
    [
      "mention-relay can't start: there is a mistake in its configuration.",
      '  BACKLOG is "x".',
      '    Allowed: all.',
      'Fix the environment or the .env file, then start again. config/example.env explains every variable.',
      '',
    ].join('\n'),
  );
});

test('describes several mistakes in two lines each, and ends a question as one', () => {
  const text = describeMistakes([
    { variable: 'A', problem: 'is not set', allowed: 'x' },
    { variable: 'B', problem: 'is unknown: did you mean A?', allowed: 'A' },
  ]);
  expect(text.split('\n').slice(0, 5)).toEqual([
    "mention-relay can't start: there are 2 mistakes in its configuration.",
    '  A is not set.',
    '    Allowed: x.',
    '  B is unknown: did you mean A?',
    '    Allowed: A.',
  ]);
  expect(text.split('\n')).toHaveLength(7);
});

test('tells a command that was asked for nothing of a start', () => {
  const text = describeMistakes(
    [{ variable: 'A', problem: 'is not set', allowed: 'x' }],
    'command',
  );
  expect(text).toMatch(/^There is a mistake in the configuration\.\n/);
  expect(text).not.toContain('start');
});
