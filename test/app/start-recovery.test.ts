import { expect, test } from 'vitest';
import { reportFailedSweep } from '../../src/app/start-recovery.ts';
import { GroouplyError } from '../../src/groouply/groouply-shapes.ts';
import { recordingLog } from '../helpers/recording-log.ts';

const secret = Object.assign(new Error('redis://:password@host'), { code: 'ECONNRESET' });

test.each<[string, unknown, string[], number]>([
  ['at debug for a rejected key', new GroouplyError('key-rejected', 'no'), ['debug no'], 0],
  ['as a warning for the API', new GroouplyError('server', 'failed'), ['warn failed'], 0],
  ['once, by the reporter, for Redis', new Error('OOM command not allowed'), [], 1],
  ['by its code for any other error', secret, ['warn ECONNRESET'], 0],
])('a failed sweep is logged %s', (_, error, logged, reports) => {
  const { log, lines } = recordingLog();
  const reported: unknown[] = [];
  reportFailedSweep({ log, reportError: (each) => reported.push(each) }, error);
  expect(lines.map(({ level, fields }) => `${level} ${String(fields['reason'])}`)).toEqual(logged);
  expect(reported).toHaveLength(reports);
});
