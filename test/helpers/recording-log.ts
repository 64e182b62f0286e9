import type { EventLog, EventName, LogFields } from '../../src/domain/event-log.ts';

/** One line that was logged. */
export interface RecordedLine {
  readonly level: keyof EventLog;
  readonly event: EventName;
  readonly fields: LogFields;
  readonly message: string;
}

/** A log that keeps its lines, in order. */
export interface RecordingLog {
  readonly log: EventLog;
  readonly lines: readonly RecordedLine[];
  /** The lines as `level event`. */
  readonly told: () => string[];
  /** The lines of level info and above, as JSON. */
  readonly shown: () => string;
}

export function recordingLog(): RecordingLog {
  const lines: RecordedLine[] = [];
  const at = (level: keyof EventLog) => (event: EventName, fields: LogFields, message: string) => {
    lines.push({ level, event, fields, message });
  };
  return {
    log: {
      trace: at('trace'),
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
    },
    lines,
    told: () => lines.map(({ level, event }) => `${level} ${event}`),
    shown: () =>
      JSON.stringify(lines.filter(({ level }) => level !== 'trace' && level !== 'debug')),
  };
}
