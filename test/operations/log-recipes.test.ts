import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeBlocks, read } from '../docs/markdown.ts';
import { AGENT, loggedDay, type LoggedDay, type Post } from './logged-day.ts';

type Answer = Readonly<Record<string, unknown>>;

// Lines of npm, JSON of other programs, and half a line, as a kill leaves it.
const FOREIGN_HEAD =
  '> mention-relay@0.1.0 start\n> exec env MALLOC_ARENA_MAX=1 node --max-semi-space-size=8 --max-old-space-size=512 dist/main.js run\n\n';
const FOREIGN_TAIL = 'null\n42\n"29439935"\n["29439935"]\n{}\n{"level":"error","event":"webho';

const [, ...parts] = read('docs/log-recipes.md').split(/^## /m);
const all = parts.map((part) => {
  const code = (language: string): string =>
    codeBlocks(part)
      .find((block) => block.language === language)
      ?.code.trim() ?? '';
  return { question: part.split('\n', 1).join(), jq: code('sh'), sample: code('text') };
});
const folder = mkdtempSync(join(tmpdir(), 'relay-recipes-'));
let day: LoggedDay;

beforeAll(async () => {
  day = await loggedDay();
}, 90_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a recipe of the page as it is written, where `relay.log` is. */
function run(recipe: string, log = day.log): readonly Answer[] {
  writeFileSync(join(folder, 'relay.log'), `${FOREIGN_HEAD}${log}${FOREIGN_TAIL}`);
  const { status, stdout, stderr } = spawnSync('bash', ['-c', recipe], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, '']);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Answer);
}

/** Returns the recipe of the one question that contains these words. */
function recipeOf(words: string): string {
  const [found, ...more] = all.filter(({ question }) => question.includes(words));
  if (found === undefined || more.length > 0) throw new Error(`not one question: ${words}`);
  return found.jq;
}

const postsTo = (webhook: string, id?: string): readonly Post[] =>
  day.posts.filter((post) => post.webhook === webhook && (id === undefined || post.id === id));

/** Returns every delivery that was due. */
function deliveries(): readonly { readonly webhook: string; readonly id: string }[] {
  return [...day.spottedAtMs.keys()].flatMap((id) =>
    day.wantedBy(id).map((webhook) => ({ webhook, id })),
  );
}

function taken(webhook: string): readonly string[] {
  return postsTo(webhook)
    .filter(({ status }) => status === 200)
    .map(({ id }) => id);
}

/** Returns these fields of a line as one text. */
const words = (line: Answer, ...fields: readonly string[]): string =>
  fields.map((field) => String(line[field])).join(' ');

/** Returns a line as the relay writes it. */
const logged = (second: number, event: string, level: string, fields: Answer = {}): string =>
  `${JSON.stringify({ level, time: `2026-11-23T08:00:0${second}.000Z`, event, ...fields })}\n`;

/** The webhooks that took something. */
const TAKING = ['ARCHIVE', 'CRM', 'SALES'];

const EVENT_OF: Readonly<Record<number, string>> = {
  200: 'delivery.succeeded',
  404: 'delivery.failed',
  429: 'webhook.paused',
  503: 'delivery.retrying',
};

describe('what happened to a mention', () => {
  test.each(Object.entries(AGENT))('%s: each POST of it, as its receiver saw it', (_, id) => {
    const answers = run(recipeOf('What happened').replaceAll('29439935', id));
    const queued = answers.find(({ event }) => event === 'mention.queued');
    expect(queued).toMatchObject({ mentionId: id, webhooks: day.wantedBy(id) });
    expect(Date.parse(String(queued?.['polledAt']))).not.toBeNaN();

    for (const webhook of day.wantedBy(id)) {
      let attempts = 0;
      const expected = postsTo(webhook, id).map(({ status, counts, together }) => ({
        event: EVENT_OF[status],
        attempt: counts ? (attempts += 1) : undefined,
        batchSize: status === 200 && together > 1 ? together : undefined,
      }));
      const lines = answers.filter((line) => line['webhook'] === webhook);
      expect(expected.length).toBeGreaterThan(0);
      expect(lines.map(({ event, attempt, batchSize }) => ({ event, attempt, batchSize }))).toEqual(
        expected,
      );
    }
  });
});

test('what was polled and is not delivered yet: all but those that were taken or refused', () => {
  const open = deliveries().filter(
    ({ webhook, id }) => !postsTo(webhook, id).some(({ status }) => [200, 404].includes(status)),
  );
  expect(open.map(({ webhook }) => webhook)).toContain('SALES');
  const answers = run(recipeOf('not delivered yet'));
  expect(answers.map((line) => words(line, 'webhook', 'mentionId')).toSorted()).toEqual(
    open.map(({ webhook, id }) => `${webhook} ${id}`).toSorted(),
  );
});

test('what is not delivered yet: a mention that was queued again counts once, one that was repeated not', () => {
  const queued = { mentionId: '1', messageId: 'msg_1', webhooks: ['CRM', 'SALES'] };
  const answers = run(
    recipeOf('not delivered yet'),
    logged(1, 'mention.queued', 'info', { ...queued, polledAt: '2026-11-23T08:00:01.000Z' }) +
      logged(2, 'mention.queued', 'info', { ...queued, polledAt: '2026-11-23T08:00:02.000Z' }) +
      logged(3, 'delivery.repeated', 'info', { ...queued, webhook: 'CRM' }),
  );
  expect(answers).toMatchObject([{ webhook: 'SALES', mentionId: '1', messageId: 'msg_1' }]);
});

test('how long it took: a row for each webhook that took something', () => {
  const answers = run(recipeOf('How long from spotted'));
  expect(answers.map((line) => [line['webhook'], line['delivered']])).toEqual(
    TAKING.map((webhook) => [webhook, taken(webhook).length]),
  );
  const sinceFirstMs = Date.now() - Math.min(...day.spottedAtMs.values());
  for (const { p50Ms, p99Ms } of answers) {
    expect(Number(p50Ms)).toBeGreaterThan(0);
    expect(Number(p99Ms)).toBeGreaterThan(Number(p50Ms));
    expect(Number(p99Ms)).toBeLessThan(sinceFirstMs);
  }
});

test('when a webhook was paused or held: the pause, both holds, and the one release', () => {
  const answers = run(recipeOf('paused or held')).filter(({ event }) =>
    String(event).startsWith('webhook.'),
  );
  const of = (name: string) => answers.filter(({ event }) => event === name);
  expect(of('webhook.paused')).toMatchObject([{ webhook: 'CRM', waitMs: 1000 }]);
  expect(new Set(of('webhook.held').map(({ webhook }) => webhook))).toEqual(
    new Set(['ARCHIVE', 'CHAT']),
  );
  expect(of('webhook.released')).toMatchObject([{ webhook: 'ARCHIVE' }]);
  expect(Number(of('webhook.released')[0]?.['heldForMs'])).toBeGreaterThanOrEqual(4_900);
  expect(answers).toHaveLength(4);
});

test('when polling failed: from the first failure to the recovery, with their number', () => {
  const answers = run(recipeOf('polling fail')).filter(({ event }) =>
    ['poll.failed', 'poll.completed'].includes(String(event)),
  );
  expect(answers[0]).toMatchObject({ event: 'poll.failed', failedInARow: 1 });
  expect(answers.at(-1)).toMatchObject({
    event: 'poll.completed',
    failedBefore: day.refusedPolls,
  });
});

test('when mentions may have been missed: between the two windows that share nothing', () => {
  const { fromMs, toMs } = day.gap;
  const answers = run(recipeOf('been missed')).filter(({ event }) =>
    ['state.empty', 'poll.gap_detected'].includes(String(event)),
  );
  expect(answers).toMatchObject([
    { event: 'state.empty', sending: day.spottedAtMs.size, skipping: 0 },
    {
      event: 'poll.gap_detected',
      missingFrom: new Date(fromMs).toISOString(),
      missingTo: new Date(toMs).toISOString(),
    },
  ]);
});

describe('what needs a person now', () => {
  test('is the failure and the hold that stays, not the one that ended', () => {
    const answers = run(recipeOf('needs a person'));
    expect(answers).toMatchObject([
      { event: 'delivery.failed', webhook: 'SALES', lines: 1 },
      { event: 'webhook.held', webhook: 'CHAT', lines: 1 },
    ]);
    expect(answers).toHaveLength(2);
  });

  const held = { webhook: 'SALES', reason: 'status 503' };

  test.each([
    ['Redis', logged(1, 'redis.lost', 'error') + logged(2, 'redis.back', 'info'), []],
    ['the key', logged(1, 'poll.key_rejected', 'error') + logged(2, 'relay.started', 'info'), []],
    ['a start', logged(1, 'relay.start_failed', 'error') + logged(2, 'relay.started', 'info'), []],
    [
      'Redis, and again',
      logged(1, 'redis.back', 'info') + logged(2, 'redis.lost', 'error'),
      ['redis.lost'],
    ],
    [
      'a URL that is gone',
      logged(1, 'webhook.paused', 'error', { webhook: 'SALES', reason: 'status 410' }) +
        logged(2, 'delivery.succeeded', 'info', { webhook: 'SALES' }),
      [],
    ],
    [
      'another webhook',
      logged(1, 'webhook.held', 'error', held) +
        logged(2, 'webhook.released', 'info', { webhook: 'CRM' }),
      ['webhook.held'],
    ],
    [
      'what does not end by itself',
      logged(1, 'relay.crashed', 'error') + logged(2, 'relay.started', 'info'),
      ['relay.crashed'],
    ],
  ])('knows what ended: %s', (_, log, open) => {
    const answers = run(recipeOf('needs a person'), log);
    expect(answers.map(({ event }) => event)).toEqual(open);
  });
});

describe('the samples', () => {
  test.each(all)('have the form of what jq prints: $question', ({ jq, sample }) => {
    const form = (line: Answer) => [words(line, 'event', 'webhook'), ...Object.keys(line)].join();
    const printed = new Set(run(jq).map(form));
    const shown = sample.split('\n').map((line) => form(JSON.parse(line) as Answer));
    expect(shown.filter((each) => !printed.has(each))).toEqual([]);
  });
});
