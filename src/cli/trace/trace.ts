import { gateStatus } from '../../delivering/gate/webhook-gate.io.ts';
import { printable, printableJson } from '../../domain/foreign/printable.ts';
import { readReference } from './mention-reference.ts';
import { inSentences } from '../../domain/explanation.ts';
import type { Mention } from '../../domain/mention.ts';
import { createHistory } from '../../history/history.io.ts';
import { createTracedDeliveries } from '../../queues/traced-deliveries.ts';
import { redisKeys } from '../../redis/redis-keys.ts';
import { readKnown } from '../../state/seen-mentions.io.ts';
import { configFromProcess } from '../access/config-from-process.ts';
import type { RelayApi } from '../access/relay-api.ts';
import { askRelayRedis, openRedis } from '../access/relay-redis.ts';
import { readKnownNames } from '../control/known-webhook.ts';
import { textWidth } from '../terminal/table.ts';
import { findMentions } from './find-mentions.ts';
import { readJourneys } from './read-journeys.ts';
import { seenPostsOf } from './seen-posts.ts';
import { notFoundText, traceJson, traceText, type Searched } from './trace-text.ts';
import { refuse } from '../terminal/output.ts';

/**
 * Prints the journey of each mention that a reference means, over all webhooks. Asks the API for the
 * present window, once, if the history does not have the mention. Sets the exit status to 1 if none is
 * found.
 */
export async function trace(given: string, options: { readonly json?: boolean }): Promise<void> {
  const config = await configFromProcess();
  const reference = readReference(given);
  if (reference === null) {
    refuse(
      `${printable(given) || 'An empty text'} names no mention. Give its id, its link, or a message id (msg_...).`,
    );
    return;
  }
  await askRelayRedis(
    config,
    async (redis) => {
      const keys = redisKeys(config.redisPrefix);
      const deliveries = createTracedDeliveries(redis, keys.queues);
      const { all: names } = await readKnownNames(config, redis, keys);
      const parts = {
        redis,
        keys,
        deliveries,
        history: createHistory(redis, keys, NO_WRITES),
        names,
      };
      const asked = { window: null as readonly Mention[] | null, problem: null as string | null };
      const askWindow = async (): Promise<readonly Mention[]> => {
        const answer = await readWindow({ config, redis, keys });
        Object.assign(asked, answer);
        return answer.window ?? [];
      };
      const found = await findMentions(reference, parts, askWindow);
      const urlOf = (name: string) => config.webhooks.find((each) => each.name === name)?.url;
      const traced = await readJourneys(found, asked.window ?? [], {
        ...parts,
        config,
        gate: gateStatus(redis, keys, urlOf),
        nowMs: Date.now(),
      });
      const posts =
        traced.length > 0
          ? []
          : seenPostsOf(given, reference, {
              window: asked.window ?? [],
              webhooks: config.webhooks,
              dedupeBy: config.poll.dedupeBy,
            });
      const known =
        posts.length === 0
          ? []
          : await readKnown(
              redis,
              keys,
              posts.map(({ key }) => [key]),
            );
      const searched: Searched = {
        seen: known.flatMap((index) => posts[index] ?? []),
        historyDays: (config.history?.maxAgeMs ?? 0) / DAY_MS,
        window: asked.window && describeWindow(asked.window),
      };
      if (options.json) {
        process.stdout.write(`${printableJson(traceJson(given, traced, searched))}\n`);
      } else if (traced.length > 0) {
        const shown = { nowMs: Date.now(), width: textWidth() };
        process.stdout.write(traceText(traced, searched, shown));
      }
      if (traced.length === 0) refuse(notFoundText(searched, asked.problem));
      else if (asked.problem !== null) {
        process.stderr.write(
          `The present window is unknown, so mentions may be missing here. ${asked.problem}\n`,
        );
      }
    },
    openRedis,
  );
}

const DAY_MS = 86_400_000;
const NO_WRITES = { maxAgeMs: Infinity, maxBytes: Infinity };

async function readWindow(
  parts: Pick<RelayApi, 'config' | 'redis' | 'keys'>,
): Promise<{ readonly window: readonly Mention[] | null; readonly problem: string | null }> {
  // Most traces need no window, and the client takes long to load.
  const { explainApiError, withApi } = await import('../access/relay-api.ts');
  try {
    const { mentions } = await withApi(parts, ({ api, signal }) => api.mentions(signal));
    return { window: mentions, problem: null };
  } catch (error) {
    const explained = explainApiError(error);
    if (explained === null) throw error;
    return { window: null, problem: inSentences(explained) };
  }
}

function describeWindow(window: readonly Mention[]): Searched['window'] {
  const times = window.flatMap(({ spottedAtMs }) => spottedAtMs ?? []);
  return {
    mentions: window.length,
    oldestSpottedAtMs: times.length === 0 ? null : Math.min(...times),
  };
}
