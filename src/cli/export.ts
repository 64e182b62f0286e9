import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createHistory, type History } from '../history/history.io.ts';
import { redisKeys } from '../redis/redis-keys.ts';
import { configFromProcess } from './access/config-from-process.ts';
import { askRelayRedis } from './access/relay-redis.ts';
import { csvHead, csvRow, jsonLine } from './export-rows.ts';
import { refuse } from './terminal/output.ts';

/** The options of `export`. */
export interface ExportOptions {
  readonly format: 'csv' | 'jsonl';
  /** Milliseconds since 1970. */
  readonly since?: number;
  readonly until?: number;
  /** Begins the file with a mark by which Excel knows UTF-8. */
  readonly bom?: boolean;
}

/** Writes the kept mentions to stdout, as fast as they are read from there. */
export async function exportMentions(options: ExportOptions): Promise<void> {
  const config = await configFromProcess();
  const { history: bounds } = config;
  if (bounds === null) {
    refuse('Nothing is kept: HISTORY_DAYS is 0. Set it for the relay too, then restart the relay.');
    return;
  }
  await askRelayRedis(config, async (redis) => {
    const history = createHistory(redis, redisKeys(config.redisPrefix), bounds);
    let damaged = 0;
    try {
      const lines = linesOf(history, options, () => (damaged += 1));
      await pipeline(Readable.from(lines), process.stdout, { end: false });
    } catch (error) {
      // Whoever reads has enough, as `head` does.
      if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
      return;
    }
    if (damaged > 0) refuse(`Left out, because they are damaged in Redis: ${damaged} mentions.`);
  });
}

async function* linesOf(
  history: Pick<History, 'between'>,
  { format, since = 0, until = Number.MAX_SAFE_INTEGER, bom = false }: ExportOptions,
  onDamaged: () => void,
): AsyncGenerator<string> {
  if (format === 'csv') yield `${bom ? '\uFEFF' : ''}${csvHead()}`;
  const written = format === 'csv' ? csvRow : jsonLine;
  for await (const kept of history.between(since, until, onDamaged)) yield written(kept);
}
