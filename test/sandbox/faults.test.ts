import { describe, expect, test } from 'vitest';
import { createFaultList, type FaultRule } from '../../src/sandbox/faults.ts';
import { parseFaultRule } from '../../src/sandbox/control.ts';
import { seededRandom } from './running-sandbox.ts';

const MENTIONS = '/account/mentions';

describe('requests meet', () => {
  const cases: readonly {
    name: string;
    rules: readonly FaultRule[];
    paths?: readonly string[];
    met: readonly (string | undefined)[];
  }[] = [
    { name: 'nothing without a rule', rules: [], met: [undefined] },
    { name: 'a fault once by default', rules: [{ kind: 'hang' }], met: ['hang', undefined] },
    {
      name: 'a fault as often as it says',
      rules: [{ kind: 'html', times: 2 }],
      met: ['html', 'html', undefined],
    },
    {
      name: 'two faults one after the other',
      rules: [{ kind: 'html' }, { kind: 'hang' }],
      met: ['html', 'hang', undefined],
    },
    {
      name: 'a fault without end after those that end',
      rules: [{ kind: 'numbers', times: Infinity }, { kind: 'html' }],
      met: ['html', 'numbers', 'numbers'],
    },
    {
      name: 'a fault at its endpoint only',
      rules: [{ kind: 'html', endpoint: '/account/info' }],
      paths: [MENTIONS, '/account/info', '/account/info'],
      met: [undefined, 'html', undefined],
    },
    {
      name: 'malformed items where there are mentions',
      rules: [{ kind: 'malformed', items: [] }],
      paths: ['/account/groups', MENTIONS],
      met: [undefined, 'malformed'],
    },
    {
      name: 'a certain fault without end where it has a probability of 1',
      rules: [{ kind: 'hang', probability: 1 }],
      met: ['hang', 'hang', 'hang'],
    },
    {
      name: 'no fault of probability 0',
      rules: [{ kind: 'hang', probability: 0 }],
      met: [undefined, undefined],
    },
  ];
  test.each(cases)('$name', ({ rules, paths, met }) => {
    const faults = createFaultList(seededRandom(1));
    for (const rule of rules) faults.add(rule);
    const kinds = met.map((_, index) => faults.take(paths?.[index] ?? MENTIONS)?.kind);
    expect(kinds).toEqual(met);
  });

  test('a probable fault as often as its probability, the same with the same seed', () => {
    const run = (seed: number) => {
      const faults = createFaultList(seededRandom(seed));
      faults.add({ kind: 'hang', probability: 0.25 });
      return Array.from({ length: 2000 }, () => faults.take(MENTIONS)?.kind === 'hang');
    };
    const hits = run(1).filter(Boolean).length;
    expect(hits).toBeGreaterThan(440);
    expect(hits).toBeLessThan(560);
    expect(run(1)).toEqual(run(1));
    expect(run(1)).not.toEqual(run(2));
  });

  test('nothing after the faults were cleared', () => {
    const faults = createFaultList(seededRandom(1));
    faults.add({ kind: 'hang', times: Infinity });
    expect(faults.count()).toBe(1);
    faults.clear();
    expect(faults.take(MENTIONS)).toBeUndefined();
    expect(faults.count()).toBe(0);
  });
});

describe('as JSON', () => {
  test.each([
    { kind: 'status', status: 503, retryAfter: 7, body: 'busy', endpoint: MENTIONS, times: 3 },
    { kind: 'status', status: 429, retryAfter: 'Wed, 21 Oct 2026 07:28:00 GMT' },
    { kind: 'envelope', status: 401 },
    { kind: 'delay', delayMs: 250 },
    { kind: 'reset', when: 'after' },
    { kind: 'hang', probability: 0.5 },
    { kind: 'html' },
    { kind: 'truncated' },
    { kind: 'malformed', items: [null, { id: {} }] },
    { kind: 'numbers' },
  ])('a rule of kind $kind is taken as it is', (rule) => {
    expect(parseFaultRule(rule)).toEqual({ ok: true, value: rule });
  });

  test('the string Infinity stands for a fault without end', () => {
    expect(parseFaultRule({ kind: 'numbers', times: 'Infinity' })).toEqual({
      ok: true,
      value: { kind: 'numbers', times: Infinity },
    });
  });

  test.each([
    { name: 'an unknown kind', rule: { kind: 'flood' } },
    { name: 'no object', rule: [] },
    { name: 'a status that HTTP does not know', rule: { kind: 'status', status: 99 } },
    { name: 'an unknown endpoint', rule: { kind: 'hang', endpoint: '/account' } },
    { name: 'an unknown field', rule: { kind: 'hang', time: 3 } },
    { name: 'no times at all', rule: { kind: 'hang', times: 0 } },
    { name: 'a probability above 1', rule: { kind: 'hang', probability: 2 } },
    {
      name: 'a header of two lines',
      rule: { kind: 'status', status: 503, retryAfter: '1\r\nx: y' },
    },
  ])('$name is refused, with the reason', ({ rule }) => {
    const parsed = parseFaultRule(rule);
    expect(parsed.ok).toBe(false);
    expect(parsed).toHaveProperty('error', expect.stringMatching(/\w/));
  });
});
