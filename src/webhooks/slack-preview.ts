import type { Delivery } from '../domain/delivery.ts';
import type { SlackBlock } from './slack-blocks.ts';
import { slackBlocks } from './slack-message.ts';

/**
 * How a delivery's Slack message looks, as lines of text: what stands in its blocks, with times in
 * UTC and links written out. Foreign text in it is as hostile as in the mention.
 */
export function slackAsText(delivery: Delivery): string[] {
  return slackBlocks(delivery).flatMap(linesOf);
}

function linesOf(block: SlackBlock): string[] {
  switch (block.type) {
    case 'header':
      return unescaped(block.text.text).split('\n');
    case 'section':
      return ('text' in block ? [block.text] : block.fields).flatMap((text) =>
        plain(text).split('\n'),
      );
    case 'context':
      return [block.elements.map((element) => plain(element)).join(' · ')];
    case 'divider':
      return ['---'];
  }
}

function plain(element: { readonly type: 'plain_text' | 'mrkdwn'; readonly text: string }): string {
  if (element.type === 'plain_text') return unescaped(element.text);
  return unescaped(
    element.text
      .replaceAll(/<!date\^[^|>]*\|([^>]*)>/g, '$1')
      .replaceAll(/\*?<([^|>]*)\|([^>]*)>\*?/g, '$2: $1'),
  );
}

function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
