import { describe, expect, test } from 'vitest';
import { duration, failedDetails, failedTable } from '../../src/cli/failed-text.ts';
import type { FailedDelivery } from '../../src/domain/delivery.ts';
import { mention } from '../helpers/mentions.ts';

const nowMs = 1_700_000_000_000;

function failed(overrides: Partial<FailedDelivery> = {}): FailedDelivery {
  return {
    webhook: 'SALES',
    jobId: 'm-abcdefghijklmnopqrstuv',
    mention: mention(1).raw,
    attempts: 9,
    reason: 'status 410: the URL is no longer valid, or not allowed',
    spottedAtMs: nowMs - 600_000,
    polledAtMs: nowMs - 590_000,
    failedAtMs: nowMs - 400_000,
    ...overrides,
  };
}

const widest = (text: string) => Math.max(...text.split('\n').map((line) => line.length));

describe('the table', () => {
  test('fits 80 columns with the longest of everything', () => {
    const found = [
      failed(),
      failed({ webhook: 'A_VERY_LONG_NAME_OF_A_WEBHOOK', failedAtMs: 0, attempts: 1_000 }),
    ];
    const table = failedTable(found, { nowMs, width: 80 });
    expect(widest(table)).toBeLessThanOrEqual(80);
    expect(table).toContain('6m ago');
    expect(table).toContain('A_VERY_LONG_N...');
    expect(table).toMatch(/ status 4\S*\.\.\.$/m);
  });

  test('shows a reason whole where there is room', () => {
    const table = failedTable([failed()], { nowMs, width: 120 });
    expect(table).toMatch(/or not allowed$/m);
  });
});

describe('the details', () => {
  test('say what is not known, and that a webhook is not configured', () => {
    const text = failedDetails(
      failed({ mention: 'of another release', spottedAtMs: null, polledAtMs: null }),
      false,
    );
    expect(text).toMatch(/^msg_abcdefghijklmnopqrstuv for webhook SALES \(not configured\)$/m);
    expect(text).toMatch(/^ {2}spotted +unknown$/m);
    expect(text).toMatch(/^ {2}mention +"of another release"$/m);
  });

  test('keep the lines of a text, none of which can pass for a field', () => {
    const raw = { id: '1', content: 'one\n  reason  forged\r\nthree', extra: [1, { a: '\u009b' }] };
    const lines = failedDetails(failed({ mention: raw }), true).split('\n');
    expect(lines).toContain('  content       one');
    expect(lines).toContain('                  reason  forged');
    expect(lines).toContain('                three');
    expect(lines).toContain('  extra         [1,{"a":"\\u009b"}]');
  });
});

test.each([
  [-5, '0s'],
  [59_400, '59s'],
  [60_000, '1m'],
  [3_599_000, '59m'],
  [3_600_000, '1h'],
  [86_400_000 * 13.9, '13d'],
])('%d ms is %s', (durationMs, text) => {
  expect(duration(durationMs)).toBe(text);
});
