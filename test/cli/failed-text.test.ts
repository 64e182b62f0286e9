import { describe, expect, test } from 'vitest';
import { failedContent, failedDetails, failedTable } from '../../src/cli/failed-text.ts';
import type { FailedDelivery } from '../../src/domain/delivery.ts';
import { mention } from '../helpers/mentions.ts';
import { GAP } from '../webhooks/recovered-and-alert-samples.ts';

const nowMs = 1_700_000_000_000;

function failed(overrides: Partial<FailedDelivery> = {}): FailedDelivery {
  return {
    webhook: 'SALES',
    jobId: 'm-abcdefghijklmnopqrstuv',
    kind: 'mention',
    content: mention(1).raw,
    mentionId: '294391',
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
  test('fits 80 columns with the longest values', () => {
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

  test('names the kind of a delivery that is not an ordinary mention', () => {
    const kinds = [failed(), failed({ kind: 'alert' }), failed({ kind: null })];
    const table = failedTable(kinds, { nowMs, width: 120 });
    expect(table.match(/(?:\(\w+\) )?status 410/g)).toEqual([
      'status 410',
      '(alert) status 410',
      '(unknown) status 410',
    ]);
  });

  test('shows the whole reason if there is room', () => {
    const table = failedTable([failed()], { nowMs, width: 120 });
    expect(table).toMatch(/or not allowed$/m);
  });
});

describe('the details', () => {
  test('name unknown times and an unconfigured webhook', () => {
    const text = failedDetails(
      failed({ content: 'of another release', spottedAtMs: null, polledAtMs: null }),
      false,
    );
    expect(text).toMatch(/^msg_abcdefghijklmnopqrstuv for webhook SALES \(not configured\)$/m);
    expect(text).toMatch(/^ {2}spotted +unknown$/m);
    expect(text).toMatch(/^ {2}content +"of another release"$/m);
  });

  test.each<[string, Partial<FailedDelivery>, readonly string[]]>([
    [
      'a recovered mention',
      { kind: 'recovered', content: { keyword: 'crm', group: { id: '1', name: 'Owners' } } },
      [
        'The recovered mention, as the API gave it:',
        '  keyword       crm',
        '  group.name    Owners',
      ],
    ],
    [
      'an alert with readable times',
      { kind: 'alert', content: { ...GAP, fromMs: null }, spottedAtMs: GAP.detectedAtMs },
      [
        '  found         2023-11-08T16:05:00.000Z',
        'The alert:',
        '  type          gap.detected',
        '  from          unknown',
        '  to            2023-11-08T15:30:00.000Z',
        '  detectedAt    2023-11-08T16:05:00.000Z',
      ],
    ],
    [
      'an unreadable alert',
      { kind: 'alert', content: { detectedAtMs: 1e300, text: '\u001b' }, spottedAtMs: null },
      ['  found         unknown', '  detectedAtMs  1e+300', '  text          \\u{1b}'],
    ],
    [
      'the content of another release',
      { kind: null, content: { kind: 'new' } },
      ['The content, as it is stored:', '  kind          new'],
    ],
  ])('show %s', (_, kept, lines) => {
    const shown = failedDetails(failed(kept), true).split('\n');
    expect(shown).toEqual(expect.arrayContaining([...lines]));
  });

  test('keep the lines of a text, and none of them looks like a field', () => {
    const raw = { id: '1', content: 'one\n  reason  forged\r\nthree', extra: [1, { a: '\u009b' }] };
    const lines = failedDetails(failed({ content: raw }), true).split('\n');
    expect(lines).toContain('  content       one');
    expect(lines).toContain('                  reason  forged');
    expect(lines).toContain('                three');
    expect(lines).toContain('  extra         [1,{"a":"\\u009b"}]');
  });
});

test.each([
  ['mention', 'mention'],
  ['recovered', 'mention'],
  ['alert', 'alert'],
  [null, 'content'],
] as const)('in JSON the content of kind %s is named %s', (kind, name) => {
  expect(failedContent(failed({ kind, content: 7 }))).toEqual({ [name]: 7 });
});
