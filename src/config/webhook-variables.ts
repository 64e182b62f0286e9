import { WEBHOOK_TYPES, webhookTypeOf, type Webhook } from '../domain/webhook.ts';
import { webhookOf, webhookVariable } from './names.ts';
import type { Reader, Settings } from './reader.ts';
import { WEBHOOK_ATTRIBUTES } from './variables.ts';

/** The names of the webhooks that have a variable set, in alphabetical order. */
export function webhookNames(settings: Settings): readonly string[] {
  const names = [...settings.keys()].map(webhookOf).filter((name) => name !== null);
  return [...new Set(names)].toSorted();
}

/** Reads one webhook. Null if it has no usable URL; that is noted, with all else that is wrong. */
export function readWebhook(reader: Reader, name: string): Webhook | null {
  const { URL: urlRow, TYPE, SECRET, HEADERS, EVENTS, CONCURRENCY } = WEBHOOK_ATTRIBUTES;
  const { PLAIN, RATE_PER_SECOND, BATCH_SIZE } = WEBHOOK_ATTRIBUTES;
  const variable = (attribute: string): string => webhookVariable(name, attribute);

  const url = reader.required(
    variable('URL'),
    urlRow,
    `is not set, but other variables of the webhook ${name} are`,
  );
  const type = reader.optional(variable('TYPE'), TYPE) ?? (url && webhookTypeOf(url));
  const signingSecrets = reader.optional(variable('SECRET'), SECRET) ?? [];
  const headers = reader.optional(variable('HEADERS'), HEADERS) ?? {};
  const events = reader.defaulted(variable('EVENTS'), EVENTS);
  const plain = reader.defaulted(variable('PLAIN'), PLAIN);
  const filter = readFilter(reader, name);
  const concurrency = reader.optional(variable('CONCURRENCY'), CONCURRENCY);
  const ratePerSecond = reader.optional(variable('RATE_PER_SECOND'), RATE_PER_SECOND);
  const batchSize = reader.optional(variable('BATCH_SIZE'), BATCH_SIZE);
  const maxBatchSize = type === undefined ? Infinity : WEBHOOK_TYPES[type].maxBatchSize;
  if (batchSize !== undefined && batchSize > maxBatchSize) {
    reader.note({
      variable: variable('BATCH_SIZE'),
      problem: `is ${batchSize}, more than fit into one message`,
      allowed: `a whole number from 1 to ${maxBatchSize} for webhooks of type ${type}`,
    });
  }
  if (
    type !== undefined &&
    !WEBHOOK_TYPES[type].signed &&
    reader.isSet(variable('SECRET'), SECRET)
  ) {
    reader.note({
      variable: variable('SECRET'),
      problem: `is set, but ${WEBHOOK_TYPES[type].label} checks no signatures`,
      allowed: 'a secret for webhooks of type http only',
    });
  }
  if (plain && type !== undefined && !WEBHOOK_TYPES[type].plain) {
    reader.note({
      variable: variable('PLAIN'),
      problem: `is true, but webhooks of type ${type} have no plain form`,
      allowed: 'true for webhooks of type slack only',
    });
  }
  if (url === undefined || type === undefined) return null;
  return {
    name,
    type,
    plain,
    url,
    signingSecrets,
    headers,
    events,
    filter,
    concurrency: concurrency ?? WEBHOOK_TYPES[type].defaultConcurrency,
    ratePerSecond: ratePerSecond ?? WEBHOOK_TYPES[type].defaultRatePerSecond,
    batchSize: batchSize ?? WEBHOOK_TYPES[type].defaultBatchSize,
  };
}

// An absent part of the filter keeps no mention away, and an empty list counts as absent.
function readFilter(reader: Reader, name: string): Webhook['filter'] {
  const { KEYWORDS, GROUPS, POSITIONS, EXCLUDE, EXCLUDE_AUTHORS } = WEBHOOK_ATTRIBUTES;
  const keywords = reader.optional(webhookVariable(name, 'KEYWORDS'), KEYWORDS) ?? [];
  const groups = reader.optional(webhookVariable(name, 'GROUPS'), GROUPS) ?? [];
  const positions = reader.optional(webhookVariable(name, 'POSITIONS'), POSITIONS) ?? [];
  const exclude = reader.optional(webhookVariable(name, 'EXCLUDE'), EXCLUDE) ?? [];
  const excludeAuthors =
    reader.optional(webhookVariable(name, 'EXCLUDE_AUTHORS'), EXCLUDE_AUTHORS) ?? [];
  return {
    ...(keywords.length > 0 && { keywords }),
    ...(groups.length > 0 && { groups }),
    ...(positions.length > 0 && { positions }),
    ...(exclude.length > 0 && { exclude }),
    ...(excludeAuthors.length > 0 && { excludeAuthors }),
  };
}
