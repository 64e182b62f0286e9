import { describe, expect, test } from 'vitest';
import { createKeptMentions } from '../../src/sandbox/kept-mentions.ts';
import type { SandboxMention } from '../../src/sandbox/made-up-mentions.ts';

function mention(id: string, groupId = '7'): SandboxMention {
  return {
    id,
    keyword: 'CRM',
    position: 'post',
    content: `Post ${id}`,
    link: `https://facebook.com/groups/${groupId}/permalink/${id}`,
    owner: { name: 'Ada B.', id: '1', link: 'https://facebook.com/profile.php?id=1' },
    group: { id: groupId, name: 'Group' },
    spotted: '1700000000',
  };
}

const idsOf = (list: readonly unknown[]) => list.map((item) => (item as SandboxMention).id);

function keptMentions(windowSize: number, ids: readonly string[], more: object = {}) {
  const kept = createKeptMentions({ windowSize, postsPerGroup: 1_000, ...more });
  kept.add(ids.map((id) => mention(id, Number(id) % 2 === 0 ? '7' : '8')));
  return kept;
}

describe('the window', () => {
  test('begins with the one added last and ends at its size', () => {
    const kept = keptMentions(3, ['1', '2']);
    kept.add([mention('3'), mention('4')]);
    expect(idsOf(kept.window())).toEqual(['4', '3', '2']);
    expect(idsOf(kept.all())).toEqual(['4', '3', '2', '1']);
  });

  test('lets older ones slide back when newer ones are removed', () => {
    const kept = keptMentions(2, ['1', '2', '3', '4']);
    kept.remove(['4', '2', 'unknown']);
    expect(idsOf(kept.window())).toEqual(['3', '1']);
  });

  test('of size 0 is empty', () => {
    expect(keptMentions(0, ['1']).window()).toEqual([]);
  });

  test('is exactly the list that was set, until that ends', () => {
    const kept = keptMentions(1, ['1']);
    const list = [null, 'text', mention('8'), mention('8')];
    kept.setWindow(list);
    expect(kept.window()).toEqual(list);
    expect(idsOf(kept.ofGroup('7'))).toEqual(['8', '8']);
    kept.setWindow(null);
    expect(idsOf(kept.window())).toEqual(['1']);
  });
});

test('a group lists its newest mentions, older than the window too, up to its limit', () => {
  expect(idsOf(keptMentions(2, ['1', '2', '3', '4']).ofGroup('8'))).toEqual(['3', '1']);
  const limited = keptMentions(1, ['1', '3', '5'], { postsPerGroup: 2 });
  expect(idsOf(limited.ofGroup('8'))).toEqual(['5', '3']);
});

test('only the newest are kept', () => {
  expect(idsOf(keptMentions(2, ['1', '2', '3', '4'], { keepAtMost: 3 }).all())).toEqual([
    '4',
    '3',
    '2',
  ]);
});
