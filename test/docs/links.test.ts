import { existsSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { allCode, anchors, linkTargets, markdownFiles, read, ROOT } from './markdown.ts';

/** Why a link leads nowhere, or null. */
function problemOf(file: string, target: string): string | null {
  if (/^(https?:)/.test(target)) return null;
  const [path = '', anchor] = target.split('#', 2);
  const to = path === '' ? file : relative(ROOT, join(ROOT, dirname(file), decodeURI(path)));
  if (to.startsWith('..')) return 'leads out of the project';
  if (!existsSync(join(ROOT, to))) return 'no such file';
  if (anchor === undefined) return null;
  if (!to.endsWith('.md') || statSync(join(ROOT, to)).isDirectory()) return 'an anchor in no page';
  return anchors(read(to)).has(anchor) ? null : 'no such heading';
}

describe('the links of', () => {
  test.each(markdownFiles())('%s lead somewhere', (file) => {
    const broken = linkTargets(read(file)).flatMap((target) => {
      const problem = problemOf(file, target);
      return problem === null ? [] : [`${target}: ${problem}`];
    });
    expect(broken).toEqual([]);
  });
});

test('every page but README.md is linked from another one', () => {
  const linked = new Set(
    markdownFiles().flatMap((file) =>
      linkTargets(read(file)).map((target) =>
        relative(ROOT, join(ROOT, dirname(file), target.split('#')[0] ?? '')),
      ),
    ),
  );
  const alone = markdownFiles().filter((file) => file !== 'README.md' && !linked.has(file));
  expect(alone).toEqual([]);
});

test.each(markdownFiles())('%s names no file of the project that is not there', (file) => {
  const named = allCode(read(file)).filter((code) =>
    /^(?:src|test|config|scripts|docs)\/[\w./-]+$/.test(code),
  );
  // CONTRIBUTING.md explains a new webhook type by an invented one.
  const invented = /\/chat[./-]/;
  expect(named.filter((path) => !invented.test(path) && !existsSync(join(ROOT, path)))).toEqual([]);
});

describe('the checker', () => {
  test.each([
    ['docs/nothing.md', 'no such file'],
    ['docs/logs.md#no-such-event', 'no such heading'],
    ['../outside.md', 'leads out of the project'],
    ['package.json#scripts', 'an anchor in no page'],
    ['docs/logs.md#pollkey_rejected', null],
    ['docs', null],
  ])('says of a link to %s: %s', (target, problem) => {
    expect(problemOf('README.md', target)).toBe(problem);
  });
});
