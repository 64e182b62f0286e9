import { expect, test } from 'vitest';
import { createMalformedItemsLog } from '../../src/polling/poll-log.ts';
import { recordingLog } from '../helpers/recording-log.ts';

function teller() {
  const { log, lines } = recordingLog();
  const tell = createMalformedItemsLog(log);
  return {
    tell: (...fingerprints: string[]) =>
      tell(
        fingerprints.map((fingerprint) => ({ fingerprint, reason: `reason of ${fingerprint}` })),
      ),
    lines,
    told: () => lines.map(({ fields }) => fields['fingerprint']),
  };
}

test('A malformed item is told of as a warning, with its fingerprint and what is wrong', () => {
  const { tell, lines } = teller();
  tell('a');
  expect(lines).toEqual([
    {
      level: 'warn',
      event: 'poll.item_malformed',
      fields: { fingerprint: 'a', reason: 'reason of a' },
      message:
        'an item of the window can not be read as a mention: it is set aside, the others go on',
    },
  ]);
});

test.each<[string, string[][], string[]]>([
  ['nothing is told of a window without any', [[]], []],
  ['one that stays in the window is told of once', [['a'], ['a'], ['a']], ['a']],
  ['one that joins another is told of by itself', [['a'], ['a', 'b'], ['b', 'a']], ['a', 'b']],
  ['one that stands twice in a window is told of once', [['a', 'a'], ['a']], ['a']],
  ['one that left the window and came back is told of again', [['a'], [], ['a']], ['a', 'a']],
  [
    'one that left while another stayed is forgotten',
    [['a', 'b'], ['b'], ['a', 'b']],
    ['a', 'b', 'a'],
  ],
])('Of malformed items, %s', (_, windows, expected) => {
  const { tell, told } = teller();
  for (const window of windows) tell(...window);
  expect(told()).toEqual(expected);
});
