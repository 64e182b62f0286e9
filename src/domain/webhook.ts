/** What is known of a kind of destination before any is configured. */
interface WebhookTraits {
  /** As people call the service. */
  readonly label: string;
  /**
   * Host names, lower case, by which a URL is known to be of this kind. One that begins with a full
   * stop stands for all names that end in it.
   */
  readonly hosts: readonly string[];
  /** Whether its receivers check signatures: only then a secret means something. */
  readonly signed: boolean;
  /** Whether there is a form without blocks for services that are only like it. */
  readonly plain: boolean;
  /** Attempts at the same time in one replica, unless a webhook says so itself. */
  readonly defaultConcurrency: number;
  /** Requests a second over all replicas, unless a webhook says so itself; null for no pace. */
  readonly defaultRatePerSecond: number | null;
  /** While deliveries wait, how many travel in one POST, unless a webhook says so itself. */
  readonly defaultBatchSize: number;
  readonly maxBatchSize: number;
}

/** The kinds of destination that can be configured. */
export const WEBHOOK_TYPES = {
  http: {
    label: 'http',
    hosts: [],
    signed: true,
    plain: false,
    defaultConcurrency: 10,
    defaultRatePerSecond: null,
    defaultBatchSize: 1,
    maxBatchSize: 100,
  },
  // Slack takes about one message a second for a channel (docs.slack.dev/apis/web-api/rate-limits):
  // more only meet a 429. Ten mentions are 39 of the 50 blocks that a message may have. The second
  // host is that of its edition for governments.
  slack: {
    label: 'Slack',
    hosts: ['hooks.slack.com', 'hooks.slack-gov.com'],
    signed: false,
    plain: true,
    defaultConcurrency: 1,
    defaultRatePerSecond: 0.8,
    defaultBatchSize: 10,
    maxBatchSize: 10,
  },
  // Discord takes 5 messages in 2 seconds from a webhook, and 30 a minute in a channel
  // (github.com/discord/discord-api-docs/issues/367), told in headers that change: half a message a
  // second stays below both. All embeds of a message share 6,000 characters.
  discord: {
    label: 'Discord',
    hosts: ['discord.com', 'discordapp.com', 'ptb.discord.com', 'canary.discord.com'],
    signed: false,
    plain: false,
    defaultConcurrency: 1,
    defaultRatePerSecond: 0.5,
    defaultBatchSize: 5,
    maxBatchSize: 5,
  },
  // Teams holds back more than 4 requests in a second (learn.microsoft.com/microsoftteams/platform/
  // webhooks-and-connectors/how-to/add-incoming-webhook), or 60 in 30 seconds (.../connectors-using). A
  // flow that is over a limit of Power Automate fails after its answer, so that no relay can see it:
  // hence a message in 2 seconds. Five mentions are well below the 28 KB of a message.
  teams: {
    label: 'Teams',
    hosts: ['.logic.azure.com', '.api.powerplatform.com', '.webhook.office.com'],
    signed: false,
    plain: false,
    defaultConcurrency: 1,
    defaultRatePerSecond: 0.5,
    defaultBatchSize: 5,
    maxBatchSize: 5,
  },
} as const satisfies Record<string, WebhookTraits>;

export type WebhookTypeName = keyof typeof WEBHOOK_TYPES;
export const WEBHOOK_TYPE_NAMES = Object.keys(WEBHOOK_TYPES) as readonly WebhookTypeName[];

/** The type of a webhook for which none is configured: by its URL's host, otherwise `http`. */
export function webhookTypeOf(url: URL): WebhookTypeName {
  // A full stop at the end of a host name only says that it is complete.
  const host = url.hostname.replace(/\.$/, '');
  const hostsOf = (name: WebhookTypeName): readonly string[] => WEBHOOK_TYPES[name].hosts;
  const isOf = (known: string): boolean =>
    known.startsWith('.') ? host.endsWith(known) : host === known;
  return WEBHOOK_TYPE_NAMES.find((name) => hostsOf(name).some(isOf)) ?? 'http';
}

/**
 * Which mentions a webhook gets. A mention must match each of the first three, whose values are
 * lower case, and no entry of the last two, whose values are as configured. An absent part keeps
 * no mention away.
 */
export interface MentionFilter {
  readonly keywords?: readonly string[];
  /** Ids or names of groups. */
  readonly groups?: readonly string[];
  readonly positions?: readonly string[];
  /** Words and phrases that neither the content nor the owner's name may hold. */
  readonly exclude?: readonly string[];
  /** Ids or names of owners. */
  readonly excludeAuthors?: readonly string[];
}

/** What a webhook gets: mentions (recovered ones too), what the relay itself has to say, or both. */
export const WEBHOOK_EVENTS = ['mentions', 'alerts', 'all'] as const;
export type WebhookEvents = (typeof WEBHOOK_EVENTS)[number];

/** Whether a webhook gets mentions: its filter says which. */
export function wantsMentions({ events }: Pick<Webhook, 'events'>): boolean {
  return events !== 'alerts';
}

/** Whether a webhook gets alerts: if so, all of them. */
export function wantsAlerts({ events }: Pick<Webhook, 'events'>): boolean {
  return events !== 'mentions';
}

/** One configured destination. Everything but its name and its type may hold secrets. */
export interface Webhook {
  /** As in `WEBHOOK_<NAME>_URL`: A-Z, 0-9 and `_`. */
  readonly name: string;
  readonly type: WebhookTypeName;
  /** Whether its messages are plain text, for services that are only like the type's own. */
  readonly plain: boolean;
  /** Secret: for most services the URL is the credential. Only its host may be shown. */
  readonly url: URL;
  /** Standard Webhooks secrets, `whsec_` and all. The first signs first; more than one for rotation. */
  readonly signingSecrets: readonly string[];
  /** Extra request headers, lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly events: WebhookEvents;
  readonly filter: MentionFilter;
  /** Attempts at the same time in one replica. */
  readonly concurrency: number;
  /** Requests a second over all replicas; null for no pace. */
  readonly ratePerSecond: number | null;
  /** While deliveries wait, up to this many travel in one POST. */
  readonly batchSize: number;
}
