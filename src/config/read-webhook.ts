import { machineZone } from '../domain/hours/zone-time.ts';
import { WEBHOOK_TYPES, webhookTypeOf, type Webhook } from '../domain/webhook.ts';
import { readPings } from './lists/ping-rules.ts';
import type { ConfigMistake } from './mistakes.ts';
import { otherEndpoint } from './service-url.ts';
import { isSet, readVariables, type Settings, type ValuesOf } from './settings.ts';
import { FILE_SUFFIX } from './variables.ts';
import { WEBHOOK_ATTRIBUTES, webhookVariable } from './webhook-variables.ts';

/** The reading of one webhook. */
interface WebhookReading {
  /** Null if it has no usable URL; then that is among the mistakes. */
  readonly webhook: Webhook | null;
  readonly mistakes: readonly ConfigMistake[];
  /** True if its working hours or digests are in the zone of TZ. */
  readonly needsZone: boolean;
}

/**
 * Reads one webhook. Working hours and digests which name no zone are in `tz`, or else in that of the
 * machine.
 */
export function readWebhook(
  settings: Settings,
  name: string,
  tz: string | undefined,
): WebhookReading {
  const { values, mistakes } = readVariables(WEBHOOK_ATTRIBUTES, settings, {
    prefix: webhookVariable(name, ''),
    missing: `is not set, but other variables of the webhook ${name} are`,
  });
  const { URL: url, SECRET, HEADERS, EVENTS, PLAIN, HOURS, DIGEST } = values;
  const needsZone = HOURS?.zone === null || DIGEST?.zone === null;
  // Asked only where it is needed: the zones of ICU take memory.
  const inZone = <T extends { readonly zone: string | null }>(
    times: T,
  ): T & { readonly zone: string } => ({
    ...times,
    zone: times.zone ?? tz ?? machineZone(),
  });
  const type = values.TYPE ?? (url && webhookTypeOf(url));
  if (type === undefined) return { webhook: null, mistakes, needsZone };
  // Whoever writes `http` means a program that reads the JSON, wherever it is.
  const elsewhere = url === undefined || values.TYPE === 'http' ? null : otherEndpoint(url, type);
  const unfit = unfitForType(type, values, {
    variable: (attribute) => webhookVariable(name, attribute),
    hasSecret: isSet(settings, webhookVariable(name, 'SECRET'), WEBHOOK_ATTRIBUTES.SECRET),
    hasTemplate: settings.texts.has(webhookVariable(name, 'TEMPLATE_FILE')),
  });
  const pings = readPings(values.PING ?? [], {
    type,
    plain: PLAIN === true && WEBHOOK_TYPES[type].plain,
    isSlack: url !== undefined && webhookTypeOf(url) === 'slack',
  });
  const unfitPings = pings.ok ? [] : [{ variable: webhookVariable(name, 'PING'), ...pings.error }];
  const traits = WEBHOOK_TYPES[type];
  return {
    webhook:
      url === undefined
        ? null
        : {
            name,
            type,
            plain: PLAIN ?? false,
            url,
            signingSecrets: SECRET ?? [],
            headers: HEADERS ?? {},
            events: EVENTS ?? 'mentions',
            filter: filterOf(values),
            pings: pings.ok ? pings.value : [],
            hours: HOURS === undefined ? null : inZone(HOURS),
            digest: DIGEST === undefined ? null : inZone(DIGEST),
            template: values.TEMPLATE_FILE ?? null,
            concurrency: values.CONCURRENCY ?? traits.defaultConcurrency,
            ratePerSecond: values.RATE_PER_SECOND ?? traits.defaultRatePerSecond,
            batchSize: values.BATCH_SIZE ?? traits.defaultBatchSize,
          },
    mistakes: [
      ...mistakes,
      ...(elsewhere === null ? [] : [{ variable: urlVariable(settings, name), ...elsewhere }]),
      ...unfit,
      ...unfitPings,
    ],
    needsZone,
  };
}

/** Returns the variable that a webhook's URL comes from. */
function urlVariable({ texts }: Settings, name: string): string {
  const variable = webhookVariable(name, 'URL');
  return texts.has(variable) ? variable : variable + FILE_SUFFIX;
}

type AttributeValues = Partial<ValuesOf<typeof WEBHOOK_ATTRIBUTES>>;

/** Returns the mistakes of values that are right by themselves, but not for the webhook's type. */
function unfitForType(
  type: Webhook['type'],
  {
    BATCH_SIZE: batchSize,
    PLAIN: plain,
    DIGEST: digest,
    EVENTS: events = 'mentions',
  }: AttributeValues,
  {
    variable,
    hasSecret,
    hasTemplate,
  }: {
    readonly variable: (attribute: string) => string;
    readonly hasSecret: boolean;
    readonly hasTemplate: boolean;
  },
): ConfigMistake[] {
  const traits = WEBHOOK_TYPES[type];
  const mistakes: ConfigMistake[] = [];
  if (batchSize !== undefined && batchSize > traits.maxBatchSize) {
    mistakes.push({
      variable: variable('BATCH_SIZE'),
      problem: `is ${batchSize}, more than fit into one message`,
      allowed: `a whole number from 1 to ${traits.maxBatchSize} for webhooks of type ${type}`,
    });
  }
  if (!traits.signed && hasSecret) {
    mistakes.push({
      variable: variable('SECRET'),
      problem: `is set, but ${traits.label} checks no signatures`,
      allowed: 'a secret for webhooks of type http only',
    });
  }
  if (plain === true && !traits.plain) {
    mistakes.push({
      variable: variable('PLAIN'),
      problem: `is true, but webhooks of type ${type} have no plain form`,
      allowed: 'true for webhooks of type slack only',
    });
  }
  if (hasTemplate && type !== 'http') {
    mistakes.push({
      variable: variable('TEMPLATE_FILE'),
      problem: `is set, but ${traits.label} has messages of its own`,
      allowed: `a template for webhooks of type http only: set ${variable('TYPE')}=http if that is meant`,
    });
  }
  if (hasTemplate && batchSize !== undefined && batchSize > 1) {
    mistakes.push({
      variable: variable('BATCH_SIZE'),
      problem: `is ${batchSize}, but a template is for one mention`,
      allowed: `1, or no ${variable('TEMPLATE_FILE')}`,
    });
  }
  if (hasTemplate && digest !== undefined) {
    mistakes.push({
      variable: variable('DIGEST'),
      problem: 'is set, but a template is for one mention',
      allowed: `one of the two: no digest, or no ${variable('TEMPLATE_FILE')}`,
    });
  }
  if (hasTemplate && events !== 'mentions') {
    mistakes.push({
      variable: variable('EVENTS'),
      problem: `is ${events}, but a template is for mentions`,
      allowed: `mentions, or no ${variable('TEMPLATE_FILE')}; another webhook can receive the alerts`,
    });
  }
  return mistakes;
}

// An absent part of the filter keeps no mention away, and an empty list counts as absent.
function filterOf(values: AttributeValues): Webhook['filter'] {
  const lists = {
    keywords: values.KEYWORDS,
    groups: values.GROUPS,
    positions: values.POSITIONS,
    include: values.INCLUDE,
    exclude: values.EXCLUDE,
    excludeAuthors: values.EXCLUDE_AUTHORS,
  };
  return Object.fromEntries(
    Object.entries(lists).filter(([, list]) => list !== undefined && list.length > 0),
  );
}
