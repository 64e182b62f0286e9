import { isIP } from 'node:net';
import { distance } from 'fastest-levenshtein';
import { printable } from '../domain/printable.ts';
import type { ConfigMistake } from './mistakes.ts';
import { FILE_SUFFIX, namesOf, VARIABLES } from './variables.ts';
import {
  isKnownName,
  isWebhookName,
  splitAtAttribute,
  splitWebhookVariable,
  WEBHOOK_ATTRIBUTES,
  WEBHOOK_PREFIX,
  webhookVariable,
} from './webhook-variables.ts';

/** Variables that begin so are the relay's own: an unknown one is most likely a misspelling. */
const OWN_PREFIXES = [WEBHOOK_PREFIX, 'GROOUPLY_', 'REDIS_'];
const MAX_NAME_SHOWN = 100;

/**
 * Finds variables that are set and look like the relay's own, but aren't known: in alphabetical
 * order, each with the name that may have been meant. `webhooks` are the names of known webhooks.
 */
export function findUnknownNames(
  texts: ReadonlyMap<string, string>,
  webhooks: readonly string[],
): readonly ConfigMistake[] {
  return [...texts.keys()]
    .filter((name) => OWN_PREFIXES.some((prefix) => name.startsWith(prefix)))
    .filter((name) => !isKnownName(name) && !isServiceLink(name, texts))
    .toSorted()
    .map((name) => {
      const { problem, hint } = explain(name.slice(0, 4 * MAX_NAME_SHOWN), webhooks);
      return {
        variable: printable(name, MAX_NAME_SHOWN),
        problem: `${problem}: did you mean ${printable(hint, MAX_NAME_SHOWN)}?`,
        allowed: allowedNames(name),
      };
    });
}

/** Returns the problem, as in ConfigMistake, and the name that may have been meant. */
function explain(
  variable: string,
  webhooks: readonly string[],
): { readonly problem: string; readonly hint: string } {
  const capitals = variable.toUpperCase().replace(/[^A-Z0-9_]/g, '_');
  if (capitals !== variable && isKnownName(capitals)) {
    return { problem: 'has other characters than A-Z, 0-9 and _', hint: capitals };
  }
  const split = splitWebhookVariable(variable);
  if (split !== null && /^_*$/.test(split.webhook)) {
    return {
      problem: "is without a webhook's name",
      hint: webhookVariable('<NAME>', split.attribute),
    };
  }
  const inner = split === null ? null : splitAtAttribute(split.webhook);
  if (split !== null && inner !== null) {
    return {
      problem: `has two attributes, ${inner.attribute} and ${split.attribute}, and a webhook's name can't end in one`,
      hint: webhookVariable(innermostName(inner.webhook), split.attribute),
    };
  }
  const withoutFile = variable.endsWith(FILE_SUFFIX) ? variable.slice(0, -FILE_SUFFIX.length) : '';
  if (isKnownName(withoutFile)) {
    return { problem: 'has a _FILE form, which only secrets have', hint: withoutFile };
  }
  return { problem: 'is not a known variable', hint: nearestName(capitals, webhooks) };
}

function innermostName(webhook: string): string {
  const split = splitAtAttribute(webhook);
  if (split !== null) return innermostName(split.webhook);
  return isWebhookName(webhook) ? webhook : '<NAME>';
}

// Of equally near names the first one wins: those of known webhooks come first.
function nearestName(variable: string, webhooks: readonly string[]): string {
  const known = variable.startsWith(WEBHOOK_PREFIX)
    ? [...webhooks, ...possibleWebhooks(variable)].flatMap(namesOfWebhook)
    : namesOf(VARIABLES);
  let nearest = webhookVariable('<NAME>', 'URL');
  let nearestDistance = Infinity;
  // A `_FILE` form is long enough to be near to anything long.
  const meansFile = variable.includes('_FI');
  for (const name of known.filter((candidate) => meansFile || !candidate.endsWith(FILE_SUFFIX))) {
    const nameDistance = distance(variable, name);
    if (nameDistance < nearestDistance) {
      nearest = name;
      nearestDistance = nameDistance;
    }
  }
  return nearest;
}

function namesOfWebhook(webhook: string): string[] {
  return namesOf(WEBHOOK_ATTRIBUTES, webhookVariable(webhook, ''));
}

/** Returns what could be the webhook's name in `WEBHOOK_BIG_SALES_KEYWORD`: `BIG_SALES`, `BIG`. */
function possibleWebhooks(variable: string): string[] {
  const words = variable.slice(WEBHOOK_PREFIX.length).split('_');
  const longest = Math.max(1, words.length - 1);
  return words
    .slice(0, longest)
    .map((_, index) => words.slice(0, longest - index).join('_'))
    .filter(isWebhookName);
}

function allowedNames(variable: string): string {
  if (variable.startsWith(WEBHOOK_PREFIX)) {
    const attributes = Object.keys(WEBHOOK_ATTRIBUTES).map((name) => `_${name}`);
    return `${WEBHOOK_PREFIX}<NAME> with ${attributes.join(', ')}; NAME of A-Z, 0-9 and _`;
  }
  const prefix = OWN_PREFIXES.find((own) => variable.startsWith(own)) ?? '';
  return namesOf(VARIABLES)
    .filter((name) => name.startsWith(prefix))
    .join(', ');
}

// Each ending with what its value looks like. The name in front of it is that of the service.
const LINK_PATTERNS: readonly (readonly [RegExp, (value: string) => boolean])[] = [
  [/_SERVICE_HOST$/, isAddress],
  [/_SERVICE_PORT(_[A-Z0-9_]+)?$/, isPort],
  [/_PORT(_\d+_(TCP|UDP|SCTP))?$/, isPortUrl],
  [/_PORT_\d+_(TCP|UDP|SCTP)_PROTO$/, (value) => /^(tcp|udp|sctp)$/.test(value)],
  [/_PORT_\d+_(TCP|UDP|SCTP)_PORT$/, isPort],
  [/_PORT_\d+_(TCP|UDP|SCTP)_ADDR$/, isAddress],
  [/_NAME$/, isLinkName],
];

/**
 * Returns whether Kubernetes or Docker set a variable to describe a service, rather than somebody
 * to configure the relay: a service called `redis` (or `redis-master`, or `webhook-receiver`) puts
 * `REDIS_PORT=tcp://10.0.0.11:6379`, `REDIS_SERVICE_HOST` and more into every container next to
 * it. The value must fit as well: `REDIS_PORT=6380` is somebody's mistake.
 *
 * The names are those of Kubernetes' service environment variables
 * (https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables) and of
 * Docker's legacy links (https://docs.docker.com/engine/network/links/).
 */
function isServiceLink(name: string, texts: ReadonlyMap<string, string>): boolean {
  const value = texts.get(name) ?? '';
  if (LINK_PATTERNS.some(([pattern, fits]) => pattern.test(name) && fits(value))) return true;
  // Docker passes on the linked container's own variables, and their values can be anything: they
  // count only next to the link's name.
  const [, alias] = /^([A-Z0-9_]+?)_ENV_\w+$/.exec(name) ?? [];
  return alias !== undefined && isLinkName(texts.get(`${alias}_NAME`) ?? '');
}

function isLinkName(value: string): boolean {
  return /^\/[\w.-]+\/[\w.-]+$/.test(value);
}

function isAddress(value: string): boolean {
  return isIP(value) !== 0;
}

function isPort(value: string): boolean {
  return /^\d{1,5}$/.test(value);
}

function isPortUrl(value: string): boolean {
  return /^(tcp|udp|sctp):\/\/(\[[0-9A-Fa-f:.]+\]|[0-9.]+):\d{1,5}$/.test(value);
}
