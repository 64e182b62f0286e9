import { parseDeliveryId, originalKey } from '../../domain/delivery.ts';
import { commentInLink, postInLink, postName } from '../../domain/foreign/facebook-link.ts';
import { mentionKey, type Mention, type MentionKey } from '../../domain/mention.ts';
import { oldMentionKey } from '../../domain/old-keys.ts';
import { recoveredDeliveryKey } from '../../domain/permalink.ts';

/** The way in which a user names mentions: several can have one id or one link. */
export type MentionReference =
  | { readonly kind: 'key'; readonly key: MentionKey }
  /** The id of a post, or of a comment. */
  | { readonly kind: 'id'; readonly id: string }
  | {
      readonly kind: 'link';
      /** As `postInLink` gives it. */
      readonly post: string;
      /** As `commentInLink` gives it; empty texts mean the post with all its comments. */
      readonly comment: readonly [comment: string, reply: string];
    };

/** The parts of a mention, or of a recovered one, by which a reference finds it. */
type Referable = Pick<Mention, 'link'> & Partial<Pick<Mention, 'id'>>;

/**
 * Reads a reference: a message id (`msg_...`), a job id (`m-...`), a mention key, a link in any form that
 * Facebook gives it, or an id. Null if the text is empty, or a link that names nothing.
 */
export function readReference(given: string): MentionReference | null {
  const text = given.trim().replace(/^<(.*)>$/, '$1');
  const jobId = parseDeliveryId(text) ?? parseDeliveryId(`m-${text}`);
  if (jobId !== null && !/^\d+$/.test(text)) {
    return { kind: 'key', key: originalKey(jobId.slice('m-'.length) as MentionKey) };
  }
  if (!/[/?]/.test(text) && postName(text) === null) {
    return text === '' ? null : { kind: 'id', id: text };
  }
  const post = postInLink(text);
  return post === '' ? null : { kind: 'link', post, comment: commentInLink(text) };
}

/** Returns the post that a reference names; null if only a key is known. */
export function postOf(reference: MentionReference): string | null {
  if (reference.kind === 'key') return null;
  return reference.kind === 'id' ? reference.id : reference.post;
}

/** Returns true if a reference by id or link means a mention. A key never does: see {@link hasKey}. */
export function refersTo(reference: MentionReference, { id = '', link }: Referable): boolean {
  const [comment, reply] = commentInLink(link);
  switch (reference.kind) {
    case 'key':
      return false;
    case 'id':
      return [id.trim(), postName(link), comment, reply].includes(reference.id);
    case 'link': {
      const [wanted, wantedReply] = reference.comment;
      const isPost = id.trim() === reference.post || postInLink(link) === reference.post;
      return (
        isPost &&
        (wanted === '' || wanted === comment) &&
        (wantedReply === '' || wantedReply === reply)
      );
    }
  }
}

/** Returns true if a mention is, or was in an older release, delivered under a key. */
export function hasKey(mention: Mention, key: MentionKey): boolean {
  return (
    [mentionKey(mention, 'mention'), mentionKey(mention, 'post')].includes(key) ||
    [oldMentionKey(mention, 'mention'), oldMentionKey(mention, 'post')].includes(key) ||
    [recoveredDeliveryKey(mention, 'mention'), recoveredDeliveryKey(mention, 'post')].includes(key)
  );
}
