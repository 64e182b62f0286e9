import { expect, test } from 'vitest';
import { createSuccessiveApps } from '../../src/app/successive-apps.ts';

/** Apps that log their names, and start and end when the test lets them. */
function succession({ failing = [] }: { readonly failing?: readonly string[] } = {}) {
  const seen: string[] = [];
  const gates = new Map<string, PromiseWithResolvers<void>>();
  const gate = (name: string): PromiseWithResolvers<void> => {
    const known = gates.get(name) ?? Promise.withResolvers<void>();
    gates.set(name, known);
    return known;
  };
  const apps = createSuccessiveApps<string>({
    create: (name) => ({
      async start() {
        seen.push(`${name} starts`);
        await gate(`${name} up`).promise;
        if (failing.includes(name)) throw new Error(name);
      },
    }),
    async end(name) {
      seen.push(`${name} stops`);
      // As the app's own stop does for a start that waits.
      gate(`${name} up`).resolve();
      await gate(`${name} down`).promise;
      return name === 'slow' ? 'overdue' : 'in time';
    },
    started: (name) => void seen.push(`${name} runs`),
    afterFailure: (error, before) => {
      seen.push(`${(error as Error).message} fails`);
      return before;
    },
  });
  return {
    ...apps,
    seen,
    open: (...names: string[]) => names.forEach((name) => gate(name).resolve()),
    settled: () => new Promise((resolve) => setImmediate(resolve)),
  };
}

test('a replacement starts after the end of the one before', async () => {
  const { run, replace, stop, seen, open, settled } = succession();
  open('a up', 'b up', 'b down');
  const running = run('a');
  await settled();
  replace('b');
  await settled();
  expect(seen).toEqual(['a starts', 'a runs', 'a stops']);
  open('a down');
  await settled();
  stop();
  expect(await running).toBe('in time');
  expect(seen.slice(3)).toEqual(['b starts', 'b runs', 'b stops']);
});

test('of several replacements during a stop the last one follows, and each is stopped once', async () => {
  const { run, replace, stop, seen, open, settled } = succession();
  open('a up', 'd up', 'd down');
  const running = run('a');
  await settled();
  for (const name of ['b', 'c', 'd']) replace(name);
  open('a down');
  await settled();
  stop();
  stop();
  await running;
  expect(seen).toEqual(['a starts', 'a runs', 'a stops', 'd starts', 'd runs', 'd stops']);
});

test('a start that waits is replaced and does not count as running', async () => {
  const { run, replace, stop, seen, open, settled } = succession();
  open('a down', 'b up', 'b down');
  const running = run('a');
  replace('b');
  await settled();
  stop();
  await running;
  expect(seen).toEqual(['a starts', 'a stops', 'b starts', 'b runs', 'b stops']);
});

test('after a stop during a replacement nothing follows', async () => {
  const { run, replace, stop, seen, open, settled } = succession();
  open('slow up');
  const running = run('slow');
  await settled();
  replace('b');
  stop();
  replace('c');
  open('slow down');
  expect(await running).toBe('overdue');
  expect(seen).toEqual(['slow starts', 'slow runs', 'slow stops']);
});

test('if a replacement cannot start, the one before runs again, and later another one', async () => {
  const { run, replace, stop, seen, open, settled } = succession({ failing: ['b'] });
  open('a up', 'a down', 'b up', 'c up', 'c down');
  const running = run('a');
  await settled();
  replace('b');
  await settled();
  replace('c');
  await settled();
  stop();
  await running;
  expect(seen.slice(3)).toEqual([
    'b starts',
    'b fails',
    'a starts',
    'a runs',
    'a stops',
    'c starts',
    'c runs',
    'c stops',
  ]);
});

test('if the first one cannot start, it is an error', async () => {
  const { run, open } = succession({ failing: ['a'] });
  open('a up');
  await expect(run('a')).rejects.toThrow('a');
});

test('if neither a replacement nor the one before can start, it is an error', async () => {
  const failing = ['b'];
  const { run, replace, open, settled } = succession({ failing });
  open('a up', 'a down', 'b up');
  const running = run('a');
  await settled();
  failing.push('a');
  replace('b');
  await expect(running).rejects.toThrow('a');
});
