import { describe, expect, test } from 'vitest';
import { FAULT_KINDS, makePlan } from './plan.ts';
import { lanesOf } from './setting.ts';

const MINUTE_MS = 60_000;
const plan = makePlan({ seed: 7, lengthMs: 10 * MINUTE_MS, lanes: lanesOf(3) });

describe('the plan of a run', () => {
  test('is the same for the same seed, and another for another', () => {
    const again = makePlan({ seed: 7, lengthMs: 10 * MINUTE_MS, lanes: lanesOf(3) });
    expect(again).toEqual(plan);
    const other = makePlan({ seed: 8, lengthMs: 10 * MINUTE_MS, lanes: lanesOf(3) });
    expect(other.faults).not.toEqual(plan.faults);
    expect(other.spottings).not.toEqual(plan.spottings);
  });

  test.each(Object.entries(FAULT_KINDS))('has each fault of %s', (subject, kinds) => {
    const planned = plan.faults.filter((fault) => fault.subject === subject);
    expect(new Set(planned.map(({ kind }) => kind))).toEqual(new Set(kinds));
  });

  test('has faults in every lane even in one minute', () => {
    const lanes = lanesOf(3);
    for (let seed = 1; seed <= 50; seed++) {
      const { faults } = makePlan({ seed, lengthMs: MINUTE_MS, lanes });
      expect(new Set(faults.map(({ lane }) => lane)).size).toBe(lanes.length);
    }
  });

  test('has the faults of one lane one after the other, all over at the end', () => {
    for (const { name } of plan.lanes) {
      const faults = plan.faults.filter(({ lane }) => lane === name);
      for (const [index, { fromMs, toMs }] of faults.entries()) {
        expect(fromMs).toBeGreaterThan(faults[index - 1]?.toMs ?? 0);
        expect(toMs).toBeGreaterThanOrEqual(fromMs);
        expect(toMs).toBeLessThanOrEqual(plan.lengthMs);
      }
    }
  });

  test('freezes nothing for longer than 8 seconds', () => {
    const frozen = plan.faults.filter(({ kind }) => kind === 'freeze');
    expect(Math.max(...frozen.map(({ fromMs, toMs }) => toMs - fromMs))).toBeLessThanOrEqual(8_000);
  });

  test('spots single mentions and bursts, never as many as a window has', () => {
    const counts = plan.spottings.map(({ count }) => count);
    expect(Math.min(...counts)).toBe(1);
    expect(Math.max(...counts)).toBeGreaterThan(10);
    expect(Math.max(...counts)).toBeLessThan(80);
    const times = plan.spottings.map(({ atMs }) => atMs);
    expect(times).toEqual(times.toSorted((one, other) => one - other));
  });

  test("leaves the other lanes' faults unchanged when a replica is added", () => {
    const four = makePlan({ seed: 7, lengthMs: 10 * MINUTE_MS, lanes: lanesOf(4) });
    const first = ({ lane }: { lane: string }): boolean => lane === 'replica 1';
    expect(four.faults.filter(first)).toEqual(plan.faults.filter(first));
  });
});
