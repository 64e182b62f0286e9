import { parseMention, type Mention } from '../../src/domain/mention.ts';

/** A mention that differs from another one by its number alone. */
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

/** Mentions `from` to below `to`, newest first, as a window has them. */
export function windowOf(from: number, to: number): Mention[] {
  return Array.from({ length: to - from }, (_, index) => mention(to - 1 - index));
}
