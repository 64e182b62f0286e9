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
function showAll(bench: RelayBench, contents: readonly (readonly [string, object])[] = CONTENTS) {
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
  expect(stdout).toContain(`entry "${keyword.toUpperCase()}" of WEBHOOK_A_EXCLUDE matches the`);
});

const WORDS = {
  WEBHOOK_A_INCLUDE: 'no such word, looking for + agent*, 求职, "5*"',
  WEBHOOK_A_EXCLUDE: 'rent* + month, apply*',
};
const LEADS = [
  ['both', { content: 'Which agents? I am\nLOOKING  FOR a good one' }],
  ['one', { content: 'Looking for a reagent' }],
  ['chinese', { content: '我在求职中' }],
  ['star', { content: 'A 5* agent' }],
  ['name', { content: 'Looking for help', owner: { id: '1', name: 'Top Agents', link: '' } }],
  ['excluded', { content: 'Agent looking for tenants: rents by the month' }],
  ['ending', { content: 'Looking for an agent? Apply2day' }],
  ['nothing', { content: false }],
] as const;
const INCLUDED = ['both', 'chinese', 'star'];

test('a webhook gets just what holds the words of one of its rules, and the log holds only the kind', async () => {
  await using bench = await relayBench();
  showAll(bench, LEADS);
  const relay = bench.relay({ ...WORDS, WEBHOOK_B_URL: bench.b.url, LOG_LEVEL: 'trace' });
  await bench.b.waitFor(LEADS.length);
  await bench.a.waitFor(INCLUDED.length);
  expect(bench.a.mentionIds()).toEqual(INCLUDED);
  await waitUntil(
    'a line for each mention',
    () => relay.events('mention.queued').length === LEADS.length,
  );
  const excluded = new Map(
    relay.events('mention.queued').map((line) => [line['mentionId'], line['excluded']]),
  );
  expect(Object.fromEntries(excluded)).toEqual({
    both: undefined,
    one: { A: 'include' },
    chinese: undefined,
    star: undefined,
    name: { A: 'include' },
    excluded: { A: 'exclude' },
    ending: { A: 'exclude' },
    nothing: { A: 'include' },
  });
  expect(relay.stdout()).not.toMatch(/good one|tenants|top agents|求职中/i);
});

test('preview names the rule that includes a mention, and that which excludes it', async () => {
  await using bench = await relayBench();
  showAll(bench, LEADS);
  const people = await bench.run(['preview'], WORDS);
  for (const line of [
    '  A: included by its _INCLUDE "looking for + agent*"\n',
    '  A: included by its _INCLUDE "求职"\n',
    '  not A: content matches no entry of its _INCLUDE\n',
    '  not A: excluded by its _EXCLUDE "rent* + month"\n',
  ]) {
    expect(people.stdout).toContain(line);
  }
  const { stdout } = await bench.run(['preview', '--json'], WORDS);
  const { mentions } = JSON.parse(stdout) as {
    mentions: { mentionId: string; webhooks: { A: object } }[];
  };
  const by = (rule: string) => ({ gets: true, because: 'include', rule });
  const not = (because: string, rule?: string) => ({ gets: false, because, rule });
  expect(mentions.map(({ mentionId, webhooks }) => [mentionId, webhooks.A])).toEqual([
    ['both', by('looking for + agent*')],
    ['one', not('include')],
    ['chinese', by('求职')],
    ['star', by('"5*"')],
    ['name', not('include')],
    ['excluded', not('exclude', 'rent* + month')],
    ['ending', not('exclude', 'apply*')],
    ['nothing', not('include')],
  ]);
});

test('a mistake in a rule stops the start and says what to write', async () => {
  await using bench = await relayBench();
  const { code, stderr } = await bench.run(['check'], {
    WEBHOOK_A_INCLUDE: 'agent, *agent',
    WEBHOOK_A_EXCLUDE: 'hiring +',
  });
  expect(code).toBe(78);
  expect(stderr).toContain(
    'WEBHOOK_A_INCLUDE has an entry (number 2) that has a "*" before its end: write agent*, or put the text in quotation marks.',
  );
  expect(stderr).toContain(
    'WEBHOOK_A_EXCLUDE has an entry (number 1) that has a "+" without words on both sides: write a + b, or put the text in quotation marks.',
  );
});
