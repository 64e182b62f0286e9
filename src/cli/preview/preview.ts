import type { Config } from '../../config/env.ts';
import type { Mention } from '../../domain/mention.ts';
import type { KeyRule } from '../../domain/old-keys.ts';
import { readLeads } from '../../state/leads/leads.io.ts';
import { readSeen } from '../../state/seen-mentions.io.ts';
import { printableJson } from '../../domain/foreign/printable.ts';
import type { MentionWindow } from '../../polling/poll.ts';
import {
  mentionsToSend,
  previewWindow,
  type PreviewedMention,
} from '../../polling/window-preview.ts';
import { previewJson, previewText } from './preview-text.ts';
import { textWidth } from '../terminal/table.ts';
import { askRelayApi, type RelayApi } from '../access/relay-api.ts';
import { expectKnown } from '../control/known-webhook.ts';

/** The options of the command `preview`. */
interface PreviewOptions {
  readonly webhook?: string;
  readonly new?: boolean;
  readonly json?: boolean;
}

/**
 * Shows where the next poll would send each mention of the current window, and why not elsewhere.
 * Sends nothing and marks nothing as seen.
 */
export async function preview(options: PreviewOptions): Promise<void> {
  await askRelayApi(async (parts) => {
    const { config } = parts;
    const known = config.webhooks.map(({ name }) => name);
    if (options.webhook !== undefined && !expectKnown(options.webhook, { all: known })) return;
    const { previewed, malformed, polledAtMs, rule } = await previewCurrent(parts, options.webhook);
    const { dedupeBy } = rule;
    const former = dedupeBy === config.poll.dedupeBy ? null : dedupeBy;
    const shown = options.new ? previewed.filter(({ status }) => status === 'new') : previewed;
    process.stdout.write(
      options.json
        ? `${printableJson(previewJson(shown, { malformed, polledAtMs, rule, former }))}\n`
        : previewText(shown, {
            windowSize: previewed.length,
            malformed,
            polledAtMs,
            rule,
            former,
            width: textWidth(),
          }),
    );
  });
}

async function previewCurrent(
  parts: RelayApi,
  webhook: string | undefined,
): Promise<Preview & { readonly malformed: number; readonly polledAtMs: number }> {
  const { mentions, malformed } = await parts.api.mentions(parts.signal);
  const polledAtMs = Date.now();
  const window = { mentions, malformed: malformed.length, receivedAtMs: polledAtMs };
  const found = await previewOf(window, parts, webhook);
  return { ...found, malformed: malformed.length, polledAtMs };
}

interface Preview {
  readonly previewed: readonly PreviewedMention[];
  /** The rule by which the next poll goes. */
  readonly rule: KeyRule;
}

/** Returns what the next poll would do with a window, for all webhooks or one. Changes nothing. */
export async function previewOf(
  window: MentionWindow,
  { config, redis, keys }: Pick<RelayApi, 'config' | 'redis' | 'keys'>,
  webhook?: string,
): Promise<Preview> {
  const { mentions, receivedAtMs } = window;
  const { firstWindow, seenIndexes, oldKeysBeforeMs, ...known } = await readSeen(
    { redis, keys },
    mentions,
  );
  const seen = new Set(seenIndexes.flatMap((index) => mentions[index] ?? []));
  const settings = settingsOf(config, known.dedupeBy);
  const webhooks = settings.webhooks.filter(({ name }) => name === (webhook ?? name));
  const memory = { firstWindow, seen };
  const rule = { dedupeBy: settings.dedupeBy, oldKeysBeforeMs };
  const leadsOf = (some: readonly Mention[]) =>
    readLeads({ redis, keys }, some, { ...rule, receivedAtMs });
  // Not in one question: what is forgotten must not begin the lead of a new mention.
  const leads =
    rule.dedupeBy === 'lead'
      ? new Map([
          ...(await leadsOf([...seen])),
          ...(await leadsOf(mentionsToSend(window, memory, settings))),
        ])
      : new Map();
  const found = { ...memory, leads, oldKeysBeforeMs };
  return {
    previewed: previewWindow(window, found, { ...settings, webhooks }),
    rule,
  };
}

function settingsOf({ poll, webhooks }: Config, dedupeBy = poll.dedupeBy) {
  return { ...poll, webhooks, dedupeBy };
}
