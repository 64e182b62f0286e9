import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { waitUntil } from '../helpers/wait-until.ts';

const EXAMPLES = join(import.meta.dirname, '../../docs/examples');

/** One line that a receiver of docs/examples/ prints: a mention, a ping, or where it listens. */
export type ReceiverLine = Readonly<Record<string, unknown>>;

/** A running receiver of docs/examples/, to be held with `await using`. */
export interface RunningReceiver extends AsyncDisposable {
  readonly url: string;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Returns the mentions that it handled, in their order, repeats too. */
  readonly mentions: () => readonly ReceiverLine[];
  readonly pings: () => readonly unknown[];
}

/** The command of a receiver of docs/examples/. */
export interface ReceiverProgram {
  readonly command: string;
  readonly file: string;
}

/** Starts one on a free port, with these secrets in SIGNING_SECRET. */
export async function startExample(
  program: ReceiverProgram,
  secrets: string,
): Promise<RunningReceiver> {
  const child = spawnExample(program, { SIGNING_SECRET: secrets, PORT: '0' });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const closed = once(child, 'close');
  const lines = (): ReceiverLine[] =>
    output.stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as ReceiverLine);
  const { listening } = await waitUntil(`${program.file} to listen`, () => {
    if (child.exitCode !== null) throw new Error(`${program.file} ended: ${output.stderr}`);
    return lines()[0];
  });
  return {
    url: String(listening),
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    mentions: () =>
      lines().flatMap(({ mention }) => (mention === undefined ? [] : [mention as ReceiverLine])),
    pings: () => lines().flatMap(({ ping }) => (ping === undefined ? [] : [ping])),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await closed;
    },
  };
}

/** Returns the stderr and exit status of a receiver that can't start. */
export async function failedStart(
  program: ReceiverProgram,
  secrets: string,
): Promise<{ readonly code: number | null; readonly stderr: string }> {
  const child = spawnExample(program, { SIGNING_SECRET: secrets, PORT: '0' });
  let stderr = '';
  child.stdout.resume();
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stderr };
}

function spawnExample({ command, file }: ReceiverProgram, env: Readonly<Record<string, string>>) {
  return spawn(command, [join(EXAMPLES, file)], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
