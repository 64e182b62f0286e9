/** The kinds of destination that can be configured. */
export const WEBHOOK_TYPES = ['http', 'slack'] as const;
export type WebhookTypeName = (typeof WEBHOOK_TYPES)[number];

/**
 * Which mentions a webhook gets. A mention must match every part; an absent part matches all.
 * Values are lower case.
 */
export interface MentionFilter {
  readonly keywords?: readonly string[];
  /** Ids or names of groups. */
  readonly groups?: readonly string[];
  readonly positions?: readonly string[];
}

/** One configured destination. Everything but its name and its type may hold secrets. */
export interface Webhook {
  /** As in `WEBHOOK_<NAME>_URL`: A-Z, 0-9 and `_`. */
  readonly name: string;
  readonly type: WebhookTypeName;
  /** Secret: for most services the URL is the credential. Only its host may be shown. */
  readonly url: URL;
  /** Standard Webhooks secrets, `whsec_` and all. The first signs first; more than one for rotation. */
  readonly signingSecrets: readonly string[];
  /** Extra request headers, lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly filter: MentionFilter;
  /** Attempts at the same time in one replica. */
  readonly concurrency: number;
}
