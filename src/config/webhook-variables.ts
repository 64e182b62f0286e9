import { WEBHOOK_EVENTS, WEBHOOK_TYPE_NAMES, WEBHOOK_TYPES } from '../domain/webhook.ts';
import { webhookUrl } from './addresses.ts';
import { requestHeaders, signingSecrets } from './credentials.ts';
import { digestTimes } from './lists/digest-rule.ts';
import { workingHours } from './lists/hours-rule.ts';
import { phraseRules } from './lists/phrase-rules.ts';
import { writtenPings } from './lists/ping-rules.ts';
import { mentionTemplate } from './lists/template-rule.ts';
import { commaSeparated, decimal, idsOrNames, oneOf, whole, yesOrNo } from './rules.ts';
import { namesOf, VARIABLES, type Rows } from './variables.ts';

/** The attributes of a webhook, in the order in which their mistakes are reported. */
export const WEBHOOK_ATTRIBUTES = {
  URL: {
    rule: webhookUrl,
    meaning: 'Where the mentions go. For a chat the URL is the password.',
    secret: true,
    required: true,
    example: 'https://hooks.slack.com/services/your/webhook/url',
    placeholders: [
      '/services/your/webhook/url',
      '/webhooks/your-id/your-token',
      '/workflows/your-flow',
      '/triggers/your/workflow/trigger',
      '/hooks/your-key',
      '/hooks/catch/your/hook',
      'make.com/your-path',
      ':your-token',
      'key=your-key&token=your-token',
      '/your-topic',
      '//crm.example.com/hooks/mentions',
    ],
  },
  TYPE: {
    rule: oneOf(WEBHOOK_TYPE_NAMES),
    meaning: `The kind of receiver. Unset, the host decides: ${hostsOfTypes()}; \`http\` for all others. Your own flow or Logic App that reads the JSON needs \`http\`.`,
    unset: 'from the host',
    example: 'slack',
  },
  PLAIN: {
    rule: yesOrNo,
    meaning: '`true` sends plain text, for Mattermost and Rocket.Chat. Only for type `slack`.',
    default: 'false',
  },
  SECRET: {
    rule: signingSecrets,
    meaning:
      'Signs the requests of an http webhook. Make one with `echo "whsec_$(openssl rand -base64 32)"`.',
    secret: true,
    unset: 'none',
    example: 'whsec_cmVwbGFjZS10aGlzLXNlY3JldC13aXRoLXlvdXJz',
    placeholders: ['cmVwbGFjZS10aGlzLXNlY3JldC13aXRoLXlvdXJz'],
  },
  HEADERS: {
    rule: requestHeaders,
    meaning: 'Extra request headers.',
    secret: true,
    unset: 'none',
    example: '{"authorization":"Bearer your-token"}',
    placeholders: ['your-token', 'your-long-random-text'],
  },
  TEMPLATE_FILE: {
    rule: mentionTemplate,
    file: true,
    meaning:
      'A file with the JSON to send for each mention, in place of the usual one. Only for type `http`.',
    unset: 'none',
    example: 'config/templates/hubspot.json',
    placeholders: ['your-application-token', 'your-user-key'],
  },
  EVENTS: {
    rule: oneOf(WEBHOOK_EVENTS),
    meaning:
      'What the webhook gets: `mentions`; `alerts` about gaps, tracked groups and troubles of the relay; or `all`.',
    default: 'mentions',
  },
  KEYWORDS: {
    rule: commaSeparated,
    list: true,
    meaning: 'Sends only mentions of these keywords.',
    unset: 'all',
    example: 'realtor, looking for an agent',
  },
  GROUPS: {
    rule: commaSeparated,
    list: true,
    meaning: 'Sends only mentions in these groups, by id or name.',
    unset: 'all',
    example: '1617905175110739, Real Estate Referral Network',
  },
  POSITIONS: {
    rule: commaSeparated,
    list: true,
    meaning: 'Sends only mentions that were spotted here: `post`, `comment` or `link`.',
    unset: 'all',
    example: 'post, comment',
  },
  INCLUDE: {
    rule: phraseRules,
    list: true,
    meaning:
      'Sends only mentions whose content holds one of these words or phrases: `a + b` means both, `agent*` any ending.',
    unset: 'all',
    example: 'looking for + agent*, recommend* + realtor',
  },
  EXCLUDE: {
    rule: phraseRules,
    list: true,
    meaning:
      "Sends no mention whose content or author's name holds one of these, written likewise.",
    unset: 'none',
    example: 'hiring, looking for work, no agents, apply* + job',
  },
  EXCLUDE_AUTHORS: {
    rule: idsOrNames,
    list: true,
    meaning: 'Sends no mention by these authors, by id or whole name.',
    unset: 'none',
    example: '100073695043540, Dana R.',
  },
  HOURS: {
    rule: workingHours,
    meaning: 'The working hours: outside them deliveries wait, except alerts.',
    unset: 'always',
    example: 'Mon-Fri 08:00-18:00, Sat 10:00-14:00 Europe/Berlin',
  },
  DIGEST: {
    rule: digestTimes,
    meaning: 'When one compact message brings all waiting mentions.',
    unset: 'none',
    example: 'daily 08:00 Europe/Berlin',
  },
  PING: {
    rule: writtenPings,
    list: true,
    meaning: 'Who is pinged with each mention. Several take turns.',
    unset: 'nobody',
    example: 'U012AB3CD, U045EF6GH',
  },
  CONCURRENCY: {
    rule: whole({ from: 1, to: 100 }, 'requests'),
    meaning: 'The most simultaneous requests, in each replica.',
    unset: perType('defaultConcurrency'),
    example: '1',
  },
  RATE_PER_SECOND: {
    rule: decimal({ from: 0.01, to: 1000 }, 'requests a second'),
    meaning: 'The most requests per second, over all replicas.',
    unset: perType('defaultRatePerSecond'),
    example: '0.8',
  },
  BATCH_SIZE: {
    rule: whole({ from: 1, to: 100 }, 'mentions in a request'),
    meaning: `The most mentions in one request while several wait. Limits: ${perType('maxBatchSize')}.`,
    unset: perType('defaultBatchSize'),
    example: '10',
  },
} as const satisfies Rows;

/** Lists a trait of all webhook types, those with the same value together: `http 10, others 1`. */
function perType(trait: KeyOfTraits): string {
  const types = Map.groupBy(WEBHOOK_TYPE_NAMES, (type) => WEBHOOK_TYPES[type][trait] ?? 'none');
  const areMost = (names: readonly string[]): boolean =>
    names.length > WEBHOOK_TYPE_NAMES.length / 2;
  return [...types]
    .toSorted(([, a], [, b]) => Number(areMost(a)) - Number(areMost(b)))
    .map(([value, names]) => `${areMost(names) ? 'others' : names.join(' and ')} ${value}`)
    .join(', ');
}

type KeyOfTraits =
  'defaultConcurrency' | 'defaultRatePerSecond' | 'defaultBatchSize' | 'maxBatchSize';

/** Lists the hosts by which each type is known; of many the usual ones. */
function hostsOfTypes(): string {
  return WEBHOOK_TYPE_NAMES.flatMap((type) => {
    const hosts = WEBHOOK_TYPES[type].hosts.map((host) =>
      host.startsWith('.') ? `\`*${host}\`` : `\`${host}\``,
    );
    const usual = 4;
    const more = hosts.length - usual;
    const listed = hosts.slice(0, usual).join(', ');
    const others = more > 0 ? ` and ${more} more` : '';
    return hosts.length === 0 ? [] : [`\`${type}\` for ${listed}${others}`];
  }).join('; ');
}

// --- Names ---

/** Begins every variable of a webhook. */
export const WEBHOOK_PREFIX = 'WEBHOOK_';

/** Returns the name of the variable that sets a webhook's attribute. */
export function webhookVariable(webhook: string, attribute: string): string {
  return `${WEBHOOK_PREFIX}${webhook}_${attribute}`;
}

const GLOBAL_NAMES: ReadonlySet<string> = new Set(namesOf(VARIABLES));
const ATTRIBUTE_AT_END = new RegExp(`(?:^|_)(${namesOf(WEBHOOK_ATTRIBUTES).join('|')})$`);

/**
 * Returns the webhook and the attribute (with `_FILE`, if so) that a variable seems to set; null if
 * it does not end in an attribute. The webhook's name may still be one that is not allowed.
 */
export function splitWebhookVariable(
  variable: string,
): { readonly webhook: string; readonly attribute: string } | null {
  return variable.startsWith(WEBHOOK_PREFIX)
    ? splitAtAttribute(variable.slice(WEBHOOK_PREFIX.length))
    : null;
}

/** Cuts the attribute off the end of `SALES_URL`; null if there is none. */
export function splitAtAttribute(
  text: string,
): { readonly webhook: string; readonly attribute: string } | null {
  const end = ATTRIBUTE_AT_END.exec(text);
  return end === null ? null : { webhook: text.slice(0, end.index), attribute: end[1] ?? '' };
}

/**
 * Returns whether a webhook can have this name: A-Z, 0-9 and `_`, not `_` alone. It never ends in an
 * attribute, so that no variable can be read in two ways, and nobody takes `WEBHOOK_SALES_URL_TYPE`
 * for the type of SALES.
 */
export function isWebhookName(name: string): boolean {
  return /^[A-Z0-9_]*[A-Z0-9][A-Z0-9_]*$/.test(name) && splitAtAttribute(name) === null;
}

/** Returns the webhook of a known variable; null if it has none or is not known. */
export function webhookOf(variable: string): string | null {
  const webhook = splitWebhookVariable(variable)?.webhook ?? '';
  return isWebhookName(webhook) ? webhook : null;
}

/** Returns whether the relay reads a variable of this name. */
export function isKnownName(variable: string): boolean {
  return GLOBAL_NAMES.has(variable) || webhookOf(variable) !== null;
}

/** Returns the names of the webhooks that have a variable set, in alphabetical order. */
export function webhookNames(variables: Iterable<string>): readonly string[] {
  const names = [...variables].map(webhookOf).filter((name) => name !== null);
  return [...new Set(names)].toSorted();
}
