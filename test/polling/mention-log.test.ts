import { describe, expect, test } from 'vitest';
import { logRecovered } from '../../src/polling/mention-log.ts';
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
