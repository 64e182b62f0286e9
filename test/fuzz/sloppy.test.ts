import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { createApp } from '../../src/app/app.ts';
import { readConfig } from '../../src/config/env.ts';
import { seededRandom } from '../chaos/seeded-random.ts';
import { startPrivateRedis } from '../helpers/private-redis.ts';
import { startReceiver, type Receiver } from '../helpers/receiver.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { expectEvent } from '../webhooks/http/http-payload.ts';
import { expectSlackMessage } from '../webhooks/slack/slack-limits.ts';
import { capturedLog, expectLogLines } from './log-lines.ts';
import { foreignAnswer, NESTED, sloppyWindow, type Said } from './sloppy-window.ts';

const SEED = Number(process.env['SLOPPY_SEED'] ?? Math.floor(Math.random() * 1e6));
const POLLS = 60;
const FOREIGN_EVERY = 20;
const NOTHING = { id: '', name: '', link: '' };

/** Returns the link to a post of this number, in one of the forms that name it. */
function postLink(number: number): string {
  const paths = [
    `groups/16179/permalink/${number}`,
    `groups/16179/posts/${number}`,
    `permalink.php?story_fbid=${number}&id=16179`,
    `permalink.php?story_fbid=pfbid0${number}l&id=16179`,
    `photo.php?fbid=${number}`,
    `watch/?v=${number}`,
    `share/p/${number}ab`,
  ];
  return `https://facebook.com/${paths[number % paths.length]}`;
}

/**
 * Returns mentions that lack what the API may lack; their content is their name. Every fifth is a comment
 * on the post before it.
 */
function saidBy(random: () => number, count: number): Said[] {
  const some = (text: string): string => (random() < 0.3 ? '' : text);
  const ids = Array.from({ length: count }, (_, number) =>
    random() < 0.2 ? '' : `29439${number}`,
  );
  return ids.map((ownId, number): Said => {
    const isComment = number % 5 === 4;
    const id = isComment ? (ids[number - 1] ?? '') : ownId;
    const post = postLink(1_000 + number - (isComment ? 1 : 0));
    const comment = `${post}${post.includes('?') ? '&' : '?'}comment_id=${7_000 + number}`;
    const postOrNone = id === '' ? post : some(post);
    return {
      id,
      keyword: number % 2 === 0 ? 'R&D' : some("buyer's agent"),
      position: some('post'),
      content: `#${number} it is Ann's <new> "R&D" office`,
      link: isComment ? comment : postOrNone,
      owner:
        random() < 0.2
          ? NOTHING
          : {
              id: `1000${number}`,
              name: some("Ana O'P."),
              link: some(`https://facebook.com/profile.php?id=1000${number}`),
            },
      group: random() < 0.2 ? { id: '', name: '' } : { id: '16179', name: some('Homes & "Land"') },
      spottedS: 1_699_459_000 + number,
    };
  });
}

const UNREADABLE = [
  null,
  7,
  'words',
  { content: 'neither id nor link' },
  { id: 0, keyword: 'x' },
  { content: 'nested', [NESTED]: NESTED },
];
const NAME = /#\d+(?= it is)/;

/** Returns the names of the mentions at a receiver, repeats too. */
const namesAt = (receiver: Receiver, textOf: (body: string) => string): string[] =>
  receiver.received.map(({ text }) => NAME.exec(textOf(text))?.[0] ?? text);
const contentOf = (body: string): string =>
  String((expectEvent(body)['data'] as { content: unknown }).content);
const slackTextOf = (body: string): string => JSON.stringify(expectSlackMessage(body));

test(`every readable mention is delivered once, in whatever forms its window comes (SLOPPY_SEED=${SEED})`, async () => {
  const random = seededRandom(SEED);
  const said = saidBy(random, 40);
  let polls = 0;
  let goodPolls = 0;
  const api = createServer((request, response) => {
    request.resume();
    const isWindow = request.url?.endsWith('/account/mentions') === true;
    if (isWindow) polls += 1;
    const foreign = isWindow && polls % FOREIGN_EVERY === 0;
    if (isWindow && !foreign) goodPolls += 1;
    // The account grows, so that every form is met by new and by known mentions. It is never full.
    const shown = said.slice(0, Math.min(said.length, Math.floor(goodPolls / 1.2)));
    const { status, body } = foreign
      ? foreignAnswer(random)
      : sloppyWindow(shown, goodPolls > 10 ? UNREADABLE : [], random);
    response.writeHead(status, { 'content-type': 'text/html; charset=iso-8859-1' }).end(body);
  });
  api.listen(0, '127.0.0.1');
  const [redis, http, slack, crm, alerts] = await Promise.all([
    startPrivateRedis(),
    ...Array.from({ length: 4 }, () => startReceiver()),
  ] as const);
  const { log, written } = await capturedLog();
  const reading = readConfig(
    {
      GROOUPLY_API_KEY: 'the-api-key',
      GROOUPLY_API_URL: `http://127.0.0.1:${(api.address() as AddressInfo).port}/api`,
      REDIS_URL: redis.url,
      POLL_INTERVAL_SECONDS: '0.1',
      RATE_BUDGET_PER_MINUTE: '60',
      WEBHOOK_HTTP_URL: http?.url,
      WEBHOOK_SLACK_URL: slack?.url,
      WEBHOOK_SLACK_TYPE: 'slack',
      WEBHOOK_SLACK_RATE_PER_SECOND: '1000',
      WEBHOOK_CRM_URL: crm?.url,
      WEBHOOK_CRM_KEYWORDS: 'r&d',
      WEBHOOK_ALERTS_URL: alerts?.url,
      WEBHOOK_ALERTS_EVENTS: 'alerts',
    },
    { readFile: () => '', stdoutIsTty: false },
  );
  if (!reading.ok) throw new Error(JSON.stringify(reading.error));
  const { value: config } = reading;
  const app = createApp({ ...config, budget: { ...config.budget, windowMs: 1_000 } }, log, {
    nowMs: Date.now,
    monotonicMs: () => performance.now(),
    random: Math.random,
  });
  await app.start();
  try {
    const names = said.map((_, number) => `#${number}`);
    const wanted = names.filter((_, number) => said[number]?.keyword === 'R&D');
    await waitUntil('all forms', () => goodPolls >= POLLS, 60_000);
    await waitUntil('the deliveries', () => (http?.received.length ?? 0) >= names.length, 10_000);
    await waitUntil('a poll that shows no repeat', () => goodPolls >= POLLS + 5, 10_000);
    expect(namesAt(http as Receiver, contentOf).toSorted()).toEqual(names.toSorted());
    expect(namesAt(slack as Receiver, slackTextOf).toSorted()).toEqual(names.toSorted());
    expect(namesAt(crm as Receiver, contentOf).toSorted()).toEqual(wanted.toSorted());
    for (const { text } of slack?.received ?? []) {
      expect(text).toContain("'s &lt;new&gt;");
      expect(text).not.toMatch(/&amp;(?:amp|lt|gt|quot|apos|#)/);
    }
    expect(alerts?.received.map(({ json }) => json()['data'])).toEqual([
      { trouble: 'items_unreadable', webhook: null },
    ]);
  } finally {
    await app.stop();
    await Promise.all([redis, http, slack, crm, alerts].map(async (each) => each?.stop()));
    api.closeAllConnections();
    api.close();
  }
  expectLogLines(written);
  const lines = written.map((line) => JSON.parse(line) as { event: string; fingerprint?: string });
  const events = Map.groupBy(lines, ({ event }) => event);
  // Nothing unreadable is silent, and nothing else is unreadable.
  const prints = events.get('poll.item_malformed')?.map(({ fingerprint }) => fingerprint) ?? [];
  expect(new Set(prints).size).toBe(UNREADABLE.length);
  for (const event of ['poll.key_rejected', 'poll.gap_detected', 'delivery.failed'])
    expect(events.get(event), event).toBeUndefined();
}, 90_000);
