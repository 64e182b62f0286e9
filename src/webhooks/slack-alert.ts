import type { Alert } from '../domain/alert.ts';
import { alertWords } from './alert-words.ts';
import { mrkdwn, plainSection, plainText, slackDate, type SlackBlock } from './slack-blocks.ts';
import { escapeSlack } from './slack-text.ts';

/** An alert's blocks: its title, what is known, what follows, and when it was found. */
export function alertBlocks(alert: Alert): readonly SlackBlock[] {
  const { title, about, times, next, status, foundAtMs } = alertWords(alert);
  const fields = times.map(({ name, atMs }) =>
    mrkdwn(`*${name}*\n${atMs === null ? 'not known' : slackDate(atMs)}`),
  );
  return [
    { type: 'header', text: plainText(title) },
    ...(about === null ? [] : [plainSection(escapeSlack(about))]),
    ...(fields.length === 0 ? [] : [{ type: 'section', fields } satisfies SlackBlock]),
    plainSection(next),
    {
      type: 'context',
      elements: [
        ...(status === null ? [] : [plainText(escapeSlack(status))]),
        mrkdwn(`found ${slackDate(foundAtMs)}`),
      ],
    },
  ];
}
