import { createHistory } from '../../history/history.io.ts';
import type { MentionReference } from '../trace/mention-reference.ts';
import { recoveredIdentity, type KeptMention } from '../../history/kept-mention.ts';
import { withApi, type RelayApi } from '../access/relay-api.ts';
import { previewOf } from '../preview/preview-of.ts';
import { inHistory } from '../trace/find-mentions.ts';
import { isSelected, type Candidate, type Selection } from './choice.ts';
import type { ResendRun } from './resend-run.ts';

/** The mentions from which a user selects, oldest first. */
export interface Candidates {
  /** Reads them from the first one on. */
  readonly read: () => AsyncIterable<Candidate>;
  /** The selected mentions of a window that the next poll queues: they are no candidates. */
  readonly fresh: number;
}

type Parts = Pick<RelayApi, 'config' | 'redis' | 'keys'>;
type Times = Pick<ResendRun, 'sinceMs' | 'untilMs' | 'queuedToMs'>;

/** Returns the mentions of the history in the times of a run; with references only those of their posts. */
export function historyCandidates(
  { redis, keys }: Parts,
  run: Times,
  references: readonly MentionReference[],
): Candidates {
  const history = createHistory(redis, keys, { maxAgeMs: Infinity, maxBytes: Infinity });
  const { sinceMs, untilMs } = timesOf(run);
  async function* read(): AsyncGenerator<Candidate> {
    if (references.length === 0) {
      for await (const kept of history.between(sinceMs, untilMs)) yield candidate(kept);
      return;
    }
    const found = await Promise.all(references.map((each) => inHistory(each, history)));
    const inTime = found
      .flat()
      .filter(({ keptAtMs }) => keptAtMs >= sinceMs && keptAtMs < untilMs)
      .sort((one, other) => one.keptAtMs - other.keptAtMs);
    const distinct = new Map(inTime.map((kept) => [JSON.stringify(kept.mention.raw), kept]));
    for (const kept of distinct.values()) yield candidate(kept);
  }
  return { read, fresh: 0 };
}

/**
 * Asks the API for the present window, and returns its selected mentions in the times of a run, by when
 * they were spotted. Those that are new to the next poll are left out: it queues them.
 */
export async function windowCandidates(
  parts: Parts,
  run: Times,
  selection: Selection,
): Promise<Candidates> {
  const receivedAtMs = Date.now();
  const { mentions } = await withApi(parts, ({ api, signal }) => api.mentions(signal));
  const { previewed } = await previewOf({ mentions, malformed: 0, receivedAtMs }, parts);
  const { sinceMs, untilMs } = timesOf(run);
  const selected = previewed.filter(({ mention }) => {
    const { spottedAtMs } = mention;
    const inTime = spottedAtMs === null || (spottedAtMs >= sinceMs && spottedAtMs < untilMs);
    return inTime && isSelected({ mention }, selection);
  });
  const known = selected.filter(({ status }) => status !== 'new');
  async function* read(): AsyncGenerator<Candidate> {
    for (const { mention } of known) {
      yield { mention, recovered: false, polledAtMs: receivedAtMs };
    }
  }
  return { read, fresh: selected.length - known.length };
}

function timesOf({ sinceMs, untilMs, queuedToMs }: Times) {
  return { sinceMs: Math.max(sinceMs, queuedToMs ?? sinceMs), untilMs };
}

function candidate({ mention, recovered, keptAtMs, mergedInto }: KeptMention): Candidate {
  const sweptBefore = !recovered && mergedInto === recoveredIdentity(mention);
  return { mention, recovered, sweptBefore, polledAtMs: keptAtMs };
}
