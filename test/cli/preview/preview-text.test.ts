import { describe, expect, test } from 'vitest';
import { previewJson, previewText } from '../../../src/cli/preview/preview-text.ts';
import { messageId } from '../../../src/domain/delivery.ts';
import {
  mentionKey,
  type DedupeBy,
  type Mention,
  type MentionKey,
} from '../../../src/domain/mention.ts';
import { previewWindow } from '../../../src/polling/window-preview.ts';
import { configOf } from '../../helpers/config-of.ts';
import { mention } from '../../helpers/mentions.ts';

const { webhooks } = configOf({
  WEBHOOK_DAILY_URL: 'https://a.example/',
  WEBHOOK_DAILY_TYPE: 'slack',
  WEBHOOK_DAILY_DIGEST: 'daily 08:00 UTC',
  WEBHOOK_DAILY_PING: '@here',
  WEBHOOK_OFFICE_URL: 'https://a.example/',
  WEBHOOK_OFFICE_HOURS: 'Mon-Fri 08:00-18:00 UTC',
});
const at = (time: string): string => String(Date.parse(`2026-01-20T${time}Z`) / 1000);
const EARLIER = 'v5:earlier' as MentionKey;

/** Previews mentions that were all seen, on a Tuesday at 20:00, as text and as JSON. */
function previewSeen(
  mentions: readonly Mention[],
  dedupeBy: DedupeBy = 'mention',
  leadKeys: readonly MentionKey[] = [],
) {
  const polledAtMs = Date.parse('2026-01-20T20:00:00Z');
  const leads = new Map(
    mentions.flatMap((each, index) => {
      const key = leadKeys[index];
      return key === undefined ? [] : [[each, { lead: 'l', key, webhooks: ['A'] }] as const];
    }),
  );
  const previewed = previewWindow(
    { mentions: mentions.toReversed(), malformed: 0, receivedAtMs: polledAtMs },
    { firstWindow: false, seen: new Set(mentions), leads },
    { webhooks, dedupeBy, backlog: { kind: 'all' } },
  );
  const shared = { malformed: 0, polledAtMs, rule: { dedupeBy }, former: null };
  const text = previewText(previewed, { ...shared, windowSize: mentions.length, width: 200 });
  const { mentions: listed } = previewJson(previewed, shared) as {
    mentions: { webhooks: Record<string, { waitsFor?: string; mergedInto?: string }> }[];
  };
  return {
    text,
    lines: text
      .split('\n')
      .filter((line) => /^ {2}[A-Z]+: /.test(line))
      .map((line) => line.trim()),
    webhooks: listed.map((each) => each.webhooks),
  };
}

const AFTER_HOURS = mention(1, { spotted: at('19:00:00') });

describe('a preview of what was seen before', () => {
  test('names each webhook above its message, without pings of a digest', () => {
    const { text, webhooks: routes } = previewSeen([AFTER_HOURS]);
    expect(text).toContain(
      '  matches DAILY (digest daily 08:00 UTC: next in 12h)\n  | 1 new mention\n',
    );
    expect(routes[0]?.['DAILY']).not.toHaveProperty('pings');
  });

  test('shows the digest and the working hours for which a delivery still waits', () => {
    const { lines, webhooks: routes } = previewSeen([AFTER_HOURS]);
    expect(lines).toEqual([
      'DAILY: waits for its digest, unless the command digest sent it',
      'OFFICE: waits until it opens',
    ]);
    expect(routes).toMatchObject([
      { DAILY: { waitsFor: 'digest' }, OFFICE: { waitsFor: 'hours' } },
    ]);
    expect(routes[0]?.['A']).toEqual({ gets: false });
  });

  test.each([
    ['before the last digest', at('07:00:00'), []],
    [
      'within working hours',
      at('12:00:00'),
      ['DAILY: waits for its digest, unless the command digest sent it'],
    ],
    ['at a time that is unknown', undefined, []],
  ])('does not of what was spotted %s', (_, spotted, lines) => {
    expect(previewSeen([mention(1, { spotted })]).lines).toEqual(lines);
  });

  test('with DEDUPE_BY=post names the mention with whose message it was merged', () => {
    const first = mention(1, { id: '7', spotted: at('12:00:00') });
    const { lines, webhooks: routes } = previewSeen(
      [first, mention(2, { id: '7', keyword: 'erp', spotted: at('13:00:00') })],
      'post',
    );
    expect(lines.filter((line) => line.startsWith('A'))).toEqual([
      'A: merged into the message of 7, keyword "crm" (DEDUPE_BY=post)',
    ]);
    const mergedInto = messageId(mentionKey(first, 'post'));
    expect(routes.map((each) => each['A'])).toEqual([{ gets: false }, { gets: false, mergedInto }]);
  });

  test('with DEDUPE_BY=lead names the message, if its mention is no longer in the window', () => {
    const again = mention(1, { spotted: at('12:00:00') });
    expect(previewSeen([again], 'lead', [EARLIER]).lines).toContain(
      `A: merged into ${messageId(EARLIER)} (DEDUPE_BY=lead)`,
    );
    // The message of another webhook.
    expect(previewSeen([again], 'lead', [EARLIER]).lines.join()).not.toContain('DAILY: merged');
    expect(previewSeen([again], 'lead', [mentionKey(again, 'lead')]).lines).toEqual(
      previewSeen([again]).lines,
    );
  });
});

test.each(['post', null] as const)(
  'the JSON has the former DEDUPE_BY, if it changed: %s',
  (former) => {
    const window = { malformed: 0, polledAtMs: 0, rule: { dedupeBy: 'post' as const }, former };
    expect(previewJson([], window)).toMatchObject({ formerDedupeBy: former });
  },
);
