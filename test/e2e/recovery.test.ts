import { expect, test } from 'vitest';
import { redisKeys } from '../../src/redis/redis-keys.ts';
import { SANDBOX_GROUPS } from '../../src/sandbox/account.ts';
import type { SandboxMention } from '../../src/sandbox/made-up-mentions.ts';
import type { Receiver } from '../helpers/receiver.ts';
import { relayBench } from '../helpers/relay-bench.ts';
import { waitUntil } from '../helpers/wait-until.ts';

const keys = redisKeys('mention-relay');

/** Returns the events of one type that a receiver got. */
function got(receiver: Receiver, type: string): Record<string, unknown>[] {
  return receiver.received.map(({ json }) => json()).filter((event) => event['type'] === type);
}

const links = (events: readonly Record<string, unknown>[]): string[] =>
  events.map(({ data }) => (data as { link: string }).link);

const linksOf = (mentions: readonly SandboxMention[]): string[] => mentions.map(({ link }) => link);

/** Returns two mentions of three with a link of which only the query names the post. */
function withOtherLink(mention: SandboxMention, index: number): SandboxMention {
  if (index % 3 === 0) return mention;
  const query = index % 3 === 1 ? 'photo.php?fbid=' : 'permalink.php?id=1&story_fbid=pfbid0';
  return { ...mention, keyword: 'crm', link: `https://facebook.com/${query}${mention.id}` };
}

test.concurrent(
  'mentions of a gap are recovered once, logged, and not sent again when they come back',
  async () => {
    await using bench = await relayBench({ backlog: 60 });
    const { sandbox, a, b } = bench;
    const relay = bench.relay({
      WEBHOOK_ALERTS_URL: b.url,
      WEBHOOK_ALERTS_EVENTS: 'alerts',
    });
    await a.waitFor(60);
    // More between two polls than a window shows.
    const made = sandbox.spot(250);
    sandbox.removeMentions(made.map(({ id }) => id));
    const spotted = made.map(withOtherLink);
    sandbox.addMentions(...spotted);
    await a.waitFor(60 + 250, 30_000);

    const swallowed = spotted.slice(0, 150);
    expect(links(got(a, 'mention.recovered')).toSorted()).toEqual(linksOf(swallowed).toSorted());
    expect(links(got(a, 'mention.created')).slice(60)).toEqual(linksOf(spotted.slice(150)));
    expect(relay.events('gap.closed')).toMatchObject([
      { level: 'info', recovered: 150, groups: 4 },
    ]);
    expect(got(b, 'gap.detected')).toHaveLength(1);
    expect(b.received).toHaveLength(1);

    // The newer ones are deleted, and the recovered ones slide back into the window.
    sandbox.removeMentions(spotted.slice(150).map(({ id }) => id));
    await waitUntil(
      'them to be recognised',
      () =>
        relay.events('mention.skipped').filter(({ reason }) => reason === 'recovered').length ===
        100,
    );
    const [last] = sandbox.spot();
    await waitUntil('one more', () => links(got(a, 'mention.created')).includes(last?.link ?? ''));
    expect(a.received).toHaveLength(60 + 250 + 1);

    const { stdout } = await bench.run(['status', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      gaps: 1,
      openGaps: 0,
      recovered: 150,
      unknown: null,
    });
  },
  60_000,
);

test.concurrent(
  'a gap of an account with many groups does not take the budget from its polls',
  async () => {
    const [model] = SANDBOX_GROUPS;
    const groups = Array.from({ length: 20 }, (_, index) => ({
      ...(model as (typeof SANDBOX_GROUPS)[number]),
      id: String(5e14 + index),
    }));
    await using bench = await relayBench({ backlog: 100, groups, requestLimit: 60 });
    const { sandbox, a } = bench;
    const relay = bench.relay();
    await a.waitFor(100);
    const asked = (polls: boolean) =>
      sandbox.requests().filter(({ endpoint }) => (endpoint === '/account/mentions') === polls);
    sandbox.spot(250);
    await relay.waitForEvent('poll.gap_detected');
    const before = asked(true).length;
    await waitUntil('three more polls', () => asked(true).length >= before + 3, 20_000);
    // A tenth of 60, of which the check at the start took one.
    expect(asked(false).map(({ endpoint }) => endpoint)).toEqual([
      '/account/groups',
      '/account/groups',
      ...Array.from({ length: 4 }, () => '/account/group'),
    ]);
  },
  60_000,
);

test.concurrent(
  'the part of a gap that the groups no longer list is reported as unknown',
  async () => {
    await using bench = await relayBench({ backlog: 60, postsPerGroup: 20 });
    const { sandbox, a } = bench;
    const relay = bench.relay();
    await a.waitFor(60);
    sandbox.spot(300);
    await relay.waitForEvent('gap.unresolved');
    const [told] = relay.events('gap.unresolved');
    expect(told).toMatchObject({ level: 'warn', groups: 4, unknownGroups: 3 });
    // Each window's mention is among the posts, too.
    expect(told?.['recovered']).toBeLessThan(60);

    const { stdout } = await bench.run(['status']);
    expect(stdout).toMatch(/unknown/i);
  },
  60_000,
);

test.concurrent(
  'a killed sweep is repeated, and sends nothing twice',
  async () => {
    await using bench = await relayBench({ backlog: 60 });
    const { sandbox, a } = bench;
    // The groups answer so late that a kill falls into the sweep.
    sandbox.fault({ kind: 'delay', delayMs: 9_000, endpoint: '/account/group' });
    const killed = bench.relay();
    await a.waitFor(60);
    const spotted = sandbox.spot(250);
    await waitUntil('a group to be asked', () =>
      sandbox.requests().some(({ endpoint }) => endpoint === '/account/group'),
    );
    // No delivery is under way: it would continue only after its lock has expired.
    await waitUntil('the rest', () => killed.events('delivery.succeeded').length === 160);
    killed.kill('SIGKILL');
    await killed.ended;
    expect(got(a, 'mention.recovered')).toEqual([]);
    sandbox.clearFaults();
    const relay = bench.relay();
    await relay.waitForEvent('gap.closed', 1, 60_000);
    await waitUntil(
      'all of them',
      () => new Set(a.received.map(({ text }) => linkIn(text))).size === 310,
    );
    const recovered = links(got(a, 'mention.recovered'));
    expect(recovered.toSorted()).toEqual(linksOf(spotted.slice(0, 150)).toSorted());
  },
  120_000,
);

function linkIn(text: string): string {
  return (JSON.parse(text) as { data: { link: string } }).data.link;
}

test.concurrent(
  'a sweep of the day is logged with its completeness',
  async () => {
    // A third of the mentions are in no window: only their groups show them.
    await using bench = await relayBench({ backlog: 60, windowSize: 40 });
    const { sandbox, a } = bench;
    const first = bench.relay();
    await a.waitFor(40);
    first.kill('SIGTERM');
    await first.ended;
    const now = Date.now();
    await bench.redis.client.hset(keys.state, {
      rememberedFromMs: now - 86_400_000,
      sweptAtMs: now - 86_400_000,
    });
    const relay = bench.relay();
    const told = await relay.waitForEvent('sweep.completed');
    await a.waitFor(60);
    expect(links(got(a, 'mention.recovered')).toSorted()).toEqual(
      linksOf(sandbox.mentions().slice(40)).toSorted(),
    );
    expect(told['recovered']).toBe(20);
    expect(Number(told['posts']) - Number(told['inTime'])).toBe(20);

    const { stdout } = await bench.run(['status', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      recovered: 20,
      completeness: { posts: told['posts'], inTime: told['inTime'] },
    });
  },
  60_000,
);

test.concurrent(
  'groups that leave tracking, and return, are logged and sent as alerts',
  async () => {
    const groups = [...SANDBOX_GROUPS];
    await using bench = await relayBench({ groups });
    const { a, b } = bench;
    const env = { WEBHOOK_ALERTS_URL: b.url, WEBHOOK_ALERTS_EVENTS: 'alerts' };
    const [tracked] = groups;
    if (tracked === undefined) throw new Error('no group');

    let changes = 0;
    async function checkAgain(): Promise<void> {
      await bench.redis.client.del(keys.coverage);
      const relay = bench.relay(env);
      await relay.waitForEvent('relay.started');
      await waitUntil(
        'a check',
        async () => (await bench.redis.client.exists(keys.coverage)) === 1,
      );
      await relay.waitForEvent('group.coverage_changed');
      changes += 1;
      await b.waitFor(changes);
      relay.kill('SIGTERM');
      await relay.ended;
    }

    const first = bench.relay(env);
    await waitUntil(
      'the first check',
      async () => (await bench.redis.client.exists(keys.groups)) === 1,
    );
    expect(first.events('group.coverage_changed')).toEqual([]);
    first.kill('SIGTERM');
    await first.ended;

    groups[0] = { ...tracked, tracking: false };
    await checkAgain();
    groups[0] = tracked;
    await checkAgain();
    groups.shift();
    await checkAgain();

    expect(got(b, 'group.coverage_changed').map(({ data }) => data)).toMatchObject([
      { change: 'left', group: { id: tracked.id, name: tracked.name }, status: 'pending access' },
      { change: 'returned', group: { id: tracked.id, name: tracked.name } },
      { change: 'vanished', group: { id: tracked.id } },
    ]);
    expect(a.received).toEqual([]);
  },
  60_000,
);
