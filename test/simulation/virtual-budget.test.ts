import { expect, test } from 'vitest';
import { createVirtualBudget, type Purpose, type VirtualBudgetOptions } from './virtual-budget.ts';
import { createVirtualTime } from './virtual-time.ts';

const LATENCY_MS = 300;

/** Asks for requests at once, in this order, and says when each one began. */
async function begun(
  asked: readonly Purpose[],
  options: Omit<VirtualBudgetOptions, 'windowMs'>,
  busy = false,
): Promise<string[]> {
  const time = createVirtualTime(0);
  const budget = createVirtualBudget(time, { windowMs: 60_000, ...options });
  if (busy) budget.setBusy();
  const began: string[] = [];
  for (const purpose of asked) {
    void budget.run(purpose, async () => {
      began.push(`${purpose} ${time.nowMs()}`);
      await time.sleep(LATENCY_MS);
    });
  }
  await time.runUntil(500_000);
  return began;
}

test('a slot is held until 60.15 seconds after the answer', async () => {
  const budget = { requestsPerWindow: 2, backgroundBelow: 1, backgroundWhileBusy: 0 };
  expect(await begun(['poll', 'poll', 'poll', 'poll', 'poll'], budget)).toEqual([
    'poll 0',
    'poll 0',
    'poll 60450',
    'poll 60450',
    'poll 120900',
  ]);
});

test('sweeps wait while as many slots are taken as they may leave free', async () => {
  const budget = { requestsPerWindow: 3, backgroundBelow: 2, backgroundWhileBusy: 0 };
  expect(await begun(['poll', 'sweep', 'sweep', 'poll', 'poll'], budget)).toEqual([
    'poll 0',
    'sweep 0',
    'poll 0',
    'poll 60450',
    'sweep 60450',
  ]);
});

test('while the account is busy, sweeps hold few slots, whatever the total', async () => {
  const budget = { requestsPerWindow: 5, backgroundBelow: 2, backgroundWhileBusy: 1 };
  const asked = ['poll', 'poll', 'sweep', 'sweep', 'poll'] as const;
  expect(await begun(asked, budget, true)).toEqual([
    'poll 0',
    'poll 0',
    'sweep 0',
    'poll 0',
    'sweep 60450',
  ]);
});

test('half a minute after the account was last busy, sweeps have their share again', async () => {
  const budget = { requestsPerWindow: 5, backgroundBelow: 2, backgroundWhileBusy: 1 };
  expect(await begun(['sweep', 'sweep', 'sweep'], budget, true)).toEqual([
    'sweep 0',
    'sweep 30000',
    'sweep 60450',
  ]);
});
