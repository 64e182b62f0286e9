import { describe, expect, test } from 'vitest';
import { CSV_COLUMNS, csvHead, csvRow, jsonLine } from '../../src/cli/export-rows.ts';
import { parseMention } from '../../src/domain/mention.ts';
import { identityOf, type KeptMention } from '../../src/history/kept-mention.ts';
import { mention } from '../helpers/mentions.ts';
import { read } from '../docs/markdown.ts';

const KEPT_AT_MS = Date.parse('2026-11-24T08:00:00Z');

function kept(overrides: Record<string, unknown> = {}): KeptMention {
  return {
    mention: mention(1, overrides),
    keptAtMs: KEPT_AT_MS,
    recovered: false,
    mergedInto: null,
    ends: [
      { webhook: 'CRM', outcome: 'failed', atMs: KEPT_AT_MS + 1, attempts: 9, status: 500 },
      { webhook: 'CRM', outcome: 'delivered', atMs: KEPT_AT_MS + 2, attempts: 1, status: 200 },
    ],
  };
}

/** Returns the content of a mention as its row has it, with its quotation marks. */
function written(content: string): string | undefined {
  const marks = { link: 'LINK', group: { id: '1', name: 'G' }, owner: { id: '2', name: 'BEFORE' } };
  return /"BEFORE","(.*)","LINK"/s.exec(csvRow(kept({ content, ...marks })))?.[1];
}

describe('a row of CSV', () => {
  test('has a cell for each column of the head, which the page names', () => {
    expect(csvHead()).toMatch(/^"kept_at","spotted_at",.*"merged_into"\r\n$/);
    const cells = csvRow(kept({ content: 'a' })).match(/"(?:[^"]|"")*"/g);
    expect(cells).toHaveLength(CSV_COLUMNS.length);
    expect(cells?.slice(0, 3)).toEqual([
      '"2026-11-24T08:00:00.000Z"',
      '"2023-11-08T15:56:41.000Z"',
      '"crm"',
    ]);
    expect(cells?.[8]).toBe(
      '"CRM failed 2026-11-24T08:00:00.001Z\nCRM delivered 2026-11-24T08:00:00.002Z"',
    );
    const page = read('docs/find-out.md');
    for (const column of CSV_COLUMNS) expect(page).toContain(`\`${column}\``);
  });

  test.each([
    ['a quotation mark', 'He said "yes", twice', 'He said ""yes"", twice'],
    ['lines', 'one\r\ntwo\nthree', 'one\r\ntwo\nthree'],
    ['text in other scripts', 'Büro für 👩‍💻 価格', 'Büro für 👩‍💻 価格'],
    ['characters of a formula inside', 'a=b+c-d @ $5, call +49 30', 'a=b+c-d @ $5, call +49 30'],
    [
      'a formula',
      '=HYPERLINK("http://evil.example","x")',
      `'=HYPERLINK(""http://evil.example"",""x"")`,
    ],
    ['a call', '+49 30 1234', "'+49 30 1234"],
    ['a minus', '-2+3+cmd|" /C calc"!A0', `'-2+3+cmd|"" /C calc""!A0`],
    ['an at sign', '@SUM(1+1)', "'@SUM(1+1)"],
    ['a formula behind white space', ' \u00a0\u200b=1+1', " \u00a0\u200b'=1+1"],
    ['a formula behind a quotation mark', '"=1+1', `""'=1+1`],
    ['full-width signs', '＝1＋1', "'＝1＋1"],
    ['a tab', '\t=1', "'\t'=1"],
    ['a carriage return', '\r=1', "'\r'=1"],
    ['a formula in the next line', 'text\r\n=1+1', "text\r\n'=1+1"],
    ['a formula where semicolons separate', 'text;"=1+1', `text;""'=1+1`],
    ['a formula where tabs separate', 'text\t=1+1', "text\t'=1+1"],
    ['control characters', 'a\u0000\u001b[2Jb\u0085=1', 'a[2Jb=1'],
    ['a control character before a formula', '\u0000=1', "'=1"],
  ])('with %s is text', (_, content, cell) => {
    expect(written(content)).toBe(cell);
  });

  test('takes no long time over hostile content', () => {
    // Quadratic time would be minutes.
    const content = `${'\n'.repeat(120_000)}${';='.repeat(60_000)}${' '.repeat(120_000)}`;
    expect(written(content)).toContain(`;'=;'=`);
  });

  test.each(['keyword', 'position', 'link'])('defuses the %s too', (field) => {
    expect(csvRow(kept({ [field]: '=1+1' }))).toContain(`"'=1+1"`);
    expect(csvRow(kept({ [field]: '=1+1' }))).not.toContain(`"=1+1"`);
  });
});

describe('a line of JSON', () => {
  test('has all that the API gave, and what became of it, safe on a terminal', () => {
    const given = kept({ content: 'a\u001b[2J\n\u202e=b', likes: 3 });
    const line = jsonLine({ ...given, mergedInto: identityOf(mention(2)) });
    // oxlint-disable-next-line no-control-regex
    expect(line).toMatch(/^[^\u0000-\u001f\u202e]+\n$/);
    expect(JSON.parse(line)).toEqual({
      messageId: `msg_${identityOf(given.mention)}`,
      keptAt: '2026-11-24T08:00:00.000Z',
      spottedAt: '2023-11-08T15:56:41.000Z',
      recovered: false,
      mergedInto: `msg_${identityOf(mention(2))}`,
      mention: given.mention.raw,
      deliveries: [
        {
          webhook: 'CRM',
          outcome: 'failed',
          at: '2026-11-24T08:00:00.001Z',
          attempts: 9,
          status: 500,
        },
        {
          webhook: 'CRM',
          outcome: 'delivered',
          at: '2026-11-24T08:00:00.002Z',
          attempts: 1,
          status: 200,
        },
      ],
    });
    expect(parseMention(JSON.parse(line).mention)).toMatchObject({ value: given.mention });
  });
});
