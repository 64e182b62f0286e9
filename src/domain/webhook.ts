import type { DigestTimes } from './hours/digest-times.ts';
import type { WorkingHours } from './hours/working-hours.ts';
import type { Template } from './template.ts';

/** The traits of a kind of destination. */
interface WebhookTraits {
  /** The service's name for people. */
  readonly label: string;
  /**
   * The host names, in lower case, that mean this kind. A name that begins with a full stop stands for
   * all names that end in it. Behind a slash stands the beginning of the path, if it counts too.
   */
  readonly hosts: readonly string[];
  /** True if its receivers check signatures: only then a secret makes sense. */
  readonly signed: boolean;
  /** True if there is a form without blocks, for services that are only similar. */
  readonly plain: boolean;
  /** Attempts at the same time in one replica, unless the webhook sets its own number. */
  readonly defaultConcurrency: number;
  /** Requests per second over all replicas, unless the webhook sets its own; null for no limit. */
  readonly defaultRatePerSecond: number | null;
  /** Deliveries in one POST while several wait, unless the webhook sets its own number. */
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
  // (github.com/discord/discord-api-docs/issues/367), by headers that change: half a message per
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
  //
  // The hosts of flows in each of Microsoft's clouds: learn.microsoft.com/power-automate/
  // ip-address-configuration, 'Allow users on your network to use "When an HTTP request is received"
  // trigger' and "Use the Power Automate web portal". US clouds also use api.powerplatform.us.
  // Connectors have `webhook` in their host or path.
  teams: {
    label: 'Teams',
    hosts: [
      '.logic.azure.com',
      '.api.powerplatform.com',
      '.powerautomate.com',
      '.webhook.office.com',
      '.flow.microsoft.com',
      '.logic.azure.us',
      '.logic.azure.cn',
      '.api.powerplatform.us',
      '.powerplatform.microsoft.us',
      '.api.appsplatform.us',
      '.api.powerplatform.partner.microsoftonline.cn',
      '.webhook.office365.us',
      'outlook.office.com/webhook',
      'outlook.office365.com/webhook',
    ],
    signed: false,
    plain: false,
    defaultConcurrency: 1,
    defaultRatePerSecond: 0.5,
    defaultBatchSize: 5,
    maxBatchSize: 5,
  },
  // Telegram takes 20 messages a minute for a group, one a second for a person, and about 30 a second
  // from a bot (core.telegram.org/bots/faq, "My bot is hitting limits"). Five mentions share 4,096
  // characters.
  telegram: {
    label: 'Telegram',
    hosts: ['api.telegram.org'],
    signed: false,
    plain: false,
    defaultConcurrency: 1,
    defaultRatePerSecond: 0.3,
    defaultBatchSize: 5,
    maxBatchSize: 5,
  },
  // Google Chat takes one request a second for a space, from all of its webhooks together
  // (developers.google.com/workspace/chat/limits). Ten mentions share 32,000 bytes.
  googlechat: {
    label: 'Google Chat',
    hosts: ['chat.googleapis.com'],
    signed: false,
    plain: false,
    defaultConcurrency: 1,
    defaultRatePerSecond: 0.8,
    defaultBatchSize: 10,
    maxBatchSize: 10,
  },
  // ntfy takes 60 requests from a visitor, and then one in 5 seconds (docs.ntfy.sh/publish,
  // "Limitations"). Five mentions share 4,096 bytes.
  ntfy: {
    label: 'ntfy',
    hosts: ['ntfy.sh'],
    signed: false,
    plain: false,
    defaultConcurrency: 1,
    defaultRatePerSecond: 0.2,
    defaultBatchSize: 5,
    maxBatchSize: 5,
  },
} as const satisfies Record<string, WebhookTraits>;

export type WebhookTypeName = keyof typeof WEBHOOK_TYPES;
export const WEBHOOK_TYPE_NAMES = Object.keys(WEBHOOK_TYPES) as readonly WebhookTypeName[];

/** Returns the type that the host of a URL (and for some its path) means; `http` if it means none. */
export function webhookTypeOf(url: URL): WebhookTypeName {
  // A full stop at the end of a host name only says that it is complete.
  const host = url.hostname.replace(/\.$/, '');
  const hostsOf = (name: WebhookTypeName): readonly string[] => WEBHOOK_TYPES[name].hosts;
  const isOf = (known: string): boolean => {
    const [name = '', path = ''] = known.split('/');
    const isHost = name.startsWith('.') ? host.endsWith(name) : host === name;
    return isHost && url.pathname.startsWith(`/${path}`);
  };
  return WEBHOOK_TYPE_NAMES.find((name) => hostsOf(name).some(isOf)) ?? 'http';
}

/** A rule for words and phrases: all of its parts must be there, in any order. */
export interface PhraseRule {
  /** As it is configured. */
  readonly text: string;
  readonly parts: readonly RulePart[];
}

/** A word or phrase of a rule. */
export interface RulePart {
  readonly phrase: string;
  /** True if its last word may go on: `agent*`. */
  readonly anyEnding: boolean;
}

/**
 * The mentions that a webhook gets. A mention must match each of the first four lists and no entry of
 * the last two. All comparisons are those of foldText. An absent list filters nothing.
 */
export interface MentionFilter {
  readonly keywords?: readonly string[];
  /** Ids or names of groups. */
  readonly groups?: readonly string[];
  readonly positions?: readonly string[];
  /** Words and phrases; the content must match one of these rules. */
  readonly include?: readonly PhraseRule[];
  /** Words and phrases; content and owner's name together must match none of these rules. */
  readonly exclude?: readonly PhraseRule[];
  /** Ids or names of owners. */
  readonly excludeAuthors?: readonly string[];
}

/** Someone whom a message may ping, as the operator configured it. */
export type Ping =
  /** `group`: a user group of Slack, or a role of Discord. */
  | { readonly text: string; readonly kind: 'user' | 'group'; readonly id: string }
  /** Everybody in the channel; with `here` only those who are online. */
  | { readonly text: string; readonly kind: 'all'; readonly range: PingRange };

export type PingRange = 'here' | 'channel' | 'everyone';

/** Writes whom a webhook pings, for people: `@here`, or `U01, U02 in turn`. */
export function pingsText(pings: readonly Ping[]): string {
  const list = pings.map(({ text }) => text).join(', ');
  return pings.length > 1 ? `${list} in turn` : list;
}

/** The deliveries of a webhook: mentions (recovered ones too), alerts of the relay, or both. */
export const WEBHOOK_EVENTS = ['mentions', 'alerts', 'all'] as const;
export type WebhookEvents = (typeof WEBHOOK_EVENTS)[number];

/** Returns whether a webhook gets mentions; its filter decides which. */
export function wantsMentions({ events }: Pick<Webhook, 'events'>): boolean {
  return events !== 'alerts';
}

/** Returns whether a webhook gets alerts: all of them or none. */
export function wantsAlerts({ events }: Pick<Webhook, 'events'>): boolean {
  return events !== 'mentions';
}

/** One configured destination. Everything but its name and its type may hold secrets. */
export interface Webhook {
  /** As in `WEBHOOK_<NAME>_URL`: A-Z, 0-9 and `_`. */
  readonly name: string;
  readonly type: WebhookTypeName;
  /** True if its messages are plain text, for services that are only similar to the type's own. */
  readonly plain: boolean;
  /** Secret: for most services the URL is the credential. Only its host may be shown. */
  readonly url: URL;
  /** Standard Webhooks secrets, `whsec_` and all. The first signs first; more than one for rotation. */
  readonly signingSecrets: readonly string[];
  /** Extra request headers, lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly events: WebhookEvents;
  readonly filter: MentionFilter;
  /** Null if it is always open. */
  readonly hours: WorkingHours | null;
  /** Null if mentions are sent as they come. */
  readonly digest: DigestTimes | null;
  /** The people and groups that messages with mentions ping, one per message, in turn. Empty if they ping nobody. */
  readonly pings: readonly Ping[];
  /** The body of its mentions, for type http; null for the usual one. */
  readonly template: Template | null;
  /** Attempts at the same time in one replica. */
  readonly concurrency: number;
  /** Requests per second over all replicas; null for no limit. */
  readonly ratePerSecond: number | null;
  /** The most deliveries in one POST while several wait. */
  readonly batchSize: number;
}
