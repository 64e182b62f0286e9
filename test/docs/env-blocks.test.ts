import { describe, expect, test } from 'vitest';
import { mergeEnvFile } from '../../src/config/env-file.ts';
import { readConfig } from '../../src/config/env.ts';
import { filledIn } from '../helpers/filled-in.ts';
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

function readBlock(code: string) {
  const merged = mergeEnvFile({}, { path: '.env', readFile: () => code });
  const env = merged.ok ? { ...REQUIRED, ...merged.env } : {};
  return readConfig(env, { readFile: noFiles, stdoutIsTty: false });
}

const noFiles = (): never => {
  throw new Error('no file is read');
};

describe('the settings that', () => {
  test.each(blocks)('$file shows are valid once they are filled in: $code', ({ code }) => {
    expect(readBlock(filledIn(code))).toMatchObject({ ok: true });
  });

  test.each(blocks)('$file shows are refused if they are not: $code', ({ code }) => {
    const reading = readBlock(code);
    const mistaken = reading.ok ? [] : reading.mistakes.map(({ variable }) => variable);
    // Where n8n and a receiver of one's own are is for the reader to know: a host of example.com.
    const secrets = /^(\w+_(?:KEY|URL|SECRET|HEADERS))=(?!.*\b(?:hooks|n8n)\.example)/gm;
    const shown = [...code.matchAll(secrets)].map(([, name = '']) => name);
    expect(mistaken.toSorted()).toEqual(shown.toSorted());
  });
});

test('the pages show settings', () => {
  const pages = new Set(blocks.map(({ file }) => file));
  expect(pages).toEqual(
    new Set(['README.md', 'docs/getting-started.md', 'docs/monitoring.md', 'docs/receivers.md']),
  );
});
