import { pino, stdTimeFunctions, symbols, type DestinationStream } from 'pino';
import type { EventLog } from '../domain/event-log.ts';
import { priorityOf } from './journal.io.ts';

/** The settings of a log. */
export interface LogSettings {
  readonly level: string;
  readonly format: 'json' | 'pretty';
}

/** A log of this process. */
export interface Logger {
  readonly log: EventLog;
  /** Changes its settings; earlier lines keep theirs. */
  readonly configure: (settings: LogSettings) => Promise<void>;
  /** Writes buffered lines before the process ends. */
  readonly flush: () => void;
}

type Destination = DestinationStream & { readonly flushSync?: () => void };

/**
 * Creates a log with one JSON object per line on stdout: `level` as a word, `time` in ISO 8601,
 * `event`, the fields, `msg`. The format `pretty` is for people, and omits the configuration. With
 * `priorities` each JSON line begins with its priority, for the journal of systemd.
 */
export async function createLogger(
  { priorities = false, ...settings }: LogSettings & { readonly priorities?: boolean },
  destination: Destination = stdoutDestination(),
): Promise<Logger> {
  const json = priorities ? withPriorities(destination) : destination;

  async function open({ level, format }: LogSettings) {
    const stream =
      format === 'pretty'
        ? await prettyStream(destination as NodeJS.WritableStream & DestinationStream)
        : json;
    return pino(
      {
        level,
        base: null,
        timestamp: stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
      },
      stream,
    );
  }

  let logger = await open(settings);
  return {
    log: {
      trace: (event, fields, message) => logger.trace({ event, ...fields }, message),
      debug: (event, fields, message) => logger.debug({ event, ...fields }, message),
      info: (event, fields, message) => logger.info({ event, ...fields }, message),
      warn: (event, fields, message) => logger.warn({ event, ...fields }, message),
      error: (event, fields, message) => logger.error({ event, ...fields }, message),
    },
    async configure(changed) {
      logger = await open(changed);
    },
    flush: () => destination.flushSync?.(),
  };
}

// Some thousand lines.
const MAX_UNWRITTEN_BYTES = 1024 * 1024;

/**
 * Writes to stdout. The relay outlives the reader of its log: while a full disk or a closed terminal
 * refuses lines, up to 1 MB of them wait for it, and later ones are dropped.
 */
function stdoutDestination(): Destination {
  const stdout = pino.destination({ dest: 1, sync: true, maxLength: MAX_UNWRITTEN_BYTES });
  const flushSync = stdout.flushSync.bind(stdout);
  let refused = false;
  stdout.on('error', () => (refused = true));
  stdout.on('write', () => (refused = false));
  // It would try again without end.
  stdout.flushSync = () => {
    if (!refused) flushSync();
  };
  return stdout;
}

function withPriorities(destination: DestinationStream): DestinationStream {
  return {
    // pino sets `lastLevel` before each line.
    [symbols.needsMetadataGsym]: true,
    lastLevel: 0,
    write(line: string) {
      destination.write(priorityOf(this.lastLevel) + line);
    },
  } as DestinationStream & { lastLevel: number };
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
