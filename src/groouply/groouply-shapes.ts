import { z } from 'zod';

/*
 * The shapes of what the API answers, after its documentation. Ids, times and statuses are
 * documented as strings and may come as numbers; fields that are not known are kept.
 */

const text = z
  .union([z.string(), z.number()])
  .nullish()
  .transform((value) => (value === null || value === undefined ? '' : String(value)));
const id = z.union([z.string(), z.number()]).transform(String).pipe(z.string().min(1));

/** A list. PHP writes one with holes as an object with numbers for names, and an empty one as null. */
export function list<Item extends z.ZodType>(item: Item) {
  return z.preprocess((value) => {
    if (value === null) return [];
    return typeof value === 'object' && !Array.isArray(value) ? Object.values(value) : value;
  }, z.array(item));
}

/** Of `/account/info`. */
export const accountSchema = z.looseObject({
  registered: text,
  groups: z.looseObject({ all: z.coerce.number(), tracking: z.coerce.number() }),
});
/** Of one item of `/account/groups`. */
export const groupSchema = z.looseObject({
  id,
  status: text,
  statusString: text,
  url: z.looseObject({ facebook: text, groouply: text }).nullish(),
});
/** Of `/account/group`. */
export const groupDetailsSchema = z.looseObject({
  info: z.looseObject({
    id,
    status: text,
    statusString: text,
    name: text,
    description: text,
    owner: text,
    privacy: text,
  }),
  keywords: list(z.looseObject({ name: text, type: text })),
  posts: list(
    z.looseObject({
      owner: z.looseObject({ id: text, name: text }).nullish(),
      keyword: text,
      link: text,
      timestamps: z.looseObject({ spotted: text, sent: text }).nullish(),
    }),
  ),
});

/** Of the same, its posts unread. */
export const groupPostsSchema = z.looseObject({
  info: z.looseObject({ name: text }).nullish(),
  posts: list(z.unknown()),
});

/** The account: how many groups it has, and how many of them are tracked. */
export type Account = z.infer<typeof accountSchema>;
/** One of the account's groups. `statusString` is `tracking` or `pending access`. */
export type Group = z.infer<typeof groupSchema>;
/** One group with its keywords and the mentions in it (their text is not part of the answer). */
export type GroupDetails = z.infer<typeof groupDetailsSchema>;

/**
 * Whether Groouply watches a group. The documentation numbers the states 0 to 2 and shows 2 as
 * `tracking` and 1 as `pending access`.
 */
export function isTracked({
  status,
  statusString,
}: Pick<Group, 'status' | 'statusString'>): boolean {
  return statusString === '' ? status === '2' : statusString.toLowerCase() === 'tracking';
}

/**
 * What can go wrong with a request to the API:
 * - `key-rejected`: 401 or 403, as a status or inside the envelope
 * - `refused`: any other answer that will not get better by asking again
 * - `rate-limited`: 429
 * - `server`: 5xx
 * - `unreadable`: not the documented JSON (a page of HTML, a truncated answer)
 * - `unanswered`: no connection, no answer, or too late
 */
export type GroouplyErrorKind =
  'key-rejected' | 'refused' | 'rate-limited' | 'server' | 'unreadable' | 'unanswered';

/** A request to the API that failed. Its message holds no secret and none of the answer's text. */
export class GroouplyError extends Error {
  override readonly name = 'GroouplyError';
  readonly kind: GroouplyErrorKind;
  /** How long the server asked to be left alone; only of kind `rate-limited`. */
  readonly retryAfterMs: number | undefined;

  constructor(kind: GroouplyErrorKind, message: string, retryAfterMs?: number) {
    super(message);
    this.kind = kind;
    this.retryAfterMs = retryAfterMs;
  }

  /** Whether asking again soon may help. */
  get transient(): boolean {
    return this.kind !== 'key-rejected' && this.kind !== 'refused';
  }
}
