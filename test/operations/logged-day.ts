import type { SandboxMention } from '../../src/sandbox/made-up-mentions.ts';
import { startReceiver, type Received, type Receiver } from '../helpers/receiver.ts';
import { relayBench } from '../helpers/relay-bench.ts';
import { waitUntil } from '../helpers/wait-until.ts';

/** One POST of a mention, as its receiver saw it. */
export interface Post {
  readonly webhook: string;
  readonly id: string;
  readonly status: number;
  /** The size of the batch. */
  readonly together: number;
  /** Whether it is an attempt that counts; a pause and a failed probe do not. */
  readonly counts: boolean;
}

/** The log of a relay to which everything happened, and the view of its receivers. */
export interface LoggedDay {
  /** All of stdout. */
  readonly log: string;
  /** In order of arrival. */
  readonly posts: readonly Post[];
  /** When each mention that a webhook wanted was spotted, by its id. */
  readonly spottedAtMs: ReadonlyMap<string, number>;
  /** The webhooks that want a mention. */
  readonly wantedBy: (id: string) => readonly string[];
  /** The number of polls in a row that the API refused. */
  readonly refusedPolls: number;
  /** When the newest mention before the gap and the oldest after it were spotted. */
  readonly gap: { readonly fromMs: number; readonly toMs: number };
}

// Mentions are spotted this far apart, so that the few seconds of the run do not matter.
const STEP_MS = 600_000;
const REFUSED_POLLS = 3;
const FAILURES_BEFORE_HOLD = 5;

const WEBHOOKS_OF: Readonly<Record<string, readonly string[]>> = {
  'looking for an agent': ['CRM', 'SALES'],
  moving: ['ARCHIVE'],
  rental: ['CHAT'],
  garden: [],
};

/** The four mentions for SALES and CRM. SALES takes one at once, one late, one never, one not yet. */
export const AGENT = { late: '29439935', once: '29439936', refused: '29439937', open: '29439938' };

/**
 * Runs a relay with four webhooks until each of these happened: a success, a retry that succeeds, a
 * failure for good, a delivery that is not over (SALES); a pause and a batch (CRM); a hold that ends
 * (ARCHIVE) and one that does not (CHAT); unwanted mentions, polls that fail and recover, a gap.
 */
export async function loggedDay(): Promise<LoggedDay> {
  await using bench = await relayBench();
  const { sandbox } = bench;
  await using stack = new AsyncDisposableStack();
  const receiver = async (): Promise<Receiver> =>
    stack.adopt(await startReceiver(), (each) => each.stop());
  const receivers = {
    SALES: await receiver(),
    CRM: await receiver(),
    ARCHIVE: await receiver(),
    CHAT: await receiver(),
  };
  const posts: Post[] = [];
  const answered = (webhook: string, status: number, request: Received, counts = true) => {
    const ids = idsIn(request);
    posts.push(...ids.map((id) => ({ webhook, id, status, together: ids.length, counts })));
    return { status, headers: status === 429 ? { 'retry-after': '1' } : {} };
  };
  const before = (webhook: string, id: string) =>
    posts.filter((post) => post.webhook === webhook && post.id === id).length;
  receivers.SALES.answerWith((request) => {
    const [id = ''] = idsIn(request);
    const failing = id === AGENT.open || (id === AGENT.late && before('SALES', id) === 0);
    return answered('SALES', id === AGENT.refused ? 404 : failing ? 503 : 200, request);
  });
  receivers.CRM.answerWith((request, count) =>
    count === 1 ? answered('CRM', 429, request, false) : answered('CRM', 200, request),
  );
  receivers.ARCHIVE.answerWith((request, count) =>
    answered('ARCHIVE', count <= FAILURES_BEFORE_HOLD ? 503 : 200, request),
  );
  receivers.CHAT.answerWith((request, count) =>
    answered('CHAT', 503, request, count <= FAILURES_BEFORE_HOLD),
  );

  const nowMs = Math.floor(Date.now() / 1000) * 1000;
  const stepsAgoMs = (steps: number) => nowMs - (steps + 0.5) * STEP_MS;
  const first = [
    mention('700', 'garden', stepsAgoMs(20)),
    ...[1, 2, 3, 4, 5].map((n) => mention(`60${n}`, 'rental', stepsAgoMs(20 - n))),
    ...[1, 2, 3, 4, 5, 6].map((n) => mention(`50${n}`, 'moving', stepsAgoMs(12 - n))),
    ...Object.values(AGENT).map((id, n) => mention(id, 'looking for an agent', stepsAgoMs(5 - n))),
  ];
  sandbox.addMentions(...first);
  const relay = bench.relay({
    POLL_INTERVAL_SECONDS: '0.5',
    RETRY_SCHEDULE_SECONDS: '3,600',
    WEBHOOK_A_URL: undefined,
    WEBHOOK_A_CONCURRENCY: undefined,
    ...Object.fromEntries(
      Object.entries(receivers).flatMap(([name, { url }]) => [
        [`WEBHOOK_${name}_URL`, url],
        [`WEBHOOK_${name}_CONCURRENCY`, '1'],
        [`WEBHOOK_${name}_KEYWORDS`, keywordsOf(name)],
      ]),
    ),
    WEBHOOK_CRM_BATCH_SIZE: '10',
  });
  await relay.waitForEvent('mention.skipped');

  // A 400 is not tried again within its poll.
  sandbox.fault({
    kind: 'status',
    status: 400,
    endpoint: '/account/mentions',
    times: REFUSED_POLLS,
  });
  await waitUntil('polls to recover', () =>
    relay.events('poll.completed').some((line) => 'failedBefore' in line),
  );

  const after = Array.from({ length: 100 }, (_, n) =>
    mention(`${800 + n}`, 'garden', stepsAgoMs(0) + n * 1000),
  );
  sandbox.addMentions(...after);
  await relay.waitForEvent('poll.gap_detected');

  const lines = (webhook: string, event: string) =>
    relay.events(event).filter((line) => line['webhook'] === webhook);
  await waitUntil('CRM to have all', () => lines('CRM', 'delivery.succeeded').length === 4);
  await waitUntil('the open one to wait', () => before('SALES', AGENT.open) === 2);
  await waitUntil('the late one', () => lines('SALES', 'delivery.succeeded').length === 2);
  await waitUntil('the hold that stays', () => lines('CHAT', 'webhook.held').length === 1);
  await waitUntil('the held ones', () => lines('ARCHIVE', 'delivery.succeeded').length === 6);
  relay.kill('SIGTERM');
  await relay.ended;

  const all = [...first, ...after];
  const wantedBy = (id: string) =>
    WEBHOOKS_OF[all.find((each) => each.id === id)?.keyword ?? ''] ?? [];
  return {
    log: relay.stdout(),
    posts,
    spottedAtMs: new Map(first.map(({ id, spotted }) => [id, Number(spotted) * 1000])),
    wantedBy,
    refusedPolls: REFUSED_POLLS,
    gap: { fromMs: stepsAgoMs(2), toMs: stepsAgoMs(0) },
  };
}

function keywordsOf(webhook: string): string {
  return Object.entries(WEBHOOKS_OF)
    .filter(([, webhooks]) => webhooks.includes(webhook))
    .map(([keyword]) => keyword)
    .join(',');
}

function idsIn({ json }: Received): readonly string[] {
  const { data } = json() as { data: { id: string } | { id: string }[] };
  return (Array.isArray(data) ? data : [data]).map(({ id }) => id);
}

function mention(id: string, keyword: string, spottedAtMs: number): SandboxMention {
  return {
    id,
    keyword,
    position: 'post',
    content: 'Words of a stranger',
    link: `https://facebook.com/groups/1617905175110739/permalink/${id}`,
    owner: {
      name: 'Name of a stranger',
      id: '1000',
      link: 'https://facebook.com/profile.php?id=1',
    },
    group: { id: '1617905175110739', name: 'Real Estate Referral Network' },
    spotted: String(spottedAtMs / 1000),
  };
}
