import { messageId } from '../../domain/delivery.ts';
import { printable } from '../../domain/foreign/printable.ts';
import { digestPeriod } from '../../domain/hours/digest-times.ts';
import { openAt } from '../../domain/hours/working-hours.ts';
import { loggedId, type DedupeBy, type JsonObject, type Mention } from '../../domain/mention.ts';
import type { Webhook } from '../../domain/webhook.ts';
import type { PreviewedRoute } from '../../polling/window-preview.ts';

const WAITS = {
  digest: 'waits for its digest, unless the command digest sent it',
  hours: 'waits until it opens',
};

/** Describes what became of a seen mention for a webhook; null if nothing more is known. */
export function seenWords(
  { webhook, mergedInto }: PreviewedRoute,
  mention: Mention,
  { polledAtMs, dedupeBy }: { readonly polledAtMs: number; readonly dedupeBy: DedupeBy },
): string | null {
  if (mergedInto === undefined) {
    const waits = waitsFor(webhook, mention, polledAtMs);
    return waits && WAITS[waits];
  }
  const { key, mention: first } = mergedInto;
  const message =
    first === null
      ? messageId(key)
      : `the message of ${loggedId(first)}, keyword "${printable(first.keyword, Infinity)}"`;
  return `merged into ${message} (DEDUPE_BY=${dedupeBy})`;
}

/** Returns the same for scripts. */
export function seenFacts(
  { webhook, mergedInto }: PreviewedRoute,
  mention: Mention,
  polledAtMs: number,
): JsonObject {
  if (mergedInto !== undefined) return { mergedInto: messageId(mergedInto.key) };
  const waits = waitsFor(webhook, mention, polledAtMs);
  return waits === null ? {} : { waitsFor: waits };
}

/** Returns what the delivery of a mention still waits for, if it was queued when it was spotted. */
function waitsFor(
  { digest, hours }: Webhook,
  { spottedAtMs }: Mention,
  nowMs: number,
): keyof typeof WAITS | null {
  if (spottedAtMs === null) return null;
  if (digest !== null) {
    const nextAfter = (atMs: number): number => digestPeriod({ digest, hours }, atMs).untilMs;
    return nextAfter(spottedAtMs) === nextAfter(nowMs) ? 'digest' : null;
  }
  const [spotted, now] = [openAt(hours, spottedAtMs), openAt(hours, nowMs)];
  return !spotted.open && !now.open && spotted.untilMs === now.untilMs ? 'hours' : null;
}
