import { setImmediate as loopTurn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { MentionDelivery } from '../../src/domain/delivery.ts';
import type { GapAlert } from '../../src/domain/alert.ts';
import {
  mentionKey,
  type DedupeBy,
  type Mention,
  type MentionKey,
} from '../../src/domain/mention.ts';
import type { MentionFilter, Webhook } from '../../src/domain/webhook.ts';
import { poll, type PollOutcome, type PollSettings } from '../../src/polling/poll.ts';
import type { Polled } from '../../src/state/seen-mentions.io.ts';
import { mention } from '../helpers/mentions.ts';
import { rulesOf } from '../helpers/phrase-rules.ts';
import { recordingLog } from '../helpers/recording-log.ts';
import { webhookOf } from '../webhooks/delivery-samples.ts';

const RECEIVED_MS = 1_700_000_000_000;
const HOUR_S = 3600;

/** A mention spotted so many seconds before its window was received. */
function spotted(id: string, secondsAgo: number, item: Record<string, unknown> = {}): Mention {
  return mention(1, { id, spotted: String(RECEIVED_MS / 1000 - secondsAgo), ...item });
}

// Newest first, as the API gives them.
const [A, B, C] = [spotted('a', 30), spotted('b', 20), spotted('c', 10)];
const WINDOW = [C, B, A];

const webhook = (name: string, filter: MentionFilter = {}): Webhook => webhookOf({ name, filter });

interface Situation extends Partial<PollSettings> {
  /** Whether a poll has succeeded before. True unless said otherwise. */
  readonly polledBefore?: boolean;
  /** True if there was a state before, although none is there now. */
  readonly hadState?: boolean;
  readonly seenBefore?: readonly Mention[];
  /** What recovery has sent before. */
  readonly recovered?: readonly Mention[];
  readonly newestSpottedAtMs?: number;
  /** DEDUPE_BY of the last marked poll, if it was another. */
  readonly formerDedupeBy?: DedupeBy;
  /** Stands in for the queue of Redis. */
  readonly enqueue?: (webhook: string) => Promise<void>;
}

/** Polls with a memory of its own, which all polls of one relay share. */
function relay(situation: Situation = {}) {
  const settings: PollSettings = {
    webhooks: [webhook('SALES')],
    dedupeBy: 'mention',
    backlog: { kind: 'all' },
    ...situation,
  };
  const keyOf = (item: Mention) => mentionKey(item, 'mention');
  const memory = new Set<MentionKey>((situation.seenBefore ?? []).map(keyOf));
  let polledBefore = situation.polledBefore ?? true;
  let enqueue = situation.enqueue ?? (() => Promise.resolve());
  const effects: string[] = [];
  const alerts: GapAlert[] = [];
  const queued: MentionDelivery[] = [];
  const marks: ({ keys: readonly MentionKey[] } & Polled)[] = [];
  const recording = recordingLog();
  const abort = new AbortController();

  async function pollOnce(window: readonly Mention[] | Error, malformed = 0): Promise<PollOutcome> {
    return poll(
      {
        async fetchWindow(signal) {
          expect(signal).toBe(abort.signal);
          effects.push('fetch');
          if (window instanceof Error) throw window;
          return { mentions: window, malformed, receivedAtMs: RECEIVED_MS };
        },
        seen: {
          async unseen(given) {
            effects.push('unseen');
            const recovered = new Set(situation.recovered);
            const indexesOf = (wanted: boolean): number[] =>
              given.flatMap((item, index) =>
                !memory.has(keyOf(item)) && recovered.has(item) === wanted ? [index] : [],
              );
            return {
              firstWindow: !polledBefore,
              newestSpottedAtMs: situation.newestSpottedAtMs ?? null,
              unseenIndexes: indexesOf(false),
              recoveredIndexes: indexesOf(true),
              sinceLastMs: 10_000,
              formerDedupeBy: situation.formerDedupeBy,
            };
          },
          async mark(mentions, polled) {
            effects.push('mark');
            const keys = mentions.map(keyOf);
            marks.push({ keys, ...polled });
            for (const key of keys) memory.add(key);
            polledBefore = true;
          },
        },
        // test/state/leads.test.ts polls with leads.
        leads: { claim: async () => new Map(), mark: async () => {} },
        async enqueue(name, given) {
          const deliveries = given.filter((each) => each.kind === 'mention');
          const ids = deliveries.map((delivery) => delivery.mention.id).join('');
          effects.push(`enqueue ${name} ${ids}`);
          await enqueue(name);
          effects.push(`enqueued ${name}`);
          queued.push(...deliveries);
        },
        async alert(alert) {
          effects.push(`alert ${alert.type}`);
          alerts.push(alert);
        },
        hadState: () => situation.hadState ?? false,
        async onEmptyState() {
          effects.push('empty');
        },
        log: recording.log,
      },
      settings,
      abort.signal,
    );
  }

  return {
    run: pollOnce,
    ids: () => queued.map(({ mention: { id } }) => id),
    sent: () => queued.map((delivery) => `${delivery.webhook} ${delivery.mention.id}`),
    routed: () => queued.map((delivery) => [delivery.webhook, delivery.mention]),
    effects,
    alerts,
    queued,
    marks,
    keyOf,
    ...recording,
    polledBefore: () => polledBefore,
    enqueueWith: (next: (name: string) => Promise<void>) => {
      enqueue = next;
    },
  };
}

describe('a poll', () => {
  test('fetches the window, finds new mentions, queues them for each webhook, and marks them last', async () => {
    const { run, effects } = relay({ webhooks: [webhook('SALES'), webhook('CRM')] });
    await run(WINDOW);
    expect(effects).toEqual([
      'fetch',
      'unseen',
      'enqueue SALES abc',
      'enqueued SALES',
      'enqueue CRM abc',
      'enqueued CRM',
      'mark',
    ]);
  });

  test('marks nothing while one delivery is not acknowledged', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { run, effects } = relay({
      webhooks: [webhook('SALES'), webhook('CRM')],
      enqueue: (name) => (name === 'CRM' ? promise : Promise.resolve()),
    });
    const polling = run(WINDOW);
    // Everything that does not wait for the queue happens within one turn of the event loop.
    await loopTurn();
    expect(effects.at(-1)).toBe('enqueue CRM abc');
    resolve();
    await polling;
    expect(effects.slice(-2)).toEqual(['enqueued CRM', 'mark']);
  });

  test.each([['SALES'], ['CRM']])(
    'marks nothing if the queue of %s refuses, throws its error, and repeats everything next time',
    async (refusing) => {
      const refusal = new Error('the queue refuses');
      const { run, marks, queued, effects, enqueueWith, polledBefore, sent } = relay({
        polledBefore: false,
        webhooks: [webhook('SALES'), webhook('CRM')],
        enqueue: (name) => (name === refusing ? Promise.reject(refusal) : Promise.resolve()),
      });
      await expect(run(WINDOW)).rejects.toBe(refusal);
      expect(effects).not.toContain('mark');
      expect(polledBefore()).toBe(false);

      queued.length = 0;
      enqueueWith(() => Promise.resolve());
      await run(WINDOW);
      expect(sent()).toEqual(
        ['SALES', 'CRM'].flatMap((name) => ['a', 'b', 'c'].map((id) => `${name} ${id}`)),
      );
      expect(marks).toHaveLength(1);
    },
  );

  test('changes nothing if the window could not be fetched', async () => {
    const failure = new Error('the API is away');
    const { run, effects } = relay();
    await expect(run(failure)).rejects.toBe(failure);
    expect(effects).toEqual(['fetch']);
  });

  test('queues a delivery with its key, its mention and the time of the window', async () => {
    const { run, queued, keyOf } = relay();
    await run([A]);
    expect(queued).toEqual([
      { kind: 'mention', webhook: 'SALES', key: keyOf(A), mention: A, polledAtMs: RECEIVED_MS },
    ]);
  });

  test('marks the new mentions alone, with the time of the window', async () => {
    const { run, marks, keyOf } = relay({ seenBefore: [B] });
    await run(WINDOW);
    expect(marks).toMatchObject([{ keys: [keyOf(A), keyOf(C)], polledAtMs: RECEIVED_MS }]);
  });

  test('marks unwanted mentions too', async () => {
    const { run, marks, queued, keyOf } = relay({
      webhooks: [webhook('SALES', { keywords: ['nothing like it'] })],
    });
    await run([A]);
    expect(queued).toEqual([]);
    expect(marks).toMatchObject([{ keys: [keyOf(A)], polledAtMs: RECEIVED_MS }]);
  });

  test('queues a window once, however often it is polled', async () => {
    const { run, ids } = relay();
    await run([B, A]);
    await run(WINDOW);
    await run(WINDOW);
    expect(ids()).toEqual(['a', 'b', 'c']);
  });
});

describe('a webhook gets', () => {
  const keyword = (word: string): MentionFilter => ({ keywords: [word] });
  const inPost = spotted('p', 30, { keyword: 'crm', position: 'post' });
  const inComment = spotted('p', 20, { keyword: 'crm', position: 'comment' });
  const otherWord = spotted('p', 10, { keyword: 'erp', position: 'post' });
  const otherPost = spotted('q', 5, { keyword: 'erp', position: 'post' });

  const byKeyword = [webhook('CRM', keyword('crm')), webhook('ERP', keyword('erp'))];

  test.each<[string, Situation, readonly Mention[], string[]]>([
    ['the oldest first', {}, WINDOW, ['SALES a', 'SALES b', 'SALES c']],
    ['the oldest first, however they come', {}, [B, C, A], ['SALES a', 'SALES b', 'SALES c']],
    [
      'the oldest first, without those that were seen',
      { seenBefore: [B] },
      WINDOW,
      ['SALES a', 'SALES c'],
    ],
    ['nothing where nothing is new', { seenBefore: WINDOW }, WINDOW, []],
    ['nothing of an empty window', {}, [], []],
    ['a mention once that stands in it twice', {}, [B, A, B, A], ['SALES a', 'SALES b']],
    [
      'what its filter lets through',
      { webhooks: [...byKeyword, webhook('ALL'), webhook('NONE', keyword('none'))] },
      [otherPost, inPost],
      ['CRM p', 'ERP q', 'ALL p', 'ALL q'],
    ],
    [
      'each mention of a post',
      {},
      [otherWord, inComment, inPost],
      ['SALES p', 'SALES p', 'SALES p'],
    ],
    [
      'with DEDUPE_BY=post one mention of each post',
      { dedupeBy: 'post' },
      [otherPost, otherWord, inComment, inPost],
      ['SALES p', 'SALES q'],
    ],
  ])('%s', async (_, situation, window, expected) => {
    const { run, sent } = relay(situation);
    await run(window);
    expect(sent()).toEqual(expected);
  });

  test('with DEDUPE_BY=post the other mentions of the post in the same delivery', async () => {
    const { run, queued, lines, keyOf } = relay({ dedupeBy: 'post' });
    expect(await run([otherPost, otherWord, inPost])).toMatchObject({ queued: 2, merged: 1 });
    expect(queued.map(({ others }) => others?.map((other) => other.keyword))).toEqual([
      ['erp'],
      undefined,
    ]);
    expect(queued[0]?.key).toBe(mentionKey(inPost, 'post'));
    expect(queued[0]?.key).not.toBe(keyOf(inPost));
    const messageId = `msg_${queued[0]?.key}`;
    const fields = { mentionId: 'p', messageId, webhooks: ['SALES'] };
    expect(lines.slice(0, 2)).toMatchObject([
      { level: 'info', event: 'mention.queued', fields },
      { level: 'info', event: 'mention.merged', fields },
    ]);
  });

  test('by the former DEDUPE_BY what a poll that was never marked may have queued', async () => {
    for (const [formerDedupeBy, dedupeBy] of [
      ['mention', 'post'],
      ['post', 'mention'],
    ] as const) {
      const { run, queued } = relay({ formerDedupeBy, dedupeBy });
      await run([otherWord, inPost]);
      const keys = [inPost, otherWord].map((each) => mentionKey(each, formerDedupeBy));
      expect(new Set(queued.map(({ key }) => key))).toEqual(new Set(keys));
    }
  });

  test('with DEDUPE_BY=post the first mention of the post that it wants', async () => {
    const { run, queued, routed } = relay({
      dedupeBy: 'post',
      webhooks: [...byKeyword, webhook('COMMENTS', { positions: ['comment'] }), webhook('ALL')],
    });
    await run([otherWord, inComment, inPost]);
    expect(routed()).toEqual([
      ['CRM', inPost],
      ['ERP', otherWord],
      ['COMMENTS', inComment],
      ['ALL', inPost],
    ]);
    expect(new Set(queued.map(({ key }) => key)).size).toBe(1);
  });

  test('with DEDUPE_BY=post the first mention that it wants, even if it comes in a later window', async () => {
    const { run, routed } = relay({ dedupeBy: 'post', webhooks: byKeyword });
    await run([inPost]);
    await run([otherWord, inPost]);
    expect(routed()).toEqual([
      ['CRM', inPost],
      ['ERP', otherWord],
    ]);
  });

  test('with DEDUPE_BY=post a later mention of the post under the same key, for the ledger to stop', async () => {
    const { run, queued } = relay({ dedupeBy: 'post' });
    await run([inComment]);
    await run([inPost, inComment]);
    expect(queued).toHaveLength(2);
    expect(new Set(queued.map(({ key }) => key)).size).toBe(1);
  });
});

describe('the first window ever', () => {
  const old = spotted('old', 25 * HOUR_S);
  const recent = spotted('recent', 23 * HOUR_S);
  const timeless = spotted('timeless', 0, { spotted: null });
  const window = [timeless, recent, old];

  test.each<[string, Situation, string[]]>([
    ['is sent whole with BACKLOG=all', { backlog: { kind: 'all' } }, ['old', 'recent', 'timeless']],
    ['is not sent with BACKLOG=none', { backlog: { kind: 'none' } }, []],
    [
      'is sent in part with BACKLOG=24h',
      { backlog: { kind: 'recent', ageMs: 24 * HOUR_S * 1000 } },
      ['recent', 'timeless'],
    ],
  ])('%s, and marked whole', async (_, situation, sent) => {
    const { run, queued, marks, keyOf, lines, ids } = relay({ ...situation, polledBefore: false });
    await run(window);
    expect(ids()).toEqual(sent);
    expect(marks).toMatchObject([
      { keys: [old, recent, timeless].map(keyOf), polledAtMs: RECEIVED_MS },
    ]);
    expect(lines[0]).toMatchObject({
      level: 'info',
      event: 'state.empty',
      fields: {
        backlog: situation.backlog?.kind,
        sending: sent.length,
        skipping: 3 - sent.length,
      },
    });

    const next = spotted('next', 48 * HOUR_S);
    queued.length = 0;
    await run([next, ...window]);
    expect(ids()).toEqual(['next']);
  });

  test('is the second one where the first was empty, but that one counts as the first', async () => {
    const { run, effects, marks, polledBefore, ids } = relay({
      polledBefore: false,
      backlog: { kind: 'none' },
    });
    await run([]);
    expect(effects).toEqual(['fetch', 'unseen', 'empty', 'mark']);
    expect(marks).toMatchObject([{ keys: [], polledAtMs: RECEIVED_MS }]);
    expect(polledBefore()).toBe(true);
    await run([A]);
    expect(ids()).toEqual(['a']);
  });

  test.each([
    ['logged at info, if there was none before', false, 'info', 'no state in Redis'],
    ['logged as a loss, if there was one before', true, 'warn', 'Redis was emptied'],
  ])('is %s', async (_, hadState, level, words) => {
    const { run, lines, queued } = relay({ polledBefore: false, hadState });
    await run(WINDOW);
    expect(lines[0]).toMatchObject({ level, event: 'state.empty' });
    expect(lines[0]?.message).toContain(words);
    // BACKLOG decides in both cases.
    expect(queued).toHaveLength(3);
  });

  test('restores the queues before anything is queued', async () => {
    const { run, effects } = relay({ polledBefore: false });
    await run([A]);
    expect(effects.slice(0, 4)).toEqual(['fetch', 'unseen', 'empty', 'enqueue SALES a']);
  });

  test('is not any window after it: BACKLOG=none holds back nothing later', async () => {
    const { run, told, ids } = relay({ backlog: { kind: 'none' } });
    await run([old]);
    expect(ids()).toEqual(['old']);
    expect(told()).not.toContain('info state.empty');
  });

  test('with DEDUPE_BY=post and BACKLOG=24h sends the recent mention of a post, not the old one', async () => {
    const again = spotted('old', 1, { keyword: 'erp' });
    const { run, queued } = relay({
      polledBefore: false,
      dedupeBy: 'post',
      backlog: { kind: 'recent', ageMs: 24 * HOUR_S * 1000 },
    });
    await run([again, old]);
    expect(queued.map((delivery) => delivery.mention)).toEqual([again]);
  });
});

describe('a recovered mention', () => {
  test('is marked and logged, and not sent again', async () => {
    const { run, marks, lines, keyOf, ids } = relay({ recovered: [A] });
    expect(await run(WINDOW)).toMatchObject({ newMentions: 2, queued: 2 });
    expect(ids()).toEqual(['b', 'c']);
    expect(marks).toMatchObject([{ keys: [A, B, C].map(keyOf) }]);
    expect(lines).toContainEqual(
      expect.objectContaining({
        event: 'mention.skipped',
        fields: expect.objectContaining({ mentionId: 'a', reason: 'recovered' }),
      }),
    );
  });

  test('does not close a gap: it is no sign of earlier windows', async () => {
    const full = Array.from({ length: 100 }, (_, index) => spotted(`f${index}`, index));
    const { run } = relay({ recovered: full.slice(50, 60) });
    expect(await run(full)).toMatchObject({ gap: true, newMentions: 90 });
  });

  test('is no gap if nothing else is in the window: newer posts were deleted', async () => {
    const full = Array.from({ length: 100 }, (_, index) => spotted(`f${index}`, index));
    const { run } = relay({ recovered: full });
    expect(await run(full)).toMatchObject({ gap: false, newMentions: 0 });
  });
});

describe('the outcome of a poll', () => {
  test.each<[string, Situation, readonly Mention[], number, PollOutcome]>([
    [
      'counts nothing in an empty window',
      {},
      [],
      0,
      {
        windowSize: 0,
        malformed: 0,
        newMentions: 0,
        queued: 0,
        merged: 0,
        gap: false,
        sinceLastMs: 10_000,
        spottedPerMs: 0,
      },
    ],
    [
      'counts a mention once that is there twice',
      {},
      [B, A, A],
      2,
      {
        windowSize: 3,
        malformed: 2,
        newMentions: 2,
        queued: 2,
        merged: 0,
        gap: false,
        sinceLastMs: 10_000,
        spottedPerMs: 0,
      },
    ],
    [
      'counts a mention once and its deliveries all',
      { webhooks: [webhook('SALES'), webhook('CRM')], seenBefore: [A] },
      WINDOW,
      0,
      {
        windowSize: 3,
        malformed: 0,
        newMentions: 2,
        queued: 4,
        merged: 0,
        gap: false,
        sinceLastMs: 10_000,
        spottedPerMs: 0,
      },
    ],
    [
      'counts as new what no webhook wants',
      { webhooks: [] },
      WINDOW,
      0,
      {
        windowSize: 3,
        malformed: 0,
        newMentions: 3,
        queued: 0,
        merged: 0,
        gap: false,
        sinceLastMs: 10_000,
        spottedPerMs: 0,
      },
    ],
  ])('%s', async (_, situation, window, malformed, expected) => {
    expect(await relay(situation).run(window, malformed)).toEqual(expected);
  });
});

describe('the log of a poll', () => {
  test('has each mention with its webhooks, at info, once it is queued', async () => {
    const refusing = relay({ enqueue: () => Promise.reject(new Error('the queue refuses')) });
    await expect(refusing.run(WINDOW)).rejects.toThrow('the queue refuses');
    expect(refusing.told()).toEqual([]);

    const { run, lines, keyOf } = relay({
      webhooks: [webhook('CRM'), webhook('SALES', { keywords: ['other'] }), webhook('ZAP')],
    });
    await run([B, A]);
    expect(lines.map(({ level, event, fields }) => ({ level, event, fields }))).toEqual(
      [A, B].map((item) => ({
        level: 'info',
        event: 'mention.queued',
        fields: {
          mentionId: item.id,
          polledAt: new Date(RECEIVED_MS).toISOString(),
          messageId: `msg_${keyOf(item)}`,
          webhooks: ['CRM', 'ZAP'],
        },
      })),
    );
  });

  test.each<[string, Situation, string]>([
    ['no webhook wants', { webhooks: [webhook('SALES', { keywords: ['other'] })] }, 'unwanted'],
    ['BACKLOG excludes', { polledBefore: false, backlog: { kind: 'none' } }, 'backlog'],
  ])('has a mention that %s', async (_, situation, reason) => {
    const { run, lines } = relay(situation);
    await run([A]);
    expect(lines.at(-1)).toMatchObject({
      // `state.empty` has their number.
      level: reason === 'backlog' ? 'debug' : 'info',
      event: 'mention.skipped',
      fields: { mentionId: 'a', polledAt: new Date(RECEIVED_MS).toISOString(), reason },
    });
  });

  test('has the webhooks that exclude a mention, with the kind of rule and not the rule', async () => {
    const words = 'Hiring now';
    const spam = spotted('a', 1, { content: words, owner: { id: '7', name: words } });
    const webhooks = [
      webhook('ALL'),
      webhook('CRM', { exclude: rulesOf('hiring') }),
      webhook('SALES', { excludeAuthors: ['7'] }),
      webhook('TEAM', { include: rulesOf('hire', 'hiring + later') }),
      webhook('ZAP', { keywords: ['other'] }),
    ];
    const excluded = { CRM: 'exclude', SALES: 'exclude_authors', TEAM: 'include' };
    const { run, lines } = relay({ webhooks });
    await run([spam]);
    expect(lines.at(-1)).toMatchObject({
      event: 'mention.queued',
      fields: { webhooks: ['ALL'], excluded },
    });
    const { run: other, lines: otherLines } = relay({ webhooks: webhooks.slice(1) });
    await other([spam]);
    expect(otherLines.at(-1)).toMatchObject({
      event: 'mention.skipped',
      fields: { reason: 'unwanted', excluded },
    });
    expect(JSON.stringify([lines, otherLines])).not.toMatch(/hiring/i);
  });

  test('holds no content and no name of a person', async () => {
    const { run, lines, shown } = relay({ polledBefore: false });
    const words = 'Words of a stranger';
    await run([spotted('a', 1, { content: words, owner: { id: '1', name: words, link: words } })]);
    expect(shown()).toContain('state.empty');
    expect(JSON.stringify(lines)).toContain('mention.queued');
    expect(JSON.stringify(lines)).not.toContain(words);
  });
});

describe('a window that is full and shares nothing with what was seen', () => {
  const full = Array.from({ length: 100 }, (_, index) => spotted(`m${index}`, 100 + index));

  test('is a gap: logged with its times, sent as an alert, remembered, and part of the outcome', async () => {
    const { run, lines, marks, alerts, effects } = relay({
      newestSpottedAtMs: RECEIVED_MS - 600_000,
    });
    expect(await run(full)).toMatchObject({ gap: true, newMentions: 100, queued: 100 });
    const times = { fromMs: RECEIVED_MS - 600_000, toMs: RECEIVED_MS - 199_000 };
    expect(lines[0]).toMatchObject({
      level: 'warn',
      event: 'poll.gap_detected',
      fields: {
        windowSize: 100,
        missingFrom: new Date(times.fromMs).toISOString(),
        missingTo: new Date(times.toMs).toISOString(),
      },
    });
    expect(alerts).toEqual([{ type: 'gap.detected', ...times, detectedAtMs: RECEIVED_MS }]);
    // Before the mark: a crash in between repeats it, and does not lose it.
    expect(effects.indexOf('alert gap.detected')).toBeLessThan(effects.indexOf('mark'));
    expect(marks).toMatchObject([{ gap: times, newestSpottedAtMs: RECEIVED_MS - 100_000 }]);
  });

  test('is no gap if one of its mentions was seen before', async () => {
    const { run, told } = relay({ seenBefore: full.slice(-1) });
    expect(await run(full)).toMatchObject({ gap: false, newMentions: 99 });
    expect(told()).not.toContain('warn poll.gap_detected');
  });
});
