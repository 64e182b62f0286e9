import { expect, test } from 'vitest';
import { linkTargets, markdownFiles, read } from './markdown.ts';

test('docs/README.md has every page of docs/ once', () => {
  const pages = markdownFiles().filter((file) => /^docs\/[\w-]+\.md$/.test(file));
  const listed = linkTargets(read('docs/README.md')).filter((target) => target.endsWith('.md'));
  const missing = pages
    .map((file) => file.replace('docs/', ''))
    .filter((page) => page !== 'README.md' && !listed.includes(page));
  expect(missing).toEqual([]);
  expect(listed).toEqual([...new Set(listed)]);
});
