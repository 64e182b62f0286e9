import { distance } from 'fastest-levenshtein';
import { printable } from '../../domain/foreign/printable.ts';
import type { ConfigMistake } from '../mistakes.ts';
import { isServiceLink } from './service-links.ts';
import type { Settings } from '../settings.ts';
import { FILE_SUFFIX, namesOf, VARIABLES } from '../variables.ts';
import {
  isKnownName,
  isWebhookName,
  splitAtAttribute,
  splitWebhookVariable,
  WEBHOOK_ATTRIBUTES,
  WEBHOOK_PREFIX,
  webhookOf,
  webhookVariable,
} from '../webhook-variables.ts';

/** No platform sets variables that begin so: an unknown one is a misspelling, however far off. */
const OWN_PREFIX = 'GROOUPLY_';
const MAX_NAME_SHOWN = 100;

/** The unknown names among the variables that are set. */
export interface UnknownNames {
  /** Names that are close to a known one, in alphabetical order. */
  readonly mistakes: readonly ConfigMistake[];
  /** True if one of those probably means a webhook. */
  readonly meansWebhook: boolean;
  /**
   * Other names in the `.env` file, in alphabetical order. Other names in the real environment are
   * nobody's concern: platforms put `REDIS_TLS_URL` or `WEBHOOK_URL` there.
   */
  readonly inFile: readonly string[];
}

/** Finds the variables that are set, but not known. `webhooks` are the names of known webhooks. */
export function findUnknownNames(
  { texts, fromFile }: Pick<Settings, 'texts' | 'fromFile'>,
  webhooks: readonly string[],
): UnknownNames {
  const mistakes: ConfigMistake[] = [];
  let meansWebhook = false;
  const inFile: string[] = [];
  for (const [name, value] of [...texts].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (isKnownName(name)) continue;
    const meant = isServiceLink(name, value)
      ? null
      : meantBy(name.slice(0, 4 * MAX_NAME_SHOWN), webhooks);
    if (meant !== null) {
      mistakes.push({
        variable: printable(name, MAX_NAME_SHOWN),
        problem: `${meant.problem}: did you mean ${printable(meant.hint, MAX_NAME_SHOWN)}?`,
        allowed: allowedNames(meant.hint),
      });
      meansWebhook ||= meant.hint.startsWith(WEBHOOK_PREFIX);
    } else if (fromFile.has(name)) {
      inFile.push(name);
    }
  }
  return { mistakes, meansWebhook, inFile };
}

interface Meant {
  /** As in ConfigMistake. */
  readonly problem: string;
  /** The name that may have been meant. */
  readonly hint: string;
}

/** Returns the known name that somebody probably meant; null if the name is close to none. */
function meantBy(variable: string, webhooks: readonly string[]): Meant | null {
  const capitals = variable.toUpperCase().replace(/[^A-Z0-9_]/g, '_');
  if (capitals !== variable && isKnownName(capitals)) {
    return { problem: 'has other characters than A-Z, 0-9 and _', hint: capitals };
  }
  const withoutFile = variable.endsWith(FILE_SUFFIX) ? variable.slice(0, -FILE_SUFFIX.length) : '';
  if (isKnownName(withoutFile)) {
    return { problem: 'has a _FILE form, which only secrets have', hint: withoutFile };
  }
  const problem = 'is not a known variable';
  if (isKnownName(variable + FILE_SUFFIX)) return { problem, hint: variable + FILE_SUFFIX };
  if (capitals.startsWith(WEBHOOK_PREFIX)) {
    const misplaced = attributesMisplaced(variable);
    if (misplaced !== null) return misplaced;
    const hint = nearestWebhookVariable(capitals, webhooks);
    return hint === null ? null : { problem, hint };
  }
  const hint = withWebhookPrefix(capitals) ?? nearestGlobal(capitals);
  return hint === null ? null : { problem, hint };
}

/** Finds a name that ends in an attribute, but has no webhook's name in front of it. */
function attributesMisplaced(variable: string): Meant | null {
  const split = splitWebhookVariable(variable);
  // `WEBHOOK_URL` and `WEBHOOK_SECRET` are names that platforms and other programs use.
  if (split === null || variable === WEBHOOK_PREFIX + split.attribute) return null;
  if (/^_*$/.test(split.webhook)) {
    return {
      problem: "is without a webhook's name",
      hint: webhookVariable('<NAME>', split.attribute),
    };
  }
  const inner = splitAtAttribute(split.webhook);
  return inner === null
    ? null
    : {
        problem: `has two attributes, ${inner.attribute} and ${split.attribute}, and a webhook's name can't end in one`,
        hint: webhookVariable(innermostName(inner.webhook), split.attribute),
      };
}

function innermostName(webhook: string): string {
  const split = splitAtAttribute(webhook);
  if (split !== null) return innermostName(split.webhook);
  return isWebhookName(webhook) ? webhook : '<NAME>';
}

/**
 * Returns the nearest variable of a webhook. Behind the name of a known webhook every unknown attribute
 * is a mistake; behind another name only one that is close to a known attribute.
 */
function nearestWebhookVariable(variable: string, webhooks: readonly string[]): string | null {
  const attributes = namesOf(WEBHOOK_ATTRIBUTES);
  for (const webhook of [...webhooks, ...possibleWebhooks(variable)]) {
    const prefix = webhookVariable(webhook, '');
    if (!variable.startsWith(prefix)) continue;
    const attribute = variable.slice(prefix.length);
    const close = attributes.filter((known) => isClose(attribute, known, 1));
    const hint = nearest(attribute, webhooks.includes(webhook) ? attributes : close);
    if (hint !== null) return prefix + hint;
  }
  return null;
}

/** Returns what could be the webhook's name in `WEBHOOK_BIG_SALES_KEYWORD`: `BIG_SALES`, `BIG`. */
function possibleWebhooks(variable: string): string[] {
  const words = variable.slice(WEBHOOK_PREFIX.length).split('_');
  return words
    .slice(1)
    .map((_, index) => words.slice(0, words.length - 1 - index).join('_'))
    .filter(isWebhookName);
}

/** Returns the variable of a webhook that a name with a misspelled `WEBHOOK_` means. */
function withWebhookPrefix(variable: string): string | null {
  const words = variable.split('_');
  for (const length of [1, 2]) {
    const meant = WEBHOOK_PREFIX + words.slice(length).join('_');
    const beginning = words.slice(0, length).join('');
    if (distance(`${beginning}_`, WEBHOOK_PREFIX) <= 1 && webhookOf(meant) !== null) return meant;
  }
  return null;
}

function nearestGlobal(variable: string): string | null {
  const known = namesOf(VARIABLES);
  const own = variable.startsWith(OWN_PREFIX);
  return nearest(variable, own ? known : known.filter((name) => isClose(variable, name, 0)));
}

const UNIT =
  /_(MS|MILLIS(ECONDS)?|S|SECS?|SECONDS?|MINS?|MINUTES?|HOURS?|DAYS?|PER_(SECOND|MINUTE|HOUR))$/;

/**
 * Returns whether a name is close enough to a known one to be a misspelling of it: with other underscores
 * or no or another unit, with the same letters in another order, or with few letters changed. One letter
 * in six may be: `FTP_PROXY` and `HEALTH_PATH` are names of others.
 */
function isClose(name: string, known: string, atLeastLetters: number): boolean {
  const letters = (text: string): string => text.split('').toSorted().join('');
  const stem = known.replace(UNIT, '');
  return (
    name.replaceAll('_', '') === known.replaceAll('_', '') ||
    (name.length === known.length && letters(name) === letters(known)) ||
    (stem !== known && (name !== stem || stem.includes('_')) && name.replace(UNIT, '') === stem) ||
    distance(name, known) <= Math.max(atLeastLetters, Math.floor(known.length / 6))
  );
}

// Of equally near names the first one wins. A `_FILE` form is long enough to be near to anything long.
function nearest(name: string, among: readonly string[]): string | null {
  const eligible = among.filter((each) => name.includes('_FI') || !each.endsWith(FILE_SUFFIX));
  const [first = null] = eligible.toSorted((a, b) => distance(name, a) - distance(name, b));
  return first;
}

function allowedNames(hint: string): string {
  if (hint.startsWith(WEBHOOK_PREFIX)) {
    const attributes = Object.keys(WEBHOOK_ATTRIBUTES).map((name) => `_${name}`);
    return `${WEBHOOK_PREFIX}<NAME> with ${attributes.join(', ')}; NAME of A-Z, 0-9 and _`;
  }
  const [prefix = ''] = /^[^_]+_?/.exec(hint) ?? [];
  return namesOf(VARIABLES)
    .filter((name) => name.startsWith(prefix))
    .join(', ');
}
