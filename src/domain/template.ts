/** The fields of a mention that a template can show. docs/receivers.md describes each. */
export const TEMPLATE_FIELDS = [
  'keyword',
  'content',
  'position',
  'link',
  'owner.id',
  'owner.name',
  'owner.link',
  'group.id',
  'group.name',
  'id',
  'title',
  'excerpt',
  'author',
  'alsoFound',
  'spotted',
  'spottedSeconds',
  'messageId',
] as const;
export type TemplateField = (typeof TEMPLATE_FIELDS)[number];

/**
 * The body of a webhook's requests: a JSON text in Mustache's notation. Its tags are only in texts, never
 * in names, and each section ends in the text that it begins in, so that escaped values keep it valid.
 */
export interface Template {
  /** Secret: the receiver may require a token in it. */
  readonly text: string;
  /** The same without the texts that hold no field, for people. */
  readonly shown: string;
  /** Each once, in the order of {@link TEMPLATE_FIELDS}. */
  readonly fields: readonly TemplateField[];
}
