/**
 * What a made-up mention says. `{city}`, `{budget}`, `{count}` and `{niche}` are filled in.
 * The keyword stands in the text; in a link its words are joined by hyphens.
 */
export interface MentionText {
  readonly keyword: string;
  readonly position: 'post' | 'comment' | 'link';
  readonly text: string;
  /** Who may have written it, where that depends on the language. */
  readonly names?: readonly string[];
}
