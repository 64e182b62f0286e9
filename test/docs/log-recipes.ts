import { codeBlocks, read } from './markdown.ts';

/** A question of docs/log-recipes.md and its recipes, as they are written. */
export interface Question {
  readonly question: string;
  /** A shell command with jq, to be run where `relay.log` is. */
  readonly jq: string;
  readonly logql: readonly string[];
  readonly insights: readonly string[];
  /** What the jq recipe may print. */
  readonly sample: string;
  /** The languages of its blocks, in their order. */
  readonly languages: readonly string[];
}

/** The questions of the page, in their order. Several queries in one block have an empty line between them. */
export function questions(): readonly Question[] {
  const [, ...parts] = read('docs/log-recipes.md').split(/^## /m);
  return parts.map((part) => {
    const blocks = codeBlocks(part);
    const block = (language: string) =>
      blocks.find((each) => each.language === language)?.code.trim() ?? '';
    return {
      question: part.slice(0, part.indexOf('\n')).trim(),
      jq: block('sh'),
      logql: block('logql').split(/\n{2,}/),
      insights: block('insights').split(/\n{2,}/),
      sample: block('text'),
      languages: blocks.map(({ language }) => language),
    };
  });
}
