import { WEBHOOK_TYPES, webhookTypeOf } from '../domain/webhook.ts';
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
];

/**
 * Returns why no message can be sent to a URL of Slack, Discord or Microsoft; null if it can, or if the
 * URL is of somebody else. The URL is a secret, so the words repeat nothing of it.
 */
export function otherEndpoint(url: URL): Problem | null {
  const place = `${url.hostname.replace(/\.$/, '')}${url.pathname.replace(/\/+$/, '')}`;
  const found = OTHER_ENDPOINTS.find(({ matches }) => matches.test(place));
  if (found !== undefined) return { problem: found.problem, allowed: found.allowed };
  const type = webhookTypeOf(url);
  // A shell takes what stands behind a "&" without quotation marks for the next command.
  if (type === 'teams' && url.pathname.includes('/triggers/') && !url.searchParams.has('sig')) {
    return { problem: 'has no sig= in it, the password of the flow', allowed: FLOW };
  }
  return type !== 'http' && url.protocol === 'http:'
    ? {
        problem: `begins with http://, and ${WEBHOOK_TYPES[type].label} takes https:// only`,
        allowed: 'the same with https://',
      }
    : null;
}
