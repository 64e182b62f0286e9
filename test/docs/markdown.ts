import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The project's folder. */
export const ROOT = join(import.meta.dirname, '../..');

/** A fenced code block. */
export interface CodeBlock {
  /** What follows the fence, such as `json`. */
  readonly language: string;
  readonly code: string;
}

/** A heading and what stands below it, up to the next heading. */
export interface Section {
  /** As it is written, backticks too. */
  readonly heading: string;
  readonly level: number;
  readonly body: string;
}

const FENCE = /^```(\S*)[^\n]*\n([\s\S]*?)^```$/gm;

/** The text of a file, by its path from the project's folder. */
export function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** All Markdown files of the project, by their paths from its folder. */
export function markdownFiles(): readonly string[] {
  const top = readdirSync(ROOT).filter((name) => name.endsWith('.md'));
  const below = ['docs', 'config', 'src', 'test'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .map((name) => `${folder}/${name}`),
  );
  return [...top, ...below];
}

export function codeBlocks(markdown: string): readonly CodeBlock[] {
  return [...markdown.matchAll(FENCE)].map(([, language = '', code = '']) => ({ language, code }));
}

/** The one code block of a language that holds a text. */
export function codeBlock(markdown: string, language: string, holds: string): string {
  const found = codeBlocks(markdown).filter(
    (block) => block.language === language && block.code.includes(holds),
  );
  if (found.length !== 1) throw new Error(`${found.length} blocks of ${language} with ${holds}`);
  return found[0]?.code ?? '';
}

/** What stands in single backticks outside of code blocks. */
function inlineCode(markdown: string): readonly string[] {
  return [...withoutBlocks(markdown).matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
}

/** All code: inline, and of all blocks. */
export function allCode(markdown: string): readonly string[] {
  return [...inlineCode(markdown), ...codeBlocks(markdown).map(({ code }) => code)];
}

/** Code that a reader may type: not what programs print, which stands in blocks of `text`. */
export function typedCode(markdown: string): readonly string[] {
  const blocks = codeBlocks(markdown).filter(({ language }) => language !== 'text');
  return [...inlineCode(markdown), ...blocks.map(({ code }) => code)];
}

export function sections(markdown: string): readonly Section[] {
  const parts = withoutBlocks(markdown).split(/^(#{1,6}) +(.+)$/m);
  const found: Section[] = [];
  for (let i = 1; i < parts.length; i += 3) {
    const [marks = '', heading = '', body = ''] = parts.slice(i, i + 3);
    found.push({ heading: heading.trim(), level: marks.length, body });
  }
  return found;
}

/** All tables: the cells of the head, and those of each row below. */
export function tables(
  markdown: string,
): readonly { readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] }[] {
  const blocks = withoutBlocks(markdown).match(/(?:^\|.*\|$\n?){3,}/gm) ?? [];
  return blocks.map((block) => {
    const [head = [], , ...rows] = block.trim().split('\n').map(cells);
    return { head, rows };
  });
}

/** What can follow `#` in a link to this text, by GitHub's rules for headings. */
export function anchors(markdown: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { heading } of sections(markdown)) {
    const slug = heading
      .toLowerCase()
      .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
      .replaceAll(' ', '-');
    let unique = slug;
    for (let count = 1; found.has(unique); count += 1) unique = `${slug}-${count}`;
    found.add(unique);
  }
  return found;
}

/** The targets of all links and pictures. */
export function linkTargets(markdown: string): readonly string[] {
  const prose = withoutBlocks(markdown).replace(/`[^`\n]+`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
}

function withoutBlocks(markdown: string): string {
  return markdown.replace(FENCE, '');
}

function cells(line: string): string[] {
  return line
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim());
}
