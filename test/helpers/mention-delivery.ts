import type { MentionDelivery } from '../../src/domain/delivery.ts';
import { mentionKey } from '../../src/domain/mention.ts';
import { mention } from './mentions.ts';

/** A delivery to webhook A of a mention that differs from another one by its number alone. */
export function mentionDelivery(number: number, spotted = 1_699_459_000 + number): MentionDelivery {
  const each = mention(number, { spotted: String(spotted) });
  return {
    kind: 'mention',
    webhook: 'A',
    key: mentionKey(each, 'mention'),
    mention: each,
    polledAtMs: 1_700_000_000_000,
  };
}
