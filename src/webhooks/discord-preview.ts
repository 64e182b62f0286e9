import type { Delivery } from '../domain/delivery.ts';
import { discordEmbed, headline } from './discord-message.ts';
import { utcText } from './utc-text.ts';

/**
 * How a delivery's Discord message looks, as lines of text: what stands in it, unescaped, with times
 * in UTC and links written out. Foreign text in it is as hostile as in the mention.
 */
export function discordAsText(delivery: Delivery): string[] {
  const { author, title, description, fields = [], footer, timestamp } = discordEmbed(delivery);
  const time = timestamp === undefined ? [] : [utcText(Date.parse(timestamp))];
  return [
    plain(headline([delivery])),
    author?.name ?? '',
    plain(title ?? ''),
    ...plain(description ?? '').split('\n'),
    ...fields.map(({ name, value }) => `${name}: ${plain(value)}`),
    [footer?.text ?? '', ...time].filter((text) => text !== '').join(' · '),
  ].filter((line) => line !== '');
}

function plain(markdown: string): string {
  return markdown
    .replaceAll(/(?<!\\)\*\*/g, '')
    .replaceAll(/(?<!\\)\[([^\]]*)\]\(([^)]*)\)/g, '$1: $2')
    .replaceAll(/(?<!\\)<t:(\d+):f>/g, (_, seconds: string) => utcText(Number(seconds) * 1000))
    .replaceAll(/\\([^A-Za-z0-9\s])/g, '$1');
}
