import { createHistory, type History, type KeptEndOf } from '../history/history.io.ts';
import { identityOfFailed } from '../history/kept-mention.ts';
import { createOperatorLog, type OperatorLog } from '../monitoring/operator-log.io.ts';
import { createFailedDeliveries, type FailedDeliveries } from '../queues/failed-deliveries.ts';
import { redisKeys } from '../redis/redis-keys.ts';
import { webhookRelease } from '../delivering/gate/webhook-gate.io.ts';
import { parseDeliveryId, type FailedDelivery } from '../domain/delivery.ts';
import { printable, printableJson } from '../domain/foreign/printable.ts';
import type { GateStatus, WebhookGate } from '../delivering/gate/webhook-gate.io.ts';
import { configFromProcess } from './access/config-from-process.ts';
import { expectKnown, readKnownNames } from './control/known-webhook.ts';
import { counted, failedContent, failedDetails, failedJson, failedTable } from './failed-text.ts';
import { ownCommand } from './terminal/own-command.ts';
import { askRelayRedis } from './access/relay-redis.ts';
import { duration, terminalWidth } from './terminal/table.ts';
import { print, refuse } from './terminal/output.ts';

/** The options of the commands for failed deliveries. */
export interface FailedOptions {
  readonly webhook?: string;
  /** Milliseconds since 1970. */
  readonly since?: number;
  readonly json?: boolean;
  readonly all?: boolean;
}

interface Selected {
  readonly found: readonly FailedDelivery[];
  /** The given ids that match no failed delivery. */
  readonly notFound: readonly string[];
  readonly isConfigured: (webhook: string) => boolean;
  readonly failed: FailedDeliveries;
  readonly history: History | null;
  /** The webhooks that the options select. */
  readonly webhooks: readonly string[];
  readonly release: WebhookGate['release'];
  readonly operatorLog: Pick<OperatorLog, 'add'>;
}

/** Prints a table of failed deliveries, without content or names of people. */
export async function listFailed(options: FailedOptions): Promise<void> {
  await withSelected([], options, async ({ found, isConfigured }) => {
    if (options.json) {
      printJson({ failed: found.map((each) => failedJson(each, isConfigured(each.webhook))) });
    } else if (found.length > 0) {
      process.stdout.write(failedTable(found, { nowMs: Date.now(), width: terminalWidth() }));
    }
    reportMissing(found.length > 0, [], options);
  });
}

/** Prints a failed delivery with its whole mention or alert, safe for a terminal. */
export async function showFailed(id: string, options: FailedOptions): Promise<void> {
  await withSelected([id], options, async ({ found, notFound, isConfigured }) => {
    if (options.json) {
      printJson({
        failed: found.map((each) => ({
          ...failedJson(each, isConfigured(each.webhook)),
          ...failedContent(each),
        })),
      });
    } else {
      const texts = found.map((each) => failedDetails(each, isConfigured(each.webhook)));
      process.stdout.write(texts.join('\n'));
    }
    reportMissing(found.length > 0, notFound, options);
  });
}

/** Puts failed deliveries back into their queues, and releases their webhooks. */
export async function retryFailed(ids: readonly string[], options: FailedOptions): Promise<void> {
  await withSelected(ids, options, async (selected) => {
    const { found, notFound, isConfigured, failed, release, operatorLog } = selected;
    const retried: Record<string, number> = {};
    const released: Record<string, GateStatus> = {};
    const paused: string[] = [];
    const byWebhook = grouped(found);
    for (const webhook of selected.webhooks) {
      const jobIds = byWebhook.get(webhook);
      const count = jobIds === undefined ? 0 : await failed.retry(webhook, jobIds);
      if (count > 0) retried[webhook] = count;
      // Afterwards: a held webhook gets them before those that wait. It is released even if none of its
      // deliveries has failed yet. A pause that a receiver asked for ends only if the webhook is named.
      const isMeant = jobIds !== undefined || (ids.length === 0 && webhook === options.webhook);
      if (!isMeant && (ids.length > 0 || options.since !== undefined)) continue;
      const ended = await release(webhook, isMeant ? 'receiver' : 'held');
      if (ended.gone || ended.heldForMs !== null || ended.pausedForMs !== null) {
        released[webhook] = ended;
      }
      if (ended.operatorPause !== null) paused.push(webhook);
    }
    const done = Object.keys(retried).length + Object.keys(released).length > 0;
    if (done) await operatorLog.add('failed retry', { retried, released: Object.keys(released) });
    if (options.json) printJson({ retried, released: Object.keys(released), notFound });
    else {
      for (const [webhook, count] of Object.entries(retried)) {
        print(
          isConfigured(webhook)
            ? `${webhook}: ${counted(count)} requeued, oldest first.`
            : `${webhook}: ${counted(count)} requeued. It is not configured: they wait until it is.`,
        );
      }
      for (const [webhook, { heldForMs, pausedForMs, gone }] of Object.entries(released)) {
        if (gone) print(`${webhook}: resumed; its URL had answered 410.`);
        if (heldForMs !== null) {
          print(`${webhook}: released after being held for ${duration(heldForMs)}.`);
        }
        if (pausedForMs !== null) {
          print(`${webhook}: its pause ended ${duration(pausedForMs)} early.`);
        }
      }
      for (const webhook of paused) {
        print(
          `${webhook}: paused by an operator; its deliveries wait for ${ownCommand(`resume ${webhook}`)}`,
        );
      }
    }
    reportMissing(done, notFound, options);
  });
}

/** Removes failed deliveries for good. Without ids and other options it requires `--all`. */
export async function discardFailed(ids: readonly string[], options: FailedOptions): Promise<void> {
  const narrowed = ids.length > 0 || options.webhook !== undefined || options.since !== undefined;
  if (!narrowed && !options.all) {
    refuse('Name what to discard: ids, --webhook, --since, or --all for every failed delivery.');
    return;
  }
  if (ids.length > 0 && options.all) {
    refuse('Use either ids or --all.');
    return;
  }
  await withSelected(ids, options, async ({ found, notFound, failed, history, operatorLog }) => {
    const discarded: Record<string, number> = {};
    for (const [webhook, jobIds] of grouped(found)) {
      const count = await failed.discard(webhook, jobIds);
      if (count > 0) discarded[webhook] = count;
      // If a delivery was retried meanwhile, nothing shows which.
      if (count === jobIds.length) {
        await history?.end(endsOf(found.filter((each) => each.webhook === webhook)), Date.now());
      }
    }
    const done = Object.keys(discarded).length > 0;
    if (done) await operatorLog.add('failed discard', { discarded });
    if (options.json) printJson({ discarded, notFound });
    else {
      for (const [webhook, count] of Object.entries(discarded)) {
        print(`${webhook}: ${counted(count)} discarded.`);
      }
    }
    reportMissing(done, notFound, options);
  });
}

/** Returns the ends of discarded deliveries, for the history. */
function endsOf(discarded: readonly FailedDelivery[]): readonly KeptEndOf[] {
  return discarded.flatMap(({ webhook, attempts, ...delivery }) => {
    const identity = identityOfFailed(delivery);
    const outcome = 'discarded' as const;
    return identity === null
      ? []
      : [{ identity, end: { webhook, outcome, atMs: Date.now(), attempts, status: null } }];
  });
}

async function withSelected(
  ids: readonly string[],
  options: FailedOptions,
  use: (selected: Selected) => Promise<void>,
): Promise<void> {
  const config = await configFromProcess();
  await askRelayRedis(config, async (redis) => {
    const keys = redisKeys(config.redisPrefix);
    const known = await readKnownNames(config, redis, keys);
    if (options.webhook !== undefined && !expectKnown(options.webhook, known)) return;
    const urlOf = (webhook: string) => config.webhooks.find(({ name }) => name === webhook)?.url;
    const failed = createFailedDeliveries({
      redis,
      prefix: keys.queues,
      onError: () => undefined,
    });
    try {
      const selection = {
        ...(ids.length > 0 && { jobIds: new Set(ids.flatMap((id) => parseDeliveryId(id) ?? [])) }),
        ...(options.since !== undefined && { sinceMs: options.since }),
      };
      const found: FailedDelivery[] = [];
      const webhooks = options.webhook === undefined ? known.all : [options.webhook];
      for (const name of webhooks) {
        for (const each of await failed.find(name, selection)) found.push(each);
      }
      const foundIds = new Set(found.map(({ jobId }) => jobId));
      await use({
        found,
        notFound: ids.filter((id) => !foundIds.has(parseDeliveryId(id) ?? '')),
        history: config.history && createHistory(redis, keys, config.history),
        isConfigured: (webhook) => known.configured.has(webhook),
        failed,
        webhooks,
        release: webhookRelease(redis, keys, urlOf),
        operatorLog: createOperatorLog(redis, keys),
      });
    } finally {
      await failed.close();
    }
  });
}

/** Groups the ids of the jobs by webhook, and keeps their order. */
function grouped(found: readonly FailedDelivery[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const { webhook, jobId } of found) {
    const group = groups.get(webhook);
    if (group) group.push(jobId);
    else groups.set(webhook, [jobId]);
  }
  return groups;
}

function reportMissing(
  done: boolean,
  notFound: readonly string[],
  { webhook, since }: FailedOptions,
): void {
  for (const id of notFound) refuse(`No failed delivery has the id ${printable(id)}.`);
  if (done || notFound.length > 0) {
    if (notFound.length > 0) {
      process.stderr.write(`${ownCommand('failed list')} shows all failed deliveries.\n`);
    }
    return;
  }
  const narrowed = webhook !== undefined || since !== undefined;
  refuse(
    narrowed
      ? `No failed delivery matches. ${ownCommand('failed list')} shows all failed deliveries.`
      : 'There are no failed deliveries.',
  );
}

function printJson(document: unknown): void {
  process.stdout.write(`${printableJson(document)}\n`);
}
