import type { Config } from '../../config/env.ts';
import type { Mention } from '../../domain/mention.ts';
import type { KeyRule } from '../../domain/old-keys.ts';
import type { MentionWindow } from '../../polling/poll.ts';
import {
  mentionsToSend,
  previewWindow,
  type PreviewedMention,
} from '../../polling/window-preview.ts';
import { readLeads } from '../../state/leads/leads.io.ts';
import { readSeen } from '../../state/seen-mentions.io.ts';
import type { RelayApi } from '../access/relay-api.ts';

/** The mentions of a window, and what the next poll would do with each. */
export interface Preview {
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
