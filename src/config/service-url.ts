import { WEBHOOK_TYPES, webhookTypeOf, type WebhookTypeName } from '../domain/webhook.ts';
import type { ConfigMistake } from './mistakes.ts';

type Problem = Omit<ConfigMistake, 'variable'>;

/** A form that a URL of some service may have, although no message can be sent there. */
interface OtherEndpoint {
  /** The URL's host and path. */
  readonly matches: RegExp;
  readonly problem: string;
  readonly allowed: string;
}

const SLACK_WEBHOOK = 'https://hooks.slack.com/services/ and three parts behind it';
const DISCORD_WEBHOOK = 'https://discord.com/api/webhooks/, the id, a slash and the token';
const FLOW = 'the whole URL that the flow shows, with /triggers/ and sig= in it';
const TELEGRAM = 'https://api.telegram.org/bot, the token, and /sendMessage?chat_id= with the chat';
const GOOGLE_CHAT = 'the whole URL that the space shows, with /messages?key= and token= in it';
const TOPIC =
  'the server, a slash and the topic: 1 to 64 of the characters A-Z, a-z, 0-9, "_", "-"';

// Without the host's full stop and without slashes at the end. The first match counts.
const OTHER_ENDPOINTS: readonly OtherEndpoint[] = [
  {
    matches: /^hooks\.slack(-gov)?\.com\/(triggers|workflows)(\/|$)/,
    problem: 'starts a workflow of Slack, which takes no messages',
    allowed: `the URL of an incoming webhook: ${SLACK_WEBHOOK}; to start the workflow, set _TYPE=http and a _TEMPLATE_FILE`,
  },
  {
    matches: /^hooks\.slack(-gov)?\.com\/.*?\/([a-z])\2{2,}(\/|$)/i,
    problem: 'still has a placeholder in it',
    allowed: SLACK_WEBHOOK,
  },
  {
    matches: /^hooks\.slack(-gov)?\.com(?!\/services(\/[^/]+){3}$)/,
    problem: 'is not the whole URL of an incoming webhook',
    allowed: SLACK_WEBHOOK,
  },
  {
    matches: /(^|\.)slack\.com(?<!^hooks\.slack\.com)\//,
    problem: 'is a page or the API of Slack',
    allowed: `the URL of an incoming webhook: ${SLACK_WEBHOOK}`,
  },
  {
    matches: /^((ptb|canary)\.)?discord(app)?\.com\/.*\/(slack|github)$/,
    problem: 'is an endpoint for messages of another service',
    allowed: `the same without /slack or /github at the end: ${DISCORD_WEBHOOK}`,
  },
  {
    matches: /^((ptb|canary)\.)?discord(app)?\.com(?!\/api(\/v\d+)?\/webhooks(\/[^/]+){2}$)/,
    problem: 'is not the whole URL of a webhook',
    allowed: DISCORD_WEBHOOK,
  },
  {
    matches: /^(www\.discord(app)?\.com|discord\.gg)(\/|$)/,
    problem: 'is a page of Discord',
    allowed: DISCORD_WEBHOOK,
  },
  {
    matches: /^teams\.(microsoft\.com|live\.com|cloud\.microsoft)(\/|$)/,
    problem: 'is a link to Teams, which takes no messages',
    allowed: 'the URL of a flow for the channel',
  },
  {
    matches:
      /^(make(\.\w+)?\.powerautomate|([\w-]+\.)?flow\.microsoft)\.com(?!.*\/triggers\/)(\/|$)/,
    problem: 'is a page of Power Automate',
    allowed: FLOW,
  },
  {
    matches: /^(t\.me|telegram\.(me|dog|org)|(web[akz]?|www|core)\.telegram\.org)(\/|$)/,
    problem: 'is a link to a chat or a page of Telegram',
    allowed: TELEGRAM,
  },
  {
    matches: /^(chat\.google\.com|mail\.google\.com\/(mail|chat))(\/|$)/,
    problem: 'is a page of Google Chat',
    allowed: GOOGLE_CHAT,
  },
  {
    matches: /^ntfy\.sh\/(app|docs|account|settings|login|signup|v1|static)(\/|$)/,
    problem: 'is a page of ntfy',
    allowed: TOPIC,
  },
];

interface Part {
  readonly isThere: (url: URL) => boolean;
  readonly problem: string;
  readonly allowed: string;
}

/** The parts that a URL needs for a message of its type, wherever the server is. */
const PARTS: Partial<Record<WebhookTypeName, readonly Part[]>> = {
  teams: [
    {
      // A shell takes what stands behind a "&" without quotation marks for the next command.
      isThere: ({ pathname, searchParams }) =>
        !pathname.includes('/triggers/') || searchParams.has('sig'),
      problem: 'has no sig= in it, the password of the flow',
      allowed: FLOW,
    },
  ],
  telegram: [
    {
      isThere: ({ pathname }) => /\/bot\d+:[\w-]+(\/test)?\/sendMessage\/?$/i.test(pathname),
      problem: 'is not the whole URL of sendMessage',
      allowed: TELEGRAM,
    },
    {
      isThere: ({ searchParams }) => searchParams.has('chat_id'),
      problem: 'has no chat_id= in it',
      allowed: TELEGRAM,
    },
    {
      isThere: ({ searchParams }) => /^(-?\d+|@\w+)$/.test(searchParams.get('chat_id') ?? ''),
      problem: 'has a chat_id= that is neither a number nor @ and a name',
      allowed: 'the id of the chat, which is negative for a group, or the @name of a public one',
    },
  ],
  googlechat: [
    {
      isThere: ({ pathname }) => /\/spaces\/[^/]+\/messages\/?$/.test(pathname),
      problem: 'is not the whole URL of a webhook',
      allowed: GOOGLE_CHAT,
    },
    ...['key', 'token'].map((name) => ({
      isThere: ({ searchParams }: URL) => searchParams.has(name),
      problem: `lacks ${name}=, a part of the webhook's password`,
      allowed: GOOGLE_CHAT,
    })),
  ],
  ntfy: [
    {
      isThere: ({ pathname }) => /^\/[-\w]{1,64}\/?$/.test(pathname),
      problem: 'names no topic, or something behind it',
      allowed: TOPIC,
    },
  ],
};

/**
 * Returns why no message of a type can be sent to a URL; null if it can, or if the URL is of a service
 * without rules here. The URL is a secret, so the words repeat nothing of it.
 */
export function otherEndpoint(url: URL, type: WebhookTypeName): Problem | null {
  const place = `${url.hostname.replace(/\.$/, '')}${url.pathname.replace(/\/+$/, '')}`;
  const found = OTHER_ENDPOINTS.find(({ matches }) => matches.test(place));
  if (found !== undefined) return { problem: found.problem, allowed: found.allowed };
  const missing = PARTS[type]?.find(({ isThere }) => !isThere(url));
  if (missing !== undefined) return { problem: missing.problem, allowed: missing.allowed };
  const service = webhookTypeOf(url);
  return service !== 'http' && url.protocol === 'http:'
    ? {
        problem: `begins with http://, and ${WEBHOOK_TYPES[service].label} takes https:// only`,
        allowed: 'the same with https://',
      }
    : null;
}
