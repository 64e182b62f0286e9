import { describe, expect, test } from 'vitest';
import { mergeEnvFile } from '../../config/env-file.ts';
import { readConfig } from '../../config/env.ts';
import { codeBlocks, markdownFiles, read } from './markdown.ts';

const REQUIRED = {
  GROOUPLY_API_KEY: 'a-key',
  WEBHOOK_OTHER_URL: 'https://hooks.example.com/other',
};

/** The blocks of lines for an `.env`: settings of the relay and nothing else. */
const blocks = markdownFiles().flatMap((file) =>
  codeBlocks(read(file))
    .filter(({ language, code }) => {
      const lines = code.trim().split('\n');
      return language === 'sh' && lines.every((line) => /^(?:[A-Z][A-Z0-9_]*=.*)?$/.test(line));
    })
    .map(({ code }) => ({ file, code })),
);

const noFiles = (): never => {
  throw new Error('no file is read');
};

describe('the settings that', () => {
  test.each(blocks)('$file shows are valid as they stand: $code', ({ code }) => {
    const merged = mergeEnvFile({}, { path: '.env', readFile: () => code });
    const env = merged.ok ? { ...REQUIRED, ...merged.env } : {};
    const reading = readConfig(env, { readFile: noFiles, stdoutIsTty: false });
    expect(reading).toMatchObject({ ok: true });
  });
});

test('the pages show settings', () => {
  const pages = new Set(blocks.map(({ file }) => file));
  expect(pages).toEqual(
    new Set(['README.md', 'docs/getting-started.md', 'docs/monitoring.md', 'docs/receivers.md']),
  );
});
