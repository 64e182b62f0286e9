import { describe, expect, test } from 'vitest';
import { createFaultList, type FaultRule } from '../../src/sandbox/faults.ts';
import { parseFaultRule } from '../../src/sandbox/control.ts';
import { seededRandom } from './running-sandbox.ts';

const MENTIONS = '/account/mentions';

describe('requests meet', () => {
  const info = '/account/info';
  test.each<[string, readonly FaultRule[], readonly (string | undefined)[], string[]?]>([
    ['nothing without a rule', [], [undefined]],
    ['a fault once by default', [{ kind: 'hang' }], ['hang', undefined]],
    ['a fault as often as it says', [{ kind: 'html', times: 2 }], ['html', 'html', undefined]],
    [
      'two faults one after the other',
      [{ kind: 'html' }, { kind: 'hang' }],
      ['html', 'hang', undefined],
    ],
    [
      'a fault without end after those that end',
      [{ kind: 'numbers', times: Infinity }, { kind: 'html' }],
      ['html', 'numbers', 'numbers'],
    ],
    [
      'a fault at its endpoint only',
      [{ kind: 'html', endpoint: info }],
      [undefined, 'html', undefined],
      [MENTIONS, info, info],
    ],
    [
      'malformed items where there are mentions',
      [{ kind: 'malformed', items: [] }],
      [undefined, 'malformed'],
      ['/account/groups', MENTIONS],
    ],
    ['a probability of 1 every time', [{ kind: 'hang', probability: 1 }], ['hang', 'hang', 'hang']],
    ['a probability of 0 never', [{ kind: 'hang', probability: 0 }], [undefined, undefined]],
  ])('%s', (_, rules, met, paths) => {
    const faults = createFaultList(seededRandom(1));
    for (const rule of rules) faults.add(rule);
    const kinds = met.map((_kind, index) => faults.take(paths?.[index] ?? MENTIONS)?.kind);
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
    { kind: 'entities' },
    { kind: 'truncated' },
    { kind: 'malformed', items: [null, { id: {} }] },
    { kind: 'links', host: 'facebook.com', tracking: '__cft__[0]=AZ1' },
    { kind: 'numbers' },
    { kind: 'html', status: 403 },
    { kind: 'noise' },
    { kind: 'noise', before: '\ufeff' },
    { kind: 'nested' },
    { kind: 'nested', levels: 100 },
    { kind: 'php' },
  ])('a rule of kind $kind is read as it is', (rule) => {
    expect(parseFaultRule(rule)).toEqual({ ok: true, value: rule });
  });

  test('the string Infinity means a fault without end', () => {
    expect(parseFaultRule({ kind: 'numbers', times: 'Infinity' })).toEqual({
      ok: true,
      value: { kind: 'numbers', times: Infinity },
    });
  });

  test.each([
    ['an unknown kind', { kind: 'flood' }],
    ['no object', []],
    ['a status that HTTP does not know', { kind: 'status', status: 99 }],
    ['an unknown endpoint', { kind: 'hang', endpoint: '/account' }],
    ['an unknown field', { kind: 'hang', time: 3 }],
    ['zero times', { kind: 'hang', times: 0 }],
    ['a probability above 1', { kind: 'hang', probability: 2 }],
    ['a header of two lines', { kind: 'status', status: 503, retryAfter: '1\r\nx: y' }],
  ])('%s is refused, with the reason', (_, rule) => {
    expect(parseFaultRule(rule)).toEqual({ ok: false, error: expect.stringMatching(/\w/) });
  });
});
