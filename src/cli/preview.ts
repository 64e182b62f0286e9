import type { Config } from '../config/env.ts';
import type { KeyRule } from '../domain/old-keys.ts';
import { readLeads } from '../state/leads/leads.io.ts';
import { readSeen } from '../state/seen-mentions.io.ts';
import { printable, printableJson } from '../domain/foreign/printable.ts';
import { mentionsToSend, previewWindow, type PreviewedMention } from '../polling/window-preview.ts';
import { previewJson, previewText } from './preview-text.ts';
import { textWidth } from './terminal/table.ts';
import { askRelayApi, type RelayApi } from './access/relay-api.ts';

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
    if (options.webhook !== undefined && !known.includes(options.webhook)) {
      process.exitCode = 1;
      process.stderr.write(
        `No webhook ${printable(options.webhook)} is configured. Configured: ${known.join(', ')}.\n`,
      );
      return;
    }
    const { previewed, malformed, polledAtMs, rule } = await previewCurrent(parts, options.webhook);
    const { dedupeBy } = rule;
    const shown = options.new ? previewed.filter(({ status }) => status === 'new') : previewed;
    process.stdout.write(
      options.json
        ? `${printableJson(previewJson(shown, { malformed, polledAtMs, rule }))}\n`
        : previewText(shown, {
            windowSize: previewed.length,
            malformed,
            polledAtMs,
            rule,
            former: dedupeBy === config.poll.dedupeBy ? null : dedupeBy,
            width: textWidth(),
          }),
    );
  });
}

async function previewCurrent(
  { config, api, redis, keys, signal }: RelayApi,
  webhook: string | undefined,
): Promise<{
  previewed: readonly PreviewedMention[];
  malformed: number;
  polledAtMs: number;
  rule: KeyRule;
}> {
  const { mentions, malformed } = await api.mentions(signal);
  const { firstWindow, seenIndexes, oldKeysBeforeMs, ...known } = await readSeen(
    { redis, keys },
    mentions,
  );
  const seen = new Set(seenIndexes.flatMap((index) => mentions[index] ?? []));
  const polledAtMs = Date.now();
  const settings = settingsOf(config, known.dedupeBy);
  const webhooks = settings.webhooks.filter(({ name }) => name === (webhook ?? name));
  const window = { mentions, malformed: malformed.length, receivedAtMs: polledAtMs };
  const memory = { firstWindow, seen };
  const rule = { dedupeBy: settings.dedupeBy, oldKeysBeforeMs };
  const leads =
    rule.dedupeBy === 'lead'
      ? await readLeads({ redis, keys }, mentionsToSend(window, memory, settings), {
          ...rule,
          receivedAtMs: polledAtMs,
        })
      : new Map();
  return {
    previewed: previewWindow(window, { ...memory, leads }, { ...settings, webhooks }),
    malformed: malformed.length,
    polledAtMs,
    rule,
  };
}

function settingsOf({ poll, webhooks }: Config, dedupeBy = poll.dedupeBy) {
  return { ...poll, webhooks, dedupeBy };
}
