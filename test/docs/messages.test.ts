import { expect, test } from 'vitest';
import { mentionKey, parseMention } from '../../src/domain/mention.ts';
import { formatSlack } from '../../src/webhooks/slack/slack-message.ts';
import { plainSlackText } from '../../src/webhooks/slack/slack.ts';
import { codeBlock, read } from './markdown.ts';

const page = read('docs/messages.md');
/** The delivery that docs/deliveries.md shows. */
function shownDelivery() {
  const event = JSON.parse(codeBlock(read('docs/deliveries.md'), 'json', '"mention.created"')) as {
    readonly data: unknown;
  };
  const parsed = parseMention(event.data);
  if (!parsed.ok) throw new Error(parsed.error);
  const mention = parsed.value;
  const key = mentionKey(mention, 'mention');
  return { kind: 'mention', webhook: 'CRM', key, mention, polledAtMs: 0 } as const;
}

test('docs/messages.md shows the mention of docs/deliveries.md as Slack and Mattermost get it', () => {
  const deliveries = [shownDelivery()];
  expect(JSON.parse(codeBlock(page, 'json', '"blocks"'))).toEqual(
    JSON.parse(formatSlack(deliveries)),
  );
  expect(codeBlock(page, 'text', 'New mention').trim()).toBe(plainSlackText(deliveries));
});
