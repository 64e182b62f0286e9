import type { Config } from '../../config/env.ts';
import type { WebhookGate } from '../../delivering/gate/webhook-gate.io.ts';
import { deliveryJobId, resentKey } from '../../domain/delivery.ts';
import { mentionKey, type Mention, type MentionKey } from '../../domain/mention.ts';
import {
  deliveryKey,
  oldMentionKey,
  recoveredDeliveryKeyBy,
  type KeyRule,
} from '../../domain/old-keys.ts';
import { recoveredDeliveryKey } from '../../domain/permalink.ts';
import type { Webhook } from '../../domain/webhook.ts';
import type { History } from '../../history/history.io.ts';
import { oldestFirst } from '../../polling/poll.ts';
import type { PreviewedMention } from '../../polling/window-preview.ts';
import type { TracedDeliveries } from '../../queues/traced-deliveries.ts';
import type { RedisClient } from '../../redis/redis-client.ts';
import type { RedisKeys } from '../../redis/redis-keys.ts';
import { fanOut, recoveredRouting, type Routing } from '../../routing/fan-out.ts';
import type { KnownLeads } from '../../routing/lead.ts';
import { readLeads } from '../../state/leads/leads.io.ts';
import { previewOf } from '../preview/preview-of.ts';
import { readResendRun } from '../resend/resend-run.ts';
import type { FoundMention } from './find-mentions.ts';
import {
  journeyOf,
  type MentionStatus,
  type Step,
  type TracedMention,
  type WebhookFacts,
} from './journey.ts';

/** The surroundings of a trace. */
interface Surroundings {
  readonly config: Config;
  readonly redis: RedisClient;
  readonly keys: RedisKeys;
  readonly deliveries: Pick<TracedDeliveries, 'find'>;
  readonly history: Pick<History, 'find'>;
  readonly gate: WebhookGate['status'];
  /** All webhooks, also those that are no longer configured. */
  readonly names: readonly string[];
  readonly nowMs: number;
}

/** Reads the journeys of mentions over all webhooks. Changes nothing. */
export async function readJourneys(
  found: readonly FoundMention[],
  window: readonly Mention[],
  surroundings: Surroundings,
): Promise<readonly TracedMention[]> {
  if (found.length === 0) return [];
  const { redis, keys, nowMs } = surroundings;
  const asked = { mentions: window, malformed: 0, receivedAtMs: nowMs };
  const { previewed, rule } = await previewOf(asked, surroundings);
  const inWindow = new Map(
    previewed.map((each) => [mentionKey(each.mention, 'mention'), each] as const),
  );
  const polled = found.flatMap(({ mention, recovered }) => (recovered ? [] : mention));
  const leads =
    rule.dedupeBy === 'lead'
      ? await readLeads({ redis, keys }, oldestFirst(polled), { ...rule, receivedAtMs: nowMs })
      : new Map();
  const traced: TracedMention[] = [];
  for (const each of found) {
    const preview = each.recovered ? undefined : inWindow.get(each.identity);
    const isHandled = each.kept !== null || each.queued.length > 0 || preview === undefined;
    const status = isHandled ? 'seen' : preview.status;
    traced.push(await readJourney(each, { status, preview, leads, rule }, surroundings));
  }
  return traced;
}

async function readJourney(
  found: FoundMention,
  {
    status,
    preview,
    leads,
    rule,
  }: {
    readonly status: MentionStatus;
    readonly preview: PreviewedMention | undefined;
    readonly leads: KnownLeads;
    readonly rule: KeyRule;
  },
  surroundings: Surroundings,
): Promise<TracedMention> {
  const { mention, recovered, kept } = found;
  const { history, config, nowMs } = surroundings;
  const own = recovered ? recoveredDeliveryKeyBy(mention, rule) : deliveryKey(mention, rule);
  const lead = leads.get(mention);
  const isCopy = lead !== undefined && lead.key !== own;
  const ownKeys = [...new Set([own, ...otherKeys(found)])];
  const mergedInto = (kept?.mergedInto ?? (isCopy ? lead.key : null)) as MentionKey | null;
  const into = mergedInto === null ? null : await history.find(mergedInto);
  const askedKeys = isCopy ? [...ownKeys, lead.key] : ownKeys;

  function routingFor(webhook: Webhook): Routing | null {
    if (recovered) {
      return recoveredRouting(webhook, { ...mention, rawGroup: mention.group }, rule);
    }
    if (status !== 'seen') {
      return preview?.routes.find((route) => route.webhook.name === webhook.name)?.routing ?? null;
    }
    const [alone] = fanOut(webhook, [mention], { ...rule, ...(isCopy && { leads }) });
    return alone ?? null;
  }

  async function stepsAt(name: string): Promise<readonly [string, readonly Step[]]> {
    const webhook = config.webhooks.find((each) => each.name === name) ?? null;
    const at = await readWebhook(found, { name, askedKeys }, surroundings);
    const ends = kept?.ends.filter((end) => end.webhook === name) ?? [];
    const endsOfOther = into?.ends.filter((end) => end.webhook === name) ?? [];
    const facts = {
      ...at,
      name,
      webhook,
      routing: webhook && routingFor(webhook),
      ends: ends.length > 0 ? ends : endsOfOther,
      endsWithin: ends.length > 0 ? null : mergedInto,
    };
    return [name, journeyOf({ status, mention, ownKeys }, facts, nowMs)];
  }

  const webhooks = await Promise.all(surroundings.names.map(stepsAt));
  return {
    mention,
    status,
    recovered,
    key: isCopy ? lead.key : own,
    polledAtMs: kept?.keptAtMs ?? found.polledAtMs,
    mergedInto,
    webhooks: Object.fromEntries(webhooks.filter(([, steps]) => steps.length > 0)),
  };
}

/**
 * Returns the keys of a mention's own deliveries under another DEDUPE_BY, in an older release, and if a
 * sweep found it before a poll did.
 */
function otherKeys({ mention, recovered }: FoundMention): readonly MentionKey[] {
  const swept = recoveredDeliveryKey(mention, 'mention');
  if (recovered) return [swept];
  const old = oldMentionKey(mention, 'mention');
  return [mentionKey(mention, 'mention'), ...(old === null ? [] : [old]), swept];
}

/** Reads what the queue and the ledger of a webhook have of a mention, also resent. */
async function readWebhook(
  found: FoundMention,
  { name, askedKeys }: { readonly name: string; readonly askedKeys: readonly MentionKey[] },
  { redis, keys, deliveries, gate }: Surroundings,
): Promise<Pick<WebhookFacts, 'queued' | 'delivered' | 'gate'>> {
  const run = await readResendRun(redis, keys, name);
  const resent = run === null ? [] : askedKeys.map((key) => resentKey(key, run.id));
  const all = [...askedKeys, ...resent];
  const known = found.queued.filter(({ webhook }) => webhook === name);
  const knownIds = new Set(known.map(({ jobId }) => jobId));
  const ids = all.map(deliveryJobId).filter((id) => !knownIds.has(id));
  const { current, previous } = keys.delivered(name);
  const [queued, inCurrent, inPrevious, status] = await Promise.all([
    deliveries.find(name, ids),
    redis.smismember(current, ...all),
    redis.smismember(previous, ...all),
    gate(name),
  ]);
  return {
    queued: [...known, ...queued],
    delivered: all.filter((_, index) => inCurrent[index] === 1 || inPrevious[index] === 1),
    gate: status,
  };
}
