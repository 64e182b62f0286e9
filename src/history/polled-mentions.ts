import type { Mention } from '../domain/mention.ts';
import { isMerged, type Routing } from '../routing/fan-out.ts';
import { identityOf, keptRecord, recoveredIdentity, type KeptRecord } from './kept-mention.ts';

/** The new mentions of a poll, and what it decided on them. */
export interface PolledMentions {
  /** The mentions that recovery has sent before. */
  readonly recovered: readonly Mention[];
  /** All others, also those that BACKLOG excludes. */
  readonly unseen: readonly Mention[];
  readonly toSend: readonly Mention[];
  /** The routes of each of `toSend`, in its order. */
  readonly routes: readonly { readonly webhook: string; readonly routings: readonly Routing[] }[];
  readonly polledAtMs: number;
}

/** Returns the records of all new mentions of a poll, also of those that no webhook wants. */
export function recordsOfPoll(polled: PolledMentions): readonly KeptRecord[] {
  const { recovered, unseen, toSend, routes, polledAtMs: keptAtMs } = polled;
  const firsts = new Map<string, Mention>();
  for (const { routings } of routes) {
    for (const [index, routing] of routings.entries()) {
      const mention = toSend[index];
      if (routing.wanted && mention && !firsts.has(routing.key)) firsts.set(routing.key, mention);
    }
  }

  /** Returns the identity of the mention that all messages about this one are of. */
  function mergedInto(mention: Mention): string | null {
    const index = toSend.indexOf(mention);
    const routings = routes.flatMap((route) => route.routings[index] ?? []);
    if (routings.some(({ wanted }) => wanted)) return null;
    const merged = routings.find(isMerged);
    if (merged === undefined) return null;
    const first = firsts.get(merged.key);
    // A lead has the key of its first mention, of whatever window.
    return first === undefined ? merged.key : identityOf(first);
  }

  return [
    ...recovered.map((mention) =>
      keptRecord(mention, { keptAtMs, mergedInto: recoveredIdentity(mention) }),
    ),
    ...unseen.map((mention) => keptRecord(mention, { keptAtMs, mergedInto: mergedInto(mention) })),
  ].filter((record) => record !== null);
}
