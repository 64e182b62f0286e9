import { describe, expect, test } from 'vitest';
import { deliveryJobId, messageId, resentKey } from '../../../src/domain/delivery.ts';
import {
  hasKey,
  readReference,
  refersTo,
  type MentionReference,
} from '../../../src/cli/trace/mention-reference.ts';
import { mentionKey, type Mention } from '../../../src/domain/mention.ts';
import { mention } from '../../helpers/mentions.ts';

const GROUP = 'https://www.facebook.com/groups/1617905175110739';
const POST = mention(1, { id: '6719635918091537', link: `${GROUP}/posts/6719635918091537/` });
const COMMENT = mention(2, {
  id: '6719635918091537',
  position: 'comment',
  link: `${GROUP}/posts/6719635918091537/?comment_id=77&__cft__[0]=AZX`,
});
const REPLY = mention(3, {
  id: '6719635918091537',
  link: `${GROUP}/permalink/6719635918091537/?comment_id=77&reply_comment_id=78`,
});
const OTHER = mention(4, { id: '6719635918091538', link: `${GROUP}/posts/6719635918091538` });
const OPAQUE = mention(5, { id: '99', link: `${GROUP}/posts/pfbid02Ab?ref=x` });
const NO_ID = mention(6, { id: '', link: 'facebook.com/permalink.php?story_fbid=123&id=4' });
const ALL = { POST, COMMENT, REPLY, OTHER, OPAQUE, NO_ID };

const key = mentionKey(POST, 'mention');
const matches = (reference: MentionReference, each: Mention): boolean =>
  reference.kind === 'key' ? hasKey(each, reference.key) : refersTo(reference, each);

test.each<[string, string, (keyof typeof ALL)[]]>([
  ['the id of a post', '6719635918091537', ['POST', 'COMMENT', 'REPLY']],
  ['an id with space around it', ' 99\n', ['OPAQUE']],
  ['the id of a comment', '77', ['COMMENT', 'REPLY']],
  ['a number that only the link has', '123', ['NO_ID']],
  ['the link of a post', `${GROUP}/posts/6719635918091537`, ['POST', 'COMMENT', 'REPLY']],
  [
    'the link that a phone copies, with tracking',
    'https://m.facebook.com/groups/1617905175110739/permalink/6719635918091537/?mibextid=Nif5oz&ref=share#x',
    ['POST', 'COMMENT', 'REPLY'],
  ],
  ['a link without a scheme', 'facebook.com/groups/x/posts/6719635918091538', ['OTHER']],
  ['a link as Slack writes it', `<${GROUP}/posts/6719635918091538>`, ['OTHER']],
  [
    'a link through the redirector',
    `https://l.facebook.com/l.php?u=${encodeURIComponent(`${GROUP}/posts/6719635918091538`)}&h=AT0`,
    ['OTHER'],
  ],
  ['the link of a comment', `${GROUP}/posts/6719635918091537/?comment_id=77`, ['COMMENT', 'REPLY']],
  [
    'the link of a reply',
    `${GROUP}/posts/6719635918091537/?comment_id=77&reply_comment_id=78&__tn__=R`,
    ['REPLY'],
  ],
  ['a link with a token', `${GROUP}/posts/pfbid02Ab/?rdid=1`, ['OPAQUE']],
  ['a token alone', 'pfbid02Ab', ['OPAQUE']],
  ['a message id', messageId(key), ['POST']],
  ['a job id', deliveryJobId(key), ['POST']],
  ['a mention key', key, ['POST']],
  ['the message id of a resent delivery', messageId(resentKey(key, 'abcdefgh')), ['POST']],
  ['the key of its post', mentionKey(POST, 'post'), ['POST', 'COMMENT', 'REPLY']],
  ['an id that no mention has', '671963591809153', []],
  ['a hostile text', '__proto__', []],
])('%s names the right mentions', (_, text, expected) => {
  const reference = readReference(text);
  if (reference === null) throw new Error('no reference');
  const found = Object.entries(ALL).filter(([, each]) => matches(reference, each));
  expect(found.map(([name]) => name)).toEqual(expected);
});

describe('names no mention:', () => {
  test.each(['', '  ', 'https://www.facebook.com/', '<>'])('%j', (text) => {
    expect(readReference(text)).toBeNull();
  });
});
