import { z } from 'zod';
import type { Explanation } from '../domain/explanation.ts';
import { decodedText, foreignText } from '../domain/mention.ts';

/*
 * The shapes of the API's answers, after its documentation. Ids, times and statuses are documented
 * as strings and may come as numbers. Unknown fields are kept.
 */

const id = z.union([z.string(), z.number()]).transform(String).pipe(z.string().min(1));

/** Creates the schema of a list. PHP writes a list with holes as an object with numeric names, and an empty list as null. */
export function list<Item extends z.ZodType>(item: Item) {
  return z.preprocess((value) => {
    if (value === null) return [];
    return typeof value === 'object' && !Array.isArray(value) ? Object.values(value) : value;
  }, z.array(item));
}

/** The account of `/account/info`. */
export const accountSchema = z.looseObject({
  registered: foreignText,
  groups: z.looseObject({ all: z.coerce.number(), tracking: z.coerce.number() }),
});
/** An item of `/account/groups`. */
export const groupSchema = z.looseObject({
  id,
  status: foreignText,
  statusString: foreignText,
  url: z.looseObject({ facebook: foreignText, groouply: foreignText }).nullish(),
});
/** The group of `/account/group`, its texts decoded for people. */
export const groupDetailsSchema = z.looseObject({
  info: z.looseObject({
    id,
    status: foreignText,
    statusString: foreignText,
    name: decodedText,
    description: decodedText,
    owner: decodedText,
    privacy: foreignText,
  }),
  keywords: list(z.looseObject({ name: decodedText, type: foreignText })),
  posts: list(
    z.looseObject({
      owner: z.looseObject({ id: foreignText, name: decodedText }).nullish(),
      keyword: decodedText,
      link: decodedText,
      timestamps: z.looseObject({ spotted: foreignText, sent: foreignText }).nullish(),
    }),
  ),
});

/** The group of `/account/group`, its posts unread and its name as the API gave it. */
export const groupPostsSchema = z.looseObject({
  info: z.looseObject({ name: foreignText }).nullish(),
  posts: list(z.unknown()),
});

/** The account, with the number of its groups and of those that are tracked. */
export type Account = z.infer<typeof accountSchema>;
/** A group of the account. `statusString` is `tracking` or `pending access`. */
export type Group = z.infer<typeof groupSchema>;
/** A group with its keywords and its mentions (without their text). */
export type GroupDetails = z.infer<typeof groupDetailsSchema>;

/**
 * Returns true if Groouply tracks a group. The documentation numbers the states 0 to 2, and shows 2
 * as `tracking` and 1 as `pending access`.
 */
export function isTracked({
  status,
  statusString,
}: Pick<Group, 'status' | 'statusString'>): boolean {
  return statusString === '' ? status === '2' : statusString.toLowerCase() === 'tracking';
}

/**
 * The kinds of failed requests to the API:
 * - `key-rejected`: 401 or 403, as a status or inside the envelope
 * - `refused`: any other answer that a retry will not change
 * - `rate-limited`: 429
 * - `server`: 5xx
 * - `unreadable`: not the documented JSON (a page of HTML, a truncated answer)
 * - `unanswered`: no connection, no answer, or too late
 */
export type GroouplyErrorKind =
  'key-rejected' | 'refused' | 'rate-limited' | 'server' | 'unreadable' | 'unanswered';

/** A failed request to the API. Its message holds no secret and no text of the answer. */
export class GroouplyError extends Error {
  override readonly name = 'GroouplyError';
  readonly kind: GroouplyErrorKind;
  readonly explanation: Explanation;
  /** The time for which the server wants no requests; only of kind `rate-limited`. */
  readonly retryAfterMs: number | undefined;

  constructor(
    kind: GroouplyErrorKind,
    what: string,
    more: { readonly todo?: string; readonly retryAfterMs?: number } = {},
  ) {
    const { todo, retryAfterMs } = more;
    super(todo === undefined ? what : `${what}: ${todo}`);
    this.kind = kind;
    this.explanation = todo === undefined ? { what } : { what, todo };
    this.retryAfterMs = retryAfterMs;
  }

  /** True if a retry soon may succeed. */
  get transient(): boolean {
    return this.kind !== 'key-rejected' && this.kind !== 'refused';
  }
}
