import { gateStatus } from '../../delivering/gate/webhook-gate.io.ts';
import { isoTime } from '../../domain/event-log.ts';
import { inSentences } from '../../domain/explanation.ts';
import { printable } from '../../domain/foreign/printable.ts';
import { readReference } from '../trace/mention-reference.ts';
import { createOperatorLog } from '../../monitoring/operator-log.io.ts';
import { createQueues } from '../../queues/queues.ts';
import { createTracedDeliveries } from '../../queues/traced-deliveries.ts';
import { redisKeys } from '../../redis/redis-keys.ts';
import { readSeen } from '../../state/seen-mentions.io.ts';
import { configFromProcess } from '../access/config-from-process.ts';
import { explainApiError } from '../access/relay-api.ts';
import { expectKnown } from '../control/known-webhook.ts';
import { askRelayRedis, openRedis } from '../access/relay-redis.ts';
import type { PastTime } from '../terminal/usage.ts';
import { waits } from '../trace/journey.ts';
import { historyCandidates, windowCandidates } from './candidates.ts';
import type { Selection } from './choice.ts';
import { choosePortions, queuePortions, type Parts } from './portions.ts';
import { commandDigest, newRunId, readResendRun, startRun, type ResendRun } from './resend-run.ts';
import {
  added,
  leftOutLines,
  mentionsText,
  NOTHING,
  paceLines,
  sendingLines,
  type Tally,
} from './resend-text.ts';
import { print, refuse } from '../terminal/output.ts';

/** The options of the command `resend`. */
export interface ResendOptions {
  readonly webhook: string;
  readonly since?: PastTime;
  readonly until?: PastTime;
  readonly id: readonly string[];
  readonly keyword: readonly string[];
  readonly group: readonly string[];
  readonly window?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

/** More mentions than these are sent only with `--yes`. */
const MAX_WITHOUT_YES = 100;

/**
 * Queues mentions of the history, or of the present window, for a webhook again, oldest first, in
 * portions. Sets the exit status to 1 if nothing matches, or more than 100 do and `--yes` is missing.
 */
export async function resend(options: ResendOptions): Promise<void> {
  const config = await configFromProcess();
  const webhook = config.webhooks.find(({ name }) => name === options.webhook);
  const selection = readSelection(options);
  if (webhook === undefined) {
    expectKnown(options.webhook, { all: config.webhooks.map(({ name }) => name) });
    return;
  }
  if (typeof selection === 'string') return refuse(selection);
  if (config.history === null && !options.window) {
    return refuse(
      'HISTORY_DAYS is off, so no mention is kept. With --window the mentions of the present window (100 at most) are sent again.',
    );
  }
  await askRelayRedis(
    config,
    async (redis) => {
      const keys = redisKeys(config.redisPrefix);
      const open = { redis, prefix: keys.queues, onError: () => undefined };
      const deliveries = createTracedDeliveries(redis, keys.queues);
      const queues = createQueues(open);
      try {
        const { oldKeysBeforeMs } = await readSeen({ redis, keys }, []);
        const rule = { dedupeBy: config.poll.dedupeBy, oldKeysBeforeMs };
        await run({ config, redis, keys, webhook, deliveries, queues, rule }, options, selection);
      } catch (error) {
        const explained = explainApiError(error);
        if (explained === null) throw error;
        refuse(inSentences(explained));
      } finally {
        await queues.close(0);
      }
    },
    openRedis,
  );
}

async function run(parts: Parts, options: ResendOptions, selection: Selection): Promise<void> {
  const { redis, keys, webhook, deliveries } = parts;
  const { name } = webhook;
  const last = await readResendRun(redis, keys, name);
  const lastWaits = last?.lastJobId
    ? (await deliveries.pending(name, [last.lastJobId])).has(last.lastJobId)
    : false;
  const begun = startRun(last, askedRun(options), lastWaits);
  if (begun.kind === 'under-way') {
    print(
      `${name}: the same resend is under way: its last deliveries still wait. Nothing was queued.`,
    );
    return;
  }
  if (begun.kind === 'interrupted') {
    print(
      `${name}: continues the same resend, which was interrupted${begun.run.queuedToMs === null ? '' : ` after the mentions of ${isoTime(begun.run.queuedToMs) ?? ''}`}.`,
    );
  }
  const candidates = options.window
    ? await windowCandidates(parts, begun.run, selection)
    : historyCandidates(parts, begun.run, selection.references);
  let tally: Tally = { ...NOTHING, fresh: candidates.fresh };
  for await (const portion of choosePortions(parts, candidates, selection, last)) {
    tally = added(tally, { ...portion, chosen: portion.chosen.length });
  }
  const leftOut = leftOutLines(tally);
  const { chosen } = tally;
  if (chosen === 0 && begun.kind !== 'interrupted') {
    return refuse([`Nothing to resend to ${name}.`, ...leftOut].join('\n'));
  }
  const wouldBeSent = `${name}: ${mentionsText(chosen)} would be sent, oldest first; new mentions wait behind them.`;
  const details = [...leftOut, ...paceLines(chosen, webhook)];
  if (options.dryRun) {
    print([wouldBeSent, ...details].join('\n'));
    return;
  }
  if (chosen > MAX_WITHOUT_YES && !options.yes) {
    const text = `${wouldBeSent} More than ${MAX_WITHOUT_YES} are sent only with --yes.`;
    return refuse([text, ...details].join('\n'));
  }
  const queued = await queuePortions(
    parts,
    begun.run,
    choosePortions(parts, candidates, selection, last),
  );
  await createOperatorLog(redis, keys).add('resend', {
    webhook: name,
    mentions: queued,
    resend: begun.run.id,
  });
  const gate = await gateStatus(redis, keys, () => webhook.url)(name);
  const nowMs = Date.now();
  print(
    [
      `${name}: ${mentionsText(queued)} queued, oldest first. Their webhook-id ends in _r${begun.run.id}.`,
      ...leftOut,
      ...sendingLines(queued, waits({ webhook, gate }, nowMs, nowMs), webhook),
    ].join('\n'),
  );
}

function askedRun({
  since,
  until,
  id,
  keyword,
  group,
  window = false,
}: ResendOptions): Pick<ResendRun, 'id' | 'command' | 'sinceMs' | 'untilMs'> {
  const asTyped = { since: since?.text, until: until?.text, id, keyword, group, window };
  return {
    id: newRunId(),
    command: commandDigest(asTyped),
    sinceMs: since?.atMs ?? 0,
    untilMs: until?.atMs ?? Date.now(),
  };
}

/** Returns the selection, or why an option names nothing. */
function readSelection({ id, keyword, group }: ResendOptions): Selection | string {
  const references = id.map((text) => ({ text, reference: readReference(text) }));
  const unknown = references.find(({ reference }) => reference === null);
  if (unknown !== undefined) return `--id ${printable(unknown.text)} names no mention.`;
  return {
    references: references.flatMap(({ reference }) => reference ?? []),
    keywords: keyword,
    groups: group,
  };
}
