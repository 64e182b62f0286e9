import { failure, success, type Result } from '../../domain/result.ts';
import type { Ping, PingRange, WebhookTypeName } from '../../domain/webhook.ts';
import { quoted, type ConfigMistake } from '../mistakes.ts';
import { idsOrNames, type Rule } from '../rules.ts';

/** A list of pings, as they are written. {@link readPings} reads them by the webhook's type. */
export const writtenPings: Rule<readonly string[]> = idsOrNames.describe(
  '@here, @channel or ids, in the form of the service, separated by commas',
);

/** The way in which a service names those whom a message pings. */
interface PingForms {
  /** Returns the ping that an entry means; null if it means none. */
  readonly read: (text: string) => Ping | null;
  /** States what is wrong with an entry that means none, as the words that follow `which`. */
  readonly problem: (text: string) => string;
  /** The entries that are right, and where people find the ids. */
  readonly allowed: string;
}

const SLACK: PingForms = {
  read: (text) => {
    const id = text.replace(/^<@(.+)>$/, '$1');
    if (/^[UW][A-Z0-9]{6,20}$/.test(id)) return { text: id, kind: 'user', id };
    if (/^S[A-Z0-9]{6,20}$/.test(id)) return { text: id, kind: 'group', id };
    return everybody(text, ['here', 'channel', 'everyone']);
  },
  problem: () => 'is no id of Slack: it pings by ids, not by names',
  allowed:
    '@here, @channel, @everyone, the id of a member, such as U012AB3CD ("Copy member ID" in the profile), or of a user group, such as S012AB3CD ("Copy group ID")',
};

const DISCORD: PingForms = {
  read: (text) => {
    const [, sign, id] = /^<@([!&]?)(\d{17,20})>$/.exec(text) ?? [];
    if (id !== undefined) return { text, kind: sign === '&' ? 'group' : 'user', id };
    return everybody(text, ['here', 'everyone']);
  },
  problem: (text) => {
    if (/^\d+$/.test(text)) return `may be a user or a role: write <@${text}> or <@&${text}>`;
    if (text.toLowerCase() === '@channel') return 'Discord calls @everyone';
    return 'is no id of Discord: it pings by ids, not by names';
  },
  allowed:
    '@here, @everyone, <@id> for a user or <@&id> for a role ("Copy User ID" and "Copy Role ID" are in the menus once the developer mode is on)',
};

// A UPN has these characters (learn.microsoft.com/entra/identity/hybrid/connect, "Prepare for
// directory synchronization"); that of a guest has #EXT# in it.
const UPN = /^[a-z0-9'._!#^~-]{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)+$/i;
const OBJECT_ID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;
const TEAMS: PingForms = {
  read: (text) =>
    UPN.test(text) || OBJECT_ID.test(text) ? { text, kind: 'user', id: text } : null,
  // "Channel and team mentions aren't supported in bot messages", says the page of teams-elements.ts.
  problem: (text) =>
    text.startsWith('@')
      ? 'names nobody: Teams lets flows ping people only, by their sign-in names or ids'
      : 'is neither the sign-in name of a person nor an id',
  allowed:
    'the names with which people sign in, such as anna@example.com (UPN), or their object ids of Microsoft Entra',
};

// Mattermost and Rocket.Chat find names in any text. @here, @channel and @all are such names to them.
const PLAIN: PingForms = {
  read: (text) =>
    /^@[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9_])?$/i.test(text)
      ? { text, kind: 'user', id: text.slice(1) }
      : null,
  problem: () => 'is no user name such as @anna',
  allowed: '@here, @channel or @all, or user names, such as @anna',
};

const EVERYBODY = new Set(['everyone', 'channel', 'here']);
// core.telegram.org/bots/api, "User": @names have 5 characters or more, ids up to 52 bits.
const TELEGRAM: PingForms = {
  read: (text) => {
    const [, name] = /^@([a-z]\w{3,31})$/i.exec(text) ?? [];
    if (name !== undefined && EVERYBODY.has(name.toLowerCase())) return null;
    return name !== undefined || /^\d{5,16}$/.test(text)
      ? { text, kind: 'user', id: name ?? text }
      : null;
  },
  problem: (text) =>
    text.startsWith('@')
      ? 'names nobody: Telegram pings single people only'
      : 'is neither an @name nor the id of a person',
  allowed: 'the @names of members of the chat, or their ids, which are numbers',
};

// developers.google.com/workspace/chat/format-messages, "Mention users in a text message".
const GOOGLE_CHAT: PingForms = {
  read: (text) => {
    if (/^@all$|^<users\/all>$/i.test(text))
      return { text: '@all', kind: 'all', range: 'everyone' };
    const [, id] = /^<users\/(\d{15,25})>$/.exec(text) ?? [];
    return id === undefined ? null : { text, kind: 'user', id };
  },
  problem: () => 'is no id of Google Chat: it pings by ids, not by names',
  allowed: '@all, or <users/id> with an id of 15 to 25 digits',
};

// docs.ntfy.sh/publish, "Message priority".
const NTFY: PingForms = {
  read: (text) => {
    if (/^high$/i.test(text)) return { text: 'high', kind: 'all', range: 'here' };
    return /^(max|urgent)$/i.test(text) ? { text: 'max', kind: 'all', range: 'everyone' } : null;
  },
  problem: () => 'is no priority: an ntfy notification pings by its sound',
  allowed: 'high or max: the priority of each notification',
};

const FORMS: Readonly<Record<WebhookTypeName, PingForms | null>> = {
  http: null,
  slack: SLACK,
  discord: DISCORD,
  teams: TEAMS,
  telegram: TELEGRAM,
  googlechat: GOOGLE_CHAT,
  ntfy: NTFY,
};
const PINGING = Object.entries(FORMS).flatMap(([type, forms]) => (forms === null ? [] : type));

function everybody(text: string, ranges: readonly PingRange[]): Ping | null {
  const range = ranges.find((each) => `@${each}` === text.toLowerCase());
  return range === undefined ? null : { text: `@${range}`, kind: 'all', range };
}

/** Reads the entries of a webhook's PING, if there are any, in the form of its service. */
export function readPings(
  entries: readonly string[],
  {
    type,
    plain,
    isSlack,
  }: {
    readonly type: WebhookTypeName;
    readonly plain: boolean;
    /** True if the host is Slack's own. */
    readonly isSlack: boolean;
  },
): Result<readonly Ping[], Pick<ConfigMistake, 'problem' | 'allowed'>> {
  if (entries.length === 0) return success([]);
  if (plain && isSlack) {
    return failure({
      problem: 'is set, but Slack pings nobody by plain text',
      allowed: 'pings without PLAIN, which only services that are similar to Slack need',
    });
  }
  const forms = plain ? PLAIN : FORMS[type];
  if (forms === null) {
    return failure({
      problem: `is set, but webhooks of type ${type} have nobody to ping`,
      allowed: `pings for webhooks of type ${PINGING.join(', ')} only`,
    });
  }
  const pings = entries.map(forms.read);
  const problems = entries
    .filter((_, index) => pings[index] === null)
    .map((entry) => `has ${quoted(entry)}, which ${forms.problem(entry)}`);
  return problems.length === 0
    ? success(pings.filter((ping) => ping !== null))
    : failure({ problem: problems.join('; '), allowed: forms.allowed });
}
