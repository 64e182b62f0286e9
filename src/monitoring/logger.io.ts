import { pino, stdTimeFunctions, type DestinationStream } from 'pino';
import type { EventLog } from '../domain/event-log.ts';

/** A log, and a function that writes buffered lines before the process ends. */
export interface Logger {
  readonly log: EventLog;
  readonly flush: () => void;
}

/**
 * Creates a log with one JSON object per line on stdout: `level` as a word, `time` in ISO 8601,
 * `event`, the fields, `msg`. The format `pretty` is for people, and omits the configuration.
 */
export async function createLogger(
  options: { readonly level: string; readonly format: 'json' | 'pretty' },
  destination: DestinationStream & { flushSync?: () => void } = pino.destination({
    dest: 1,
    sync: true,
  }),
): Promise<Logger> {
  const stream =
    options.format === 'pretty'
      ? await prettyStream(destination as NodeJS.WritableStream & DestinationStream)
      : destination;
  const logger = pino(
    {
      level: options.level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    stream,
  );
  return {
    log: {
      trace: (event, fields, message) => logger.trace({ event, ...fields }, message),
      debug: (event, fields, message) => logger.debug({ event, ...fields }, message),
      info: (event, fields, message) => logger.info({ event, ...fields }, message),
      warn: (event, fields, message) => logger.warn({ event, ...fields }, message),
      error: (event, fields, message) => logger.error({ event, ...fields }, message),
    },
    flush: () => destination.flushSync?.(),
  };
}

async function prettyStream(
  destination: NodeJS.WritableStream & DestinationStream,
): Promise<DestinationStream> {
  // Loaded on demand: a relay that logs JSON does not pay for it.
  const { default: pretty } = await import('pino-pretty');
  return pretty({
    destination,
    // The message of the first line summarizes the configuration.
    ignore: 'pid,hostname,event,config',
    messageFormat: '{event}  {msg}',
    translateTime: 'SYS:HH:MM:ss.l',
    singleLine: true,
    sync: true,
  });
}
