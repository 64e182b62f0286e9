import { namesOf, VARIABLES, WEBHOOK_ATTRIBUTES } from './variables.ts';

/** Begins every variable of a webhook. */
export const WEBHOOK_PREFIX = 'WEBHOOK_';

const GLOBAL_NAMES: ReadonlySet<string> = new Set(namesOf(VARIABLES));
const ATTRIBUTE_AT_END = new RegExp(`(?:^|_)(${namesOf(WEBHOOK_ATTRIBUTES).join('|')})$`);

/** The name of the variable that sets a webhook's attribute. */
export function webhookVariable(webhook: string, attribute: string): string {
  return `${WEBHOOK_PREFIX}${webhook}_${attribute}`;
}

/**
 * The webhook and the attribute (with `_FILE`, if so) that a variable seems to set; null if it
 * does not end in an attribute. Whether the webhook's name is allowed is another question.
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
 * Whether a webhook can have this name: A-Z, 0-9 and `_`, not `_` alone. It never ends in an
 * attribute: so no variable can be read in two ways, and nobody takes `WEBHOOK_SALES_URL_TYPE`
 * for the type of SALES.
 */
export function isWebhookName(name: string): boolean {
  return /^[A-Z0-9_]*[A-Z0-9][A-Z0-9_]*$/.test(name) && splitAtAttribute(name) === null;
}

/** The webhook that a known variable belongs to, null if it belongs to none or is not known. */
export function webhookOf(variable: string): string | null {
  const webhook = splitWebhookVariable(variable)?.webhook ?? '';
  return isWebhookName(webhook) ? webhook : null;
}

/** Whether this is the name of a variable that the relay reads. */
export function isKnownName(variable: string): boolean {
  return GLOBAL_NAMES.has(variable) || webhookOf(variable) !== null;
}
