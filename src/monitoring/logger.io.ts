import { pino, stdTimeFunctions, type DestinationStream } from 'pino';
import type { EventLog } from '../domain/event-log.ts';

/** The logger, and a way to write out what is still buffered before the process ends. */
export interface Logger {
  readonly log: EventLog;
  readonly flush: () => void;
}

/**
 * One JSON object a line on stdout: `level` as a word, `time` in ISO 8601, `event`, the fields,
 * `msg`. As `pretty` the same for people, on a terminal, without the configuration at the start.
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
      ? await forPeople(destination as NodeJS.WritableStream & DestinationStream)
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

async function forPeople(
  destination: NodeJS.WritableStream & DestinationStream,
): Promise<DestinationStream> {
  // Loaded here: a relay whose log programs read need not pay for it.
  const { default: pretty } = await import('pino-pretty');
  return pretty({
    destination,
    // The whole configuration is for programs: the start line's message has the gist of it.
    ignore: 'pid,hostname,event,config',
    messageFormat: '{event}  {msg}',
    translateTime: 'SYS:HH:MM:ss.l',
    singleLine: true,
    sync: true,
  });
}
