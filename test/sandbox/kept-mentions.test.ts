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

function idsOf(list: readonly unknown[]): unknown[] {
  return list.map((item) => (item as SandboxMention).id);
}

describe('the window', () => {
  test('begins with the one added last and ends at its size', () => {
    const kept = createKeptMentions({ windowSize: 3, postsPerGroup: 1_000 });
    kept.add([mention('1'), mention('2')]);
    kept.add([mention('3'), mention('4')]);
    expect(idsOf(kept.window())).toEqual(['4', '3', '2']);
    expect(idsOf(kept.all())).toEqual(['4', '3', '2', '1']);
  });

  test('lets older ones slide back when newer ones are removed', () => {
    const kept = createKeptMentions({ windowSize: 2, postsPerGroup: 1_000 });
    kept.add(['1', '2', '3', '4'].map((id) => mention(id)));
    kept.remove(['4', '2', 'unknown']);
    expect(idsOf(kept.window())).toEqual(['3', '1']);
  });

  test('of size 0 is empty', () => {
    const kept = createKeptMentions({ windowSize: 0, postsPerGroup: 1_000 });
    kept.add([mention('1')]);
    expect(kept.window()).toEqual([]);
  });

  test('is exactly the list that was set, until that ends', () => {
    const kept = createKeptMentions({ windowSize: 1, postsPerGroup: 1_000 });
    kept.add([mention('1')]);
    const list = [null, 'text', mention('8'), mention('8')];
    kept.setWindow(list);
    expect(kept.window()).toEqual(list);
    expect(idsOf(kept.ofGroup('7'))).toEqual(['8', '8']);
    kept.setWindow(null);
    expect(idsOf(kept.window())).toEqual(['1']);
  });
});

test('The mentions of a group reach back further than the window', () => {
  const kept = createKeptMentions({ windowSize: 2, postsPerGroup: 1_000 });
  kept.add(['1', '2', '3', '4'].map((id) => mention(id, Number(id) % 2 === 0 ? '7' : '8')));
  expect(idsOf(kept.ofGroup('8'))).toEqual(['3', '1']);
});

test('Only the newest are kept', () => {
  const kept = createKeptMentions({ windowSize: 2, postsPerGroup: 1_000, keepAtMost: 3 });
  kept.add(['1', '2', '3', '4'].map((id) => mention(id)));
  expect(idsOf(kept.all())).toEqual(['4', '3', '2']);
});

test('a group shows its newest posts, as many as its answer holds', () => {
  const kept = createKeptMentions({ windowSize: 1, postsPerGroup: 2 });
  kept.add([mention('1'), mention('2'), mention('3')]);
  const [first] = kept.all();
  const links = kept.ofGroup(first?.group.id ?? '').map(({ link }) => link);
  expect(links).toEqual(
    kept
      .all()
      .slice(0, 2)
      .map(({ link }) => link),
  );
});
