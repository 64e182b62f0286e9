import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitUntil } from '../helpers/wait-until.ts';

/** A message as systemd receives it. */
export interface Notification {
  /** Assignments such as `READY=1`, one per line. */
  readonly message: string;
  /** The control group of the sender; null if the sender had already ended. */
  readonly cgroup: string | null;
}

/** A real socket for NOTIFY_SOCKET, instead of systemd's. */
export interface NotifySocket extends AsyncDisposable {
  readonly path: string;
  /** All messages so far except barriers, in order of arrival. */
  readonly received: () => Notification[];
  /** The number of senders that waited until their message was received. */
  readonly barriers: () => number;
}

/** Listens with a Python program, because Node has no Unix datagram sockets. */
export async function notifySocket(): Promise<NotifySocket> {
  const folder = mkdtempSync(join(tmpdir(), 'relay-notify-'));
  const path = join(folder, 'socket');
  const listener = spawn('python3', [join(import.meta.dirname, 'notify-socket.py'), path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => listener.once('close', resolve));
  let output = '';
  listener.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const lines = (): string[] => output.split('\n').slice(0, -1);
  const all = (): Notification[] =>
    lines()
      .slice(1)
      .map((line) => JSON.parse(line) as Notification);
  const isBarrier = ({ message }: Notification): boolean => message === 'BARRIER=1';
  await waitUntil('the socket', () => lines().length > 0);

  return {
    path,
    received: () => all().filter((notification) => !isBarrier(notification)),
    barriers: () => all().filter(isBarrier).length,
    async [Symbol.asyncDispose]() {
      listener.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
