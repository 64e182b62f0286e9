import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { CSV_COLUMNS, csvHead, csvRow } from '../../src/cli/export-rows.ts';
import { mention } from '../helpers/mentions.ts';

const CONTENTS = [
  'He said "yes", twice; \'no\', never',
  'one\r\ntwo\n\nthree\r',
  '"',
  '',
  'Büro, 価格 👩‍💻',
  ',",\r\n"",',
];

test("Python's reader of CSV gets every cell back", () => {
  const rows = CONTENTS.map((content, index) =>
    csvRow({
      mention: mention(index, { content }),
      keptAtMs: 0,
      recovered: false,
      mergedInto: null,
      ends: [],
    }),
  );
  const script =
    'import csv,json,sys; print(json.dumps(list(csv.DictReader(open(0, encoding="utf-8-sig", newline=""), strict=True))))';
  const read = execFileSync('python3', ['-c', script], {
    input: `\uFEFF${csvHead()}${rows.join('')}`,
    encoding: 'utf8',
    env: { ...process.env, PYTHONUTF8: '1' },
  });
  const found = JSON.parse(read) as Record<string, string>[];
  expect(Object.keys(found[0] ?? {})).toEqual(CSV_COLUMNS);
  expect(found.map(({ content }) => content)).toEqual(CONTENTS);
});
