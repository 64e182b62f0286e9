import { SANDBOX_GROUPS } from '../sandbox/account.ts';
import { createMentionMaker, type SandboxMention } from '../sandbox/made-up-mentions.ts';

/** The number of groups in which a person posts the same text. */
export const COPIES = 3;

/** Returns a function that makes up a post which its author wrote in three groups, now. */
export function createCopiedPostMaker(
  random: () => number,
): (nowMs: number) => readonly SandboxMention[] {
  const makeUp = createMentionMaker(random);
  const groups = SANDBOX_GROUPS.filter(({ tracking }) => tracking).slice(0, COPIES);
  return (nowMs) => {
    let post = makeUp(nowMs);
    while (post.position !== 'post') post = makeUp(nowMs);
    return groups.map(({ id: groupId, name }, index) => {
      const id = String(Number(post.id) + index);
      const link = `https://facebook.com/groups/${groupId}/permalink/${id}`;
      return Object.assign({}, post, { id, link, group: { id: groupId, name } });
    });
  };
}
