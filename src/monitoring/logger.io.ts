import { fstatSync } from 'node:fs';
import { pino, stdTimeFunctions, symbols, type DestinationStream } from 'pino';
import type { EventLog } from '../domain/event-log.ts';

/** A log, and a function that writes buffered lines before the process ends. */
export interface Logger {
  readonly log: EventLog;
  readonly flush: () => void;
}

type Destination = DestinationStream & { readonly flushSync?: () => void };

/**
 * Creates a log with one JSON object per line on stdout: `level` as a word, `time` in ISO 8601,
 * `event`, the fields, `msg`. The format `pretty` is for people, and omits the configuration. With
 * `priorities` each JSON line begins with its priority, for the journal of systemd.
 */
export async function createLogger(
  options: {
    readonly level: string;
    readonly format: 'json' | 'pretty';
    readonly priorities?: boolean;
  },
  destination: Destination = stdoutDestination(),
): Promise<Logger> {
  const stream =
    options.format === 'pretty'
      ? await prettyStream(destination as NodeJS.WritableStream & DestinationStream)
      : options.priorities === true
        ? withPriorities(destination)
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

/**
 * Returns true if a file descriptor leads to the journal of systemd, as JOURNAL_STREAM says
 * (systemd.exec(5)).
 */
export function isJournal(
  descriptor: number,
  { JOURNAL_STREAM: named }: Readonly<{ JOURNAL_STREAM?: string | undefined }>,
): boolean {
  if (named === undefined) return false;
  try {
    const { dev, ino } = fstatSync(descriptor, { bigint: true });
    return named === `${dev}:${ino}`;
  } catch {
    return false;
  }
}

// Pino's levels, and the priorities of syslog(3). journald removes them from the lines (sd-daemon(3)).
const PRIORITIES = [
  { from: 50, prefix: '<3>' },
  { from: 40, prefix: '<4>' },
  { from: 30, prefix: '<6>' },
  { from: 0, prefix: '<7>' },
];

function withPriorities(destination: DestinationStream): DestinationStream {
  return {
    // pino sets `lastLevel` before each line.
    [symbols.needsMetadataGsym]: true,
    lastLevel: 0,
    write(line: string) {
      const { prefix = '' } = PRIORITIES.find(({ from }) => this.lastLevel >= from) ?? {};
      destination.write(prefix + line);
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
