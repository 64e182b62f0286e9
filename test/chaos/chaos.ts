/**
 * Runs chaos: `npm run chaos -- --minutes 10 --seed 7 --replicas 3`. Relays, their Redis, their
 * receivers and the API are killed, frozen and fail at random, from a seed. The exit status is 0 if
 * every mention reached every webhook, every repeat is explained, and the API's budget was never
 * exceeded. Otherwise it is 1, and the record and the relays' logs are kept; `--keep folder` keeps
 * them in any case.
 */
import { randomInt } from 'node:crypto';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { reportOf } from './report.ts';
import { runChaos } from './run.ts';
import { judgeRun } from './verdict.ts';

const MINUTE_MS = 60_000;
const DRAIN_MS = 4 * MINUTE_MS;
// The status that shells give a program that SIGINT ended.
const INTERRUPTED = 130;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(randomInt(1, 1_000_000)) },
    replicas: { type: 'string', default: '3' },
    keep: { type: 'string' },
  },
});
const print = (line: string): boolean => process.stdout.write(`${line}\n`);

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    print('Interrupted: ending every process.');
    interrupted.abort(new Error('interrupted'));
  });
}

const { record, logs } = await runChaos({
  seed: positive('seed', values.seed),
  lengthMs: positive('minutes', values.minutes) * MINUTE_MS,
  replicas: positive('replicas', values.replicas),
  drainMs: DRAIN_MS,
  signal: interrupted.signal,
  progress: print,
}).catch((error: unknown) => {
  if (!interrupted.signal.aborted) throw error;
  process.exit(INTERRUPTED);
});
const verdict = judgeRun(record);
print(`\n${reportOf(record, verdict)}`);
const failed = verdict.problems.length > 0;
const folder = values.keep ?? (failed ? mkdtempSync(join(tmpdir(), 'relay-chaos-')) : undefined);
if (folder !== undefined) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'record.json'), JSON.stringify(record));
  for (const [name, text] of logs) writeFileSync(join(folder, `${name}.log`), text);
  print(`The record and the relays' logs are in ${folder}`);
}
if (failed) process.exitCode = 1;

function positive(name: string, text: string): number {
  const number = Number(text);
  if (!(number > 0)) throw new Error(`--${name} must be a number above 0`);
  return number;
}
