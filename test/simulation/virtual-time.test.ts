import { expect, test } from 'vitest';
import { createVirtualTime } from './virtual-time.ts';

test('events happen at their time, in order, and those at the same time as they were added', async () => {
  const time = createVirtualTime(1_000);
  const happened: string[] = [];
  const note = (what: string) => () => happened.push(`${what} ${time.nowMs()}`);
  time.at(3_000, note('third'));
  time.at(2_000, note('first'));
  time.at(2_000, note('second'));
  time.at(500, note('overdue'));
  time.at(4_001, note('never'));
  await time.runUntil(4_000);
  expect(happened).toEqual(['overdue 1000', 'first 2000', 'second 2000', 'third 3000']);
  expect(time.nowMs()).toBe(4_000);
});

test('what follows from an event by promises happens before the next one', async () => {
  const time = createVirtualTime(0);
  const happened: string[] = [];
  async function sleepAndFollow(): Promise<void> {
    await time.sleep(10);
    await Promise.resolve();
    happened.push(`follows ${time.nowMs()}`);
  }
  const slept = sleepAndFollow();
  time.at(11, () => happened.push('next'));
  await time.runUntil(20);
  await slept;
  expect(happened).toEqual(['follows 10', 'next']);
});

test('what is called off does not happen', async () => {
  const time = createVirtualTime(0);
  const callOff = time.at(5, () => expect.unreachable());
  callOff();
  callOff();
  await time.runUntil(10);
});
