import { Webhook as Verifier } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { startReceiver } from '../helpers/receiver.ts';
import { relayBench, type RelayBench } from '../helpers/relay-bench.ts';
import { SIGNING_SECRETS } from '../webhooks/delivery-samples.ts';
import { expectSlackMessage, richTextOf, textsOf } from '../webhooks/slack/slack-limits.ts';

const GROUP = { id: '7', name: 'Cafe\u0301\u00a0Zu\u0308rich &amp; Friends' };
const OWNER = { id: '1', name: 'Sean O&#8217;Neil', link: '' };
const WANTED = {
  id: 'wanted',
  keyword: 'it\u2019s a\u202fhouse',
  position: 'Comment',
  content: 'It&#039;s a house &amp; garden &lt;!channel&gt; &#55357;&#56832;',
  link: 'https://facebook.com/permalink.php?story_fbid=2&amp;id=7',
  group: GROUP,
  owner: OWNER,
  cut: 'half \ud83d and \u0000',
};
// One part of each is not what the filters below name.
const OTHERS = [
  { ...WANTED, id: 'keyword', keyword: 'it is a house' },
  { ...WANTED, id: 'group', group: { id: '8', name: 'Cafe Zurich & Friends' } },
  { ...WANTED, id: 'position', position: 'post' },
  { ...WANTED, id: 'phrase', content: 'For buyers &amp;\u2009sellers' },
  { ...WANTED, id: 'author', owner: { ...OWNER, id: '2', name: 'Bots &amp; Co' } },
];
const FILTERS = {
  KEYWORDS: "IT'S A HOUSE",
  GROUPS: 'Café Zürich & Friends',
  POSITIONS: 'comment',
  EXCLUDE: 'buyers & sellers',
  EXCLUDE_AUTHORS: 'bots & co',
};

function filtersOf(webhook: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(FILTERS).map(([name, value]) => [`WEBHOOK_${webhook}_${name}`, value]),
  );
}

function showAll({ sandbox }: RelayBench): void {
  const [made] = sandbox.spot(1);
  sandbox.setWindow(
    [WANTED, ...OTHERS].map((item, index) =>
      Object.assign({}, made, item, { spotted: String(1_699_459_000 - index) }),
    ),
  );
}

test('a mention reaches just the webhooks whose filters name it in plain characters', async () => {
  await using bench = await relayBench();
  const chat = await startReceiver();
  showAll(bench);
  const relay = bench.relay({
    ...filtersOf('A'),
    WEBHOOK_A_SECRET: SIGNING_SECRETS[0],
    WEBHOOK_B_URL: bench.b.url,
    ...filtersOf('CHAT'),
    WEBHOOK_CHAT_URL: chat.url,
    WEBHOOK_CHAT_TYPE: 'slack',
  });
  await relay.waitForEvent('delivery.succeeded', 1 + OTHERS.length + 2);
  await relay.waitForEvent('mention.queued', 1 + OTHERS.length);
  await chat.stop();

  const queued = relay
    .events('mention.queued')
    .map((line) => [line['mentionId'], line['webhooks']]);
  expect(Object.fromEntries(queued)).toEqual({
    [WANTED.id]: ['A', 'B', 'CHAT'],
    ...Object.fromEntries(OTHERS.map(({ id }) => [id, ['B']])),
  });
  expect(bench.a.mentionIds()).toEqual([WANTED.id]);
  const [request] = bench.a.received;
  expect(request?.json()).toMatchObject({ data: { ...WANTED, cut: 'half \ufffd and \ufffd' } });
  new Verifier(SIGNING_SECRETS[0]).verify(
    request?.text ?? '',
    request?.headers as Record<string, string>,
  );

  const message = expectSlackMessage(chat.received[0]?.text ?? '');
  const { text, blocks = [] } = message;
  expect(text).toContain("It's a house &amp; garden &lt;!channel&gt; 😀");
  expect(blocks.map((block) => textsOf(block).map((each) => each.text))).toEqual([
    [`it’s a house in ${'Café Zürich'.normalize('NFD')} &amp; Friends`],
    [],
    [
      'in a comment',
      expect.any(String),
      '*<https://facebook.com/permalink.php?story_fbid=2&amp;id=7|Open post>*',
    ],
  ]);
  expect(richTextOf(message)).toEqual(["“*It's a house* & garden <!channel> 😀”", '— Sean O’Neil']);
});

test('a mention is sent once, whether its text comes with entities or without', async () => {
  await using bench = await relayBench();
  const { a, sandbox } = bench;
  const [made] = sandbox.spot(1);
  const plain = {
    ...made,
    keyword: "it's a house",
    content: 'house & garden',
    link: 'https://facebook.com/permalink.php?story_fbid=2&id=7',
    group: { id: '7', name: 'Café & Friends' },
  };
  const window = ['first', 'second', 'third'].map((id) => Object.assign({}, plain, { id }));
  sandbox.setWindow(window);
  bench.relay();
  await a.waitFor(3);

  sandbox.fault({ kind: 'entities', times: Infinity });
  sandbox.setWindow([...window, { ...plain, id: 'encoded' }]);
  await a.waitFor(4);
  sandbox.setWindow([...window, { ...plain, id: 'last' }]);
  await a.waitFor(5);
  expect(a.mentionIds().toSorted()).toEqual(['encoded', 'first', 'last', 'second', 'third']);
  expect(a.received.at(-1)?.json()).toMatchObject({
    data: {
      keyword: 'it&#039;s a house',
      link: 'https://facebook.com/permalink.php?story_fbid=2&amp;id=7',
      group: { name: 'Café &amp; Friends' },
    },
  });
});

test('preview names the part that keeps each of the others away', async () => {
  await using bench = await relayBench();
  showAll(bench);
  const { stdout } = await bench.run(['preview', '--json'], filtersOf('A'));
  const { mentions } = JSON.parse(stdout) as {
    mentions: { mentionId: string; webhooks: { A: object } }[];
  };
  expect(Object.fromEntries(mentions.map((each) => [each.mentionId, each.webhooks.A]))).toEqual({
    wanted: { gets: true },
    keyword: { gets: false, because: 'keyword' },
    group: { gets: false, because: 'group' },
    position: { gets: false, because: 'position' },
    phrase: { gets: false, because: 'exclude', rule: 'buyers & sellers' },
    author: { gets: false, because: 'exclude_authors', rule: 'bots & co' },
  });
});
