import type { Delivery } from '../../src/domain/delivery.ts';
import { parseMention, type Mention } from '../../src/domain/mention.ts';

/** Returns a mention. Mentions of different numbers differ in nothing else. */
export function mention(number: number, overrides: Record<string, unknown> = {}): Mention {
  const parsed = parseMention({
    id: `29439${number}`,
    keyword: 'crm',
    position: 'post',
    content: `Which CRM would you take? (${number})`,
    link: `https://facebook.com/groups/1617905175110739/permalink/${number}`,
    owner: { name: 'Ana P.', id: `1000${number}`, link: 'https://facebook.com/profile.php?id=1' },
    group: { id: '1617905175110739', name: 'Real Estate Referral Network' },
    spotted: String(1_699_459_000 + number),
    ...overrides,
  });
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

/** Returns mentions `from` to below `to`, newest first, as in a window. */
export function windowOf(from: number, to: number): Mention[] {
  return Array.from({ length: to - from }, (_, index) => mention(to - 1 - index));
}

/** Returns what identifies a delivery: a mention's id, a recovered mention's link, an alert's type. */
export function idOf(delivery: Delivery): string {
  switch (delivery.kind) {
    case 'mention':
      return delivery.mention.id;
    case 'recovered':
      return delivery.mention.link;
    case 'alert':
      return delivery.alert.type;
  }
}
