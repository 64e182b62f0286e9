import { describe, expect, test } from 'vitest';
import {
  createMalformedItemsLog,
  createSaturationLog,
  logRecovered,
} from '../../src/polling/poll-log.ts';
import { recoveredDeliveries } from '../../src/routing/fan-out.ts';
import { rulesOf } from '../helpers/phrase-rules.ts';
import { recordingLog } from '../helpers/recording-log.ts';
import { webhookOf } from '../webhooks/delivery-samples.ts';
import { recoveredOf } from '../webhooks/recovered-and-alert-samples.ts';

describe('a recovered mention', () => {
  test('is logged with the webhooks that exclude its author, and without the author', () => {
    const { mention } = recoveredOf({
      keyword: 'crm',
      owner: { id: '7', name: 'Dana Recruiting' },
      link: 'https://facebook.com/groups/1/permalink/2',
    });
    const all = webhookOf({ name: 'ALL' });
    const excluding = [
      webhookOf({ name: 'CRM', filter: { exclude: rulesOf('recruiting') } }),
      webhookOf({ name: 'OPS', events: 'alerts', filter: { exclude: rulesOf('recruiting') } }),
      webhookOf({ name: 'SALES', filter: { excludeAuthors: ['Dana Recruiting'] } }),
    ];
    const excluded = { CRM: 'exclude', SALES: 'exclude_authors' };
    const { log, lines } = recordingLog();
    for (const webhooks of [[all, ...excluding], excluding]) {
      const found = { dedupeBy: 'mention', polledAtMs: 7 } as const;
      const deliveries = recoveredDeliveries(webhooks, [mention], found);
      logRecovered(log, [mention], deliveries, webhooks);
    }
    expect(lines).toMatchObject([
      { event: 'mention.queued', fields: { mentionId: '2', webhooks: ['ALL'], excluded } },
      { event: 'mention.skipped', fields: { mentionId: '2', reason: 'unwanted', excluded } },
    ]);
    expect(JSON.stringify(lines)).not.toMatch(/dana|recruiting/i);
  });

  test('is logged without an id if its link has no number of a post', () => {
    const { mention } = recoveredOf({ link: 'https://facebook.com/groups/1' });
    const { log, lines } = recordingLog();
    logRecovered(log, [mention], [], []);
    expect(lines[0]?.fields).toEqual({ kind: 'recovered', reason: 'unwanted' });
  });
});

describe('a malformed item', () => {
  test.each<[string, string[][], string[]]>([
    ['is not logged without any', [[]], []],
    ['is logged once while it stays in the window', [['a'], ['a'], ['a']], ['a']],
    ['is logged by itself when it joins another', [['a'], ['a', 'b'], ['b', 'a']], ['a', 'b']],
    ['is logged once if it stands twice in a window', [['a', 'a'], ['a']], ['a']],
    ['is logged again when it comes back', [['a'], [], ['a']], ['a', 'a']],
    ['is forgotten while another stays', [['a', 'b'], ['b'], ['a', 'b']], ['a', 'b', 'a']],
  ])('%s', (_, windows, expected) => {
    const { log, lines } = recordingLog();
    const logItems = createMalformedItemsLog(log);
    let counted = 0;
    for (const window of windows) {
      counted += logItems(
        window.map((fingerprint) => ({ fingerprint, reason: `reason of ${fingerprint}` })),
      );
    }
    expect(counted).toBe(expected.length);
    expect(lines).toMatchObject(
      expected.map((fingerprint) => ({
        level: 'warn',
        event: 'poll.item_malformed',
        fields: { fingerprint, reason: `reason of ${fingerprint}` },
      })),
    );
  });
});

type Polls = readonly (readonly [
  newMentions: number,
  sinceLastMs?: number | null,
  gap?: boolean,
])[];

describe('a saturated window', () => {
  test.each<[string, Polls, number]>([
    ['is one that is half new', [[50]], 1],
    ['is not one that is less than half new', [[49]], 0],
    ['is logged once while polls stay busy', [[50], [80], [40], [90]], 1],
    ['is logged again after a calm one', [[50], [24], [60]], 2],
    ['stays logged across a gap', [[60], [100, 1_000, true], [60]], 1],
    ['is not the first window ever', [[100, null]], 0],
    ['is not a window after a pause', [[80, 30_001], [10]], 0],
  ])('%s', (_, polls, logged) => {
    const { log, lines } = recordingLog();
    const logSaturation = createSaturationLog(log, 30_000);
    for (const [newMentions, sinceLastMs = 1_000, gap = false] of polls) {
      logSaturation({
        windowSize: 100,
        malformed: 0,
        newMentions,
        gap,
        sinceLastMs,
        spottedPerMs: 0,
      });
    }
    expect(lines).toHaveLength(logged);
    for (const line of lines) {
      expect(line).toMatchObject({ level: 'warn', event: 'poll.window_saturated' });
    }
  });
});
