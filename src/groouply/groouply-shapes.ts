import { z } from 'zod';
import type { Explanation } from '../domain/explanation.ts';
import {
  decodedText,
  foreignId,
  foreignList,
  foreignObject,
  foreignText,
  isNothing,
  listOfUnknown,
  namedOf,
  objectOf,
  textOf,
  wordOf,
} from '../domain/foreign/foreign-values.ts';
import { MENTION_FIELDS } from '../domain/mention.ts';
import { POST_FIELDS } from '../domain/recovered-mention.ts';

/*
 * The shapes of the API's answers, after its documentation, in all the forms that PHP may give them.
 * Unknown fields are kept.
 */

const count = z
  .unknown()
  .optional()
  .transform((value) => (wordOf(value) === '' ? null : Number(wordOf(value))));

/** The account of `/account/info`. */
export const accountSchema = foreignObject({
  registered: foreignText,
  groups: foreignObject({ all: count, tracking: count }),
});

const statusFields = { status: foreignText, statusString: foreignText };
const groupUrls = foreignObject({ facebook: foreignText, groouply: foreignText });

/** The list of `/account/groups`. A group without an id has the one in its link, or an empty one. */
export const groupsSchema = foreignList({
  id: foreignId,
  ...statusFields,
  url: groupUrls,
}).transform((groups) =>
  groups.map((group) => ({
    ...group,
    id: group.id || (/\/groups\/([^/?#]+)/.exec(group.url.facebook)?.[1] ?? ''),
  })),
);

// Without a group an answer shows nothing: above all not that the group has no posts.
const presentGroup = z.unknown().refine((value) => !isNothing(value) && objectOf(value) !== null);

/** The group of `/account/group`. */
export const groupDetailsSchema = presentGroup.pipe(
  foreignObject({
    info: foreignObject({
      id: foreignId,
      ...statusFields,
      name: decodedText,
      description: decodedText,
      owner: decodedText,
      privacy: foreignText,
    }),
    keywords: foreignList({ name: decodedText, type: foreignText }, keywordOf),
    posts: foreignList({
      owner: foreignObject({ id: foreignId, name: decodedText }, namedOf),
      keyword: decodedText,
      link: decodedText,
      timestamps: foreignObject({ spotted: foreignText, sent: foreignText }),
    }),
  }),
);

function keywordOf(value: unknown): Readonly<Record<string, unknown>> | null {
  return objectOf(value) ?? (isNothing(value) ? null : { name: textOf(value) });
}

/** The group of `/account/group`, its posts unread. */
export const groupPostsSchema = presentGroup.pipe(
  foreignObject({
    info: foreignObject({ name: foreignText }),
    posts: listOfUnknown(POST_FIELDS),
  }),
);

/** The list of `/account/mentions`, its items unread. */
export const windowSchema = listOfUnknown(MENTION_FIELDS);

/** The account, with the number of its groups and of those that are tracked. */
export type Account = z.infer<typeof accountSchema>;
/** A group of the account. `statusString` is `tracking` or `pending access`. */
export type Group = z.infer<typeof groupsSchema>[number];
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
 * - `key-rejected`: 401 or 403 with the API's envelope, as a status or inside it
 * - `refused`: any other answer of the API, or a redirect, that a retry will not change
 * - `rate-limited`: 429
 * - `server`: 5xx
 * - `unreadable`: not the documented JSON (a page of a proxy, a truncated answer), whatever its status
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
