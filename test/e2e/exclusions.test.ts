import { expect, test } from 'vitest';
import { SANDBOX_GROUPS } from '../../src/sandbox/account.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { relayBench, type RelayBench } from '../helpers/relay-bench.ts';

const TRACKED = { groups: SANDBOX_GROUPS.filter(({ tracking }) => tracking) };
const EXCLUSIONS = {
  WEBHOOK_A_EXCLUDE: 'no such word, Looking for  Work, 求职, C++',
  WEBHOOK_A_EXCLUDE_AUTHORS: 'Mallory M., 100007',
};

const CONTENTS = [
  ['kept', { content: 'Overlooking for work? See start.net and C' }],
  ['phrase', { content: 'Hi all,\nI am LOOKING\n\nfor w\u200bork!' }],
  ['chinese', { content: '我在求职中' }],
  ['symbols', { content: 'C++20 developer' }],
  ['name', { content: 'Hello', owner: { id: '1', name: 'Looking for Work Daily', link: '' } }],
  ['author', { content: 'Hello', owner: { id: '2', name: 'MALLORY  M.', link: '' } }],
  ['author-id', { content: 'Hello', owner: { id: 100_007, name: 'Nobody', link: '' } }],
  ['last', { content: `${'x '.repeat(31_600)}end` }],
] as const;
const SENT = ['kept', 'last'];

/** Sets a window with each of the contents, oldest first. */
function showAll(bench: RelayBench, contents: readonly (typeof CONTENTS)[number][] = CONTENTS) {
  const [made] = bench.sandbox.spot(1);
  bench.sandbox.setWindow(
    contents
      .map(([id, item], index) => ({
        ...made,
        ...item,
        id,
        spotted: String(1_699_459_000 + index),
      }))
      .toReversed(),
  );
}

test('a webhook gets nothing that its exclusions name, another one gets all, and the log holds no content', async () => {
  await using bench = await relayBench();
  showAll(bench);
  const relay = bench.relay({ ...EXCLUSIONS, WEBHOOK_B_URL: bench.b.url, LOG_LEVEL: 'trace' });
  await bench.b.waitFor(CONTENTS.length);
  await bench.a.waitFor(SENT.length);
  expect(new Set(bench.b.mentionIds())).toEqual(new Set(CONTENTS.map(([id]) => id)));
  expect(bench.a.mentionIds()).toEqual(SENT);

  await waitUntil(
    'a line for each mention',
    () => relay.events('mention.queued').length === CONTENTS.length,
  );
  const excluded = new Map(
    relay.events('mention.queued').map((line) => [line['mentionId'], line['excluded']]),
  );
  expect(Object.fromEntries(excluded)).toEqual({
    kept: undefined,
    phrase: { A: 'exclude' },
    chinese: { A: 'exclude' },
    symbols: { A: 'exclude' },
    name: { A: 'exclude' },
    author: { A: 'exclude_authors' },
    'author-id': { A: 'exclude_authors' },
    last: undefined,
  });
  expect(relay.stdout()).not.toMatch(/mallory|hi all|developer/i);
});

test('preview names the entry that excludes a mention, for people and for scripts', async () => {
  await using bench = await relayBench();
  showAll(bench);
  const people = await bench.run(['preview'], EXCLUSIONS);
  expect(people.stdout).toContain('  not A: excluded by its _EXCLUDE "Looking for  Work"\n');
  expect(people.stdout).toContain('  not A: excluded by its _EXCLUDE "求职"\n');
  expect(people.stdout).toContain('  not A: excluded by its _EXCLUDE_AUTHORS "Mallory M."\n');
  const { stdout } = await bench.run(['preview', '--json'], EXCLUSIONS);
  const { mentions } = JSON.parse(stdout) as {
    mentions: { mentionId: string; webhooks: { A: object } }[];
  };
  const phrase = { gets: false, because: 'exclude', rule: 'Looking for  Work' };
  expect(mentions.map(({ mentionId, webhooks }) => [mentionId, webhooks.A])).toEqual([
    ['kept', { gets: true }],
    ['phrase', phrase],
    ['chinese', { gets: false, because: 'exclude', rule: '求职' }],
    ['symbols', { gets: false, because: 'exclude', rule: 'C++' }],
    ['name', phrase],
    ['author', { gets: false, because: 'exclude_authors', rule: 'Mallory M.' }],
    ['author-id', { gets: false, because: 'exclude_authors', rule: '100007' }],
    ['last', { gets: true }],
  ]);
  expect(bench.a.received).toEqual([]);
});

test('check warns of exclusions that exclude every mention, and accepts others', async () => {
  await using bench = await relayBench(TRACKED);
  showAll(bench);
  const fine = await bench.run(['check'], EXCLUSIONS);
  expect([fine.code, fine.stdout]).toEqual([0, expect.stringContaining('All is well.')]);
  expect(fine.stdout).not.toContain('Mallory');

  showAll(
    bench,
    CONTENTS.filter(([id]) => !SENT.includes(id)),
  );
  const all = await bench.run(['check'], { ...EXCLUSIONS, WEBHOOK_B_URL: bench.b.url });
  expect(all.code).toBe(1);
  expect(all.stdout).toContain('the exclusions of A reject all 6 current mentions');
  expect(all.stdout).toContain('1 warning.');

  const [keyword = ''] = TRACKED.groups.flatMap(({ keywords }) => keywords.map(({ name }) => name));
  const { stdout } = await bench.run(['check'], { WEBHOOK_A_EXCLUDE: keyword.toUpperCase() });
  expect(stdout).toContain(`entry "${keyword.toUpperCase()}" of WEBHOOK_A_EXCLUDE is part of the`);
});
