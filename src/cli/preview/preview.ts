import { printableJson } from '../../domain/foreign/printable.ts';
import { previewJson, previewText } from './preview-text.ts';
import { textWidth } from '../terminal/table.ts';
import { askRelayApi, type RelayApi } from '../access/relay-api.ts';
import { expectKnown } from '../control/known-webhook.ts';
import { previewOf, type Preview } from './preview-of.ts';

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
