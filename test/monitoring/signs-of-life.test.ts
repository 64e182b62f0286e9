import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { waitUntil } from '../helpers/wait-until.ts';

// The watchdog waits twelve beats: a second.
const BEAT_MS = 84;

/** Starts a process with a watchdog that runs this code when it gets a line, and prints `alive`. */
function watched(code: string) {
  const child = spawn(
    process.execPath,
    [
      '--input-type=module',
      '--eval',
      `import { showSignsOfLife } from ${JSON.stringify(new URL('../../src/monitoring/signs-of-life.io.ts', import.meta.url).href)};
       showSignsOfLife({ healthFile: undefined, log: console, beatMs: ${BEAT_MS} });
       setInterval(() => console.log('alive'), 50);
       process.stdin.once('data', () => { ${code} });
       console.log('begun');`,
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  onTestFinished(() => void child.kill('SIGKILL'));
  return { child, output: () => output, ended: once(child, 'exit'), closed: once(child, 'close') };
}

test.each([
  ['computes without end', 'for (;;);'],
  ['waits without end', 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);'],
])('a process that %s is killed after a line in its log', async (_, code) => {
  const { child, output, ended, closed } = watched(code);
  await waitUntil('the start', () => output().includes('alive'));
  child.stdin.write('now\n');
  expect(await ended).toEqual([null, 'SIGKILL']);
  await closed;
  const line = JSON.parse(output().trimEnd().split('\n').at(-1) ?? '') as { time: string };
  expect(line).toMatchObject({ level: 'error', event: 'relay.hung', hungForMs: BEAT_MS * 12 });
  expect(Math.abs(Date.parse(line.time) - Date.now())).toBeLessThan(30_000);
});

test('a process that was stopped for longer, or is slow, is left alone; its watchdog ends with it', async () => {
  const { child, output, ended, closed } = watched(
    'const since = performance.now(); while (performance.now() - since < 500); console.log("slow");',
  );
  await waitUntil('the start', () => output().includes('alive'));
  child.kill('SIGSTOP');
  // Longer than the watchdog waits for one that runs.
  await sleep(BEAT_MS * 20);
  child.kill('SIGCONT');
  child.stdin.write('now\n');
  await waitUntil('life after the stop', () => /slow\n(alive\n){60}/.test(output()));
  child.kill('SIGKILL');
  await ended;
  // The output closes when the last process that holds it has ended.
  await closed;
  expect(output()).not.toContain('relay.hung');
});
