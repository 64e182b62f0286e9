import { expect, onTestFinished, test, vi } from 'vitest';
import { createLifecycle } from '../../src/app/lifecycle.ts';

class Passing extends Error {}

function lifecycle() {
  const reported: unknown[] = [];
  const released: string[] = [];
  const parts = createLifecycle({
    reportError: (error) => reported.push(error),
    mayPass: (error) => error instanceof Passing,
  });
  return {
    ...parts,
    reported,
    released,
    take: (name: string) => parts.onRelease(() => void released.push(name)),
  };
}

test('resources are released in reverse order, once', async () => {
  const { start, stop, take, released } = lifecycle();
  await start(async () => ['redis', 'queues', 'timers'].forEach(take));
  await stop();
  await stop();
  expect(released).toEqual(['timers', 'queues', 'redis']);
});

test('a start that fails half-way releases its resources, and throws', async () => {
  const { start, take, released } = lifecycle();
  const failing = start(async () => {
    take('redis');
    throw new Error('no queues');
  });
  await expect(failing).rejects.toThrow('no queues');
  expect(released).toEqual(['redis']);
});

test('a stop ends a start that waits forever, without an error', async () => {
  const { start, stop, take, released } = lifecycle();
  const starting = start(async () => {
    take('redis');
    await new Promise(() => undefined);
  });
  await stop();
  await starting;
  expect(released).toEqual(['redis']);
});

test('resources that a start takes after the stop are released too', async () => {
  const { start, stop, take, released } = lifecycle();
  const slow = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const starting = start(async () => {
    await slow.promise;
    take('late');
    ended.resolve();
  });
  await stop();
  await starting;
  slow.resolve();
  await ended.promise;
  await new Promise((resolve) => setImmediate(resolve));
  expect(released).toEqual(['late']);
});

test('a stop is visible from its beginning, before anything is released', async () => {
  const { stop, stopping, onRelease } = lifecycle();
  const seen = [stopping()];
  onRelease(() => void seen.push(stopping()));
  await stop();
  expect([...seen, stopping()]).toEqual([false, true, true]);
});

test('a temporary refusal is reported and retried, any other error is thrown', async () => {
  const { untilTaken, reported } = lifecycle();
  let asked = 0;
  const taken = await untilTaken(async () => {
    asked += 1;
    if (asked < 2) throw new Passing();
    return 'taken';
  });
  expect([taken, asked, reported.length]).toEqual(['taken', 2, 1]);
  await expect(untilTaken(() => Promise.reject(new Error('never')))).rejects.toThrow('never');
});

test('work of one interval runs together, each until its own resource is released', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const { every, onRelease, stop, reported } = lifecycle();
  const ran: string[] = [];
  every(5_000, async () => void ran.push('first'));
  onRelease(() => void vi.advanceTimersByTime(5_000));
  vi.advanceTimersByTime(1_000);
  every(5_000, async () => {
    ran.push('second');
    throw new Error('refused');
  });
  vi.advanceTimersByTime(4_000);
  expect(ran).toEqual(['first', 'second']);
  await stop();
  expect(ran).toEqual(['first', 'second', 'first']);
  vi.advanceTimersByTime(5_000);
  expect(ran).toHaveLength(3);
  expect(reported).toEqual([new Error('refused')]);
});
