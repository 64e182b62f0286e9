import { expect, test } from 'vitest';
import { mentionKey, parseMention } from '../../src/domain/mention.ts';
import { WEBHOOK_TYPES } from '../../src/domain/webhook.ts';
import { formatDiscord } from '../../src/webhooks/discord/discord-message.ts';
import { formatSlack, plainSlackText } from '../../src/webhooks/slack/slack-message.ts';

import { formatTeams } from '../../src/webhooks/teams/teams-message.ts';
import { codeBlock, codeBlocks, read } from './markdown.ts';

const page = read('docs/messages.md');
const examples = codeBlocks(page)
  .filter(({ language }) => language === 'json')
  .map(({ code }) => JSON.parse(code) as unknown);

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

test('docs/messages.md shows the mention of docs/deliveries.md as each chat gets it', () => {
  const deliveries = [shownDelivery()];
  expect(examples).toEqual(
    [formatSlack, formatDiscord, formatTeams].map(
      (format) => JSON.parse(format(deliveries)) as unknown,
    ),
  );
  expect(codeBlock(page, 'text', 'New mention').trim()).toBe(plainSlackText(deliveries));
});

test('docs/messages.md says how many travel in one message', () => {
  const { slack, discord, teams } = WEBHOOK_TYPES;
  expect([slack.maxBatchSize, discord.maxBatchSize, teams.maxBatchSize]).toEqual([10, 5, 5]);
  expect(page).toContain('up to ten in Slack, five in Discord and Teams');
});

test.each(['messages.png', 'alerts.png'])('docs/messages.md shows docs/%s', (picture) => {
  expect(page).toContain(`](${picture})`);
  expect(read(`docs/${picture}`).length).toBeGreaterThan(1_000);
});
