import { request } from 'node:http';
import { startSandbox } from '../../src/sandbox/sandbox.ts';

// Run by sandbox.test.ts in a process of its own: it ends only if stop() leaves nothing behind.
const sandbox = await startSandbox({ mentionsPerMinute: 0.01, spacing: 'steady' });
sandbox.fault({ kind: 'hang' });
sandbox.fault({ kind: 'delay', delayMs: 3_600_000 });
const ends: Promise<unknown>[] = [];
for (const path of ['hanging', 'delayed']) {
  const post = request(`${sandbox.url.href}/${path}`, { method: 'POST' });
  // Stopping resets the connection: this error is expected.
  post.on('error', () => {});
  ends.push(new Promise((resolve) => post.on('close', resolve)));
  post.end();
}
while (sandbox.requests().length < 2) await new Promise(setImmediate);
await sandbox.stop();
await Promise.all(ends);
