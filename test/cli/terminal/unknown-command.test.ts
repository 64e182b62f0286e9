import { expect, test } from 'vitest';
import { unknownCommand } from '../../../src/cli/terminal/own-command.ts';

test.each([
  ['chek', "error: unknown command 'chek', did you mean check?"],
  ['statsu', "error: unknown command 'statsu', did you mean status?"],
  ['dance', "error: unknown command 'dance'"],
  ['\u001b[2J', "error: unknown command '\\u{1b}[2J'"],
])('the unknown command %j', (word, told) => {
  expect(unknownCommand(word, ['run', 'check', 'status', 'group', 'groups'])).toBe(told);
});
