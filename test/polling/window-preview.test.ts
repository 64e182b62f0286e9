import { describe, expect, test } from 'vitest';
import type { Mention } from '../../src/domain/mention.ts';
import type { PollSettings } from '../../src/polling/poll.ts';
import { previewWindow } from '../../src/polling/window-preview.ts';
import { mention } from '../helpers/mentions.ts';
import { rulesOf } from '../helpers/phrase-rules.ts';
import { webhookOf } from '../webhooks/delivery-samples.ts';

const OLD = mention(1, { id: 'old', keyword: 'erp' });
const NEW = mention(2, { id: 'new', keyword: 'crm' });
const WINDOW = { mentions: [NEW, OLD], malformed: 0, receivedAtMs: 1_699_459_100_000 };

function previewed(
  known: { firstWindow?: boolean; seen?: readonly Mention[] } = {},
  settings: Partial<PollSettings> = {},
  window = WINDOW,
) {
  return previewWindow(
    window,
    { firstWindow: known.firstWindow ?? false, seen: new Set(known.seen) },
    {
      webhooks: [
        webhookOf({ name: 'ALL' }),
        webhookOf({ name: 'CRM', filter: { keywords: ['crm'] } }),
      ],
      dedupeBy: 'mention',
      backlog: { kind: 'all' },
      ...settings,
    },
  ).map(({ mention: { id }, status, routes }) =>
    [id, status].concat(
      routes.map(({ webhook, routing }) =>
        routing.wanted
          ? [webhook.name, routing.rule].filter(Boolean).join(': include ')
          : `not ${webhook.name}: ${routing.because}${'rule' in routing ? ` ${routing.rule}` : ''}`,
      ),
    ),
  );
}

describe('a preview', () => {
  test('has the mentions oldest first, each with where it goes and why not elsewhere', () => {
    expect(previewed()).toEqual([
      ['old', 'new', 'ALL', 'not CRM: keyword'],
      ['new', 'new', 'ALL', 'CRM'],
    ]);
  });

  test('shows that a webhook for alerts gets none, whatever its filter', () => {
    const webhooks = [webhookOf({ name: 'OPS', events: 'alerts', filter: { keywords: ['crm'] } })];
    expect(previewed({}, { webhooks })).toEqual([
      ['old', 'new', 'not OPS: events'],
      ['new', 'new', 'not OPS: events'],
    ]);
  });

  test('shows which entry of its exclusions keeps a mention from a webhook', () => {
    const filter = { exclude: rulesOf('hiring', 'CRM'), excludeAuthors: ['10001'] };
    expect(previewed({}, { webhooks: [webhookOf({ name: 'A', filter })] })).toEqual([
      ['old', 'new', 'not A: exclude_authors 10001'],
      ['new', 'new', 'not A: exclude CRM'],
    ]);
  });

  test('shows which of the words to include a mention has, and that another has none', () => {
    const filter = { include: rulesOf('hiring', 'crm + 2', 'take*') };
    const other = mention(1, { id: 'other', content: 'Hello' });
    const window = { ...WINDOW, mentions: [NEW, OLD, other] };
    const webhooks = [webhookOf({ name: 'A', filter })];
    expect(previewed({ seen: [OLD] }, { webhooks }, window)).toEqual([
      ['other', 'new', 'not A: include'],
      ['old', 'seen', 'A: include take*'],
      ['new', 'new', 'A: include take*'],
    ]);
  });

  test('shows of what was seen before what the filters would say', () => {
    expect(previewed({ seen: [OLD] })).toEqual([
      ['old', 'seen', 'ALL', 'not CRM: keyword'],
      ['new', 'new', 'ALL', 'CRM'],
    ]);
  });

  test('of the first window ever says what BACKLOG leaves out', () => {
    const none = { backlog: { kind: 'none' } } as const;
    expect(previewed({ firstWindow: true }, none).map(([, status]) => status)).toEqual([
      'backlog',
      'backlog',
    ]);
    expect(previewed({}, none).map(([, status]) => status)).toEqual(['new', 'new']);
  });

  test('has a mention once that stands twice in the window, and blames no setting for it', () => {
    const window = { ...WINDOW, mentions: [NEW, NEW] };
    expect(previewed({}, {}, window)).toEqual([['new', 'new', 'ALL', 'CRM']]);
  });

  test('with DEDUPE_BY=post names the second of a post, but not after one that was seen', () => {
    const again = mention(3, { id: 'new', keyword: 'crm', position: 'link' });
    const window = { ...WINDOW, mentions: [again, NEW] };
    const byPost = { dedupeBy: 'post', webhooks: [webhookOf({ name: 'ALL' })] } as const;
    expect(previewed({}, byPost, window)).toEqual([
      ['new', 'new', 'ALL'],
      ['new', 'new', 'not ALL: post'],
    ]);
    expect(previewed({ seen: [NEW] }, byPost, window)).toEqual([
      ['new', 'seen', 'ALL'],
      ['new', 'new', 'ALL'],
    ]);
  });
});
