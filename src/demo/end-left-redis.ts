import { existsSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const DEADLINE_MS = 3_000;

/**
 * Ends the embedded Redis that a relay left in `dataDir`, because it crashed or was killed: made to
 * outlive its relay, it would outlive the demo as well. Does nothing where none is left. Resolves
 * when it has ended, or after 3 seconds.
 */
export async function endLeftRedis(dataDir: string): Promise<void> {
  const path = join(dataDir, 'redis.sock');
  if (!existsSync(path)) return;
  // An inline command (redis.io/docs/latest/develop/reference/protocol-spec). It is answered by the
  // end of the connection, and the socket goes with the server.
  const connection = createConnection({ path });
  connection.on('error', () => undefined);
  connection.end('SHUTDOWN NOSAVE\r\n');
  connection.resume();
  const deadlineMs = performance.now() + DEADLINE_MS;
  while (existsSync(path) && performance.now() < deadlineMs) await sleep(20);
  connection.destroy();
}
