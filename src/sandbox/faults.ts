import type { JsonObject } from '../domain/mention.ts';
import { phpForms } from './php-forms.ts';
import { failure, type Answer, type Endpoint } from './router.ts';

/** A fault that one request meets. */
export type Fault =
  /** An answer with this status, in the envelope unless it has a body of its own. */
  | {
      readonly kind: 'status';
      readonly status: number;
      /** The `Retry-After` header: seconds or an HTTP date. */
      readonly retryAfter?: string | number;
      readonly body?: string;
    }
  /** HTTP 200 with an error in the envelope. */
  | { readonly kind: 'envelope'; readonly status: number }
  /** The usual answer, late. */
  | { readonly kind: 'delay'; readonly delayMs: number }
  /** The connection is reset, before the request's body is read (the default) or after. */
  | { readonly kind: 'reset'; readonly when?: 'before' | 'after' }
  /** No answer, ever. */
  | { readonly kind: 'hang' }
  /** The usual answer with the HTML entities of PHP's htmlspecialchars in all its texts. */
  | { readonly kind: 'entities' }
  /** A web page: of a captive portal with HTTP 200, the default, or a challenge page with 403. */
  | { readonly kind: 'html'; readonly status?: number }
  /** The usual answer's JSON, cut in the middle, in a complete HTTP response. */
  | { readonly kind: 'truncated' }
  /** The usual window with these items in its middle. Applies to `/account/mentions` alone. */
  | { readonly kind: 'malformed'; readonly items: readonly unknown[] }
  /** Links with another host, and with this parameter: Facebook's change from fetch to fetch. */
  | { readonly kind: 'links'; readonly host: string; readonly tracking: string }
  /** Ids, timestamps and statuses as numbers, all digits kept, even beyond 2^53. */
  | { readonly kind: 'numbers' }
  /** The usual answer after this text: a PHP warning by default, or a byte order mark. */
  | { readonly kind: 'noise'; readonly before?: string }
  /** The usual answer with an unknown field in its items that is 10,000 levels deep, or so many. */
  | { readonly kind: 'nested'; readonly levels?: number }
  /** The usual answer in PHP's other forms, which mean the same. */
  | { readonly kind: 'php' };

/** A fault and when it happens. */
export type FaultRule = Fault & {
  /** All endpoints by default, unknown ones too. */
  readonly endpoint?: Endpoint;
  /** The number of requests that meet it: one by default, no limit with a probability. */
  readonly times?: number;
  /** From 0 to 1, for each request that it applies to. 1 by default. */
  readonly probability?: number;
};

/** The faults that are still to come. */
export interface FaultList {
  readonly add: (rule: FaultRule) => void;
  readonly clear: () => void;
  /** Returns the fault that this request meets, if any: one at most. */
  readonly take: (path: string) => Fault | undefined;
  /** Returns the number of rules left. */
  readonly count: () => number;
}

/**
 * Creates a list of faults. Rules with an end are used first, in the order in which they were added,
 * so that two of them hit two requests one after the other; then the rules without an end.
 */
export function createFaultList(random: () => number): FaultList {
  let rules: { readonly rule: FaultRule; left: number }[] = [];

  return {
    add(rule) {
      const left = rule.times ?? (rule.probability === undefined ? 1 : Infinity);
      rules.push({ rule, left });
    },
    clear() {
      rules = [];
    },
    take(path) {
      const ending = rules.filter(({ left }) => left !== Infinity);
      const lasting = rules.filter(({ left }) => left === Infinity);
      const hit = [...ending, ...lasting].find(
        ({ rule }) =>
          appliesTo(rule, path) && (rule.probability === undefined || random() < rule.probability),
      );
      if (hit === undefined) return undefined;
      hit.left -= 1;
      rules = rules.filter(({ left }) => left > 0);
      return hit.rule;
    },
    count: () => rules.length,
  };
}

function appliesTo(rule: FaultRule, path: string): boolean {
  if (rule.kind === 'malformed' && path !== '/account/mentions') return false;
  return rule.endpoint === undefined || rule.endpoint === path;
}

/** An answer as it is sent. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Returns the answer to send: the usual one, or the one that a fault makes of it. */
export function putOnWire(usual: Answer, fault?: Fault): WireAnswer {
  switch (fault?.kind) {
    case 'status':
      return statusAnswer(fault);
    case 'envelope':
      return jsonAnswer({ ...failure(fault.status), status: 200 });
    case 'entities':
      return jsonAnswer({ ...usual, payload: withEntities(usual.payload) });
    case 'html':
      return {
        status: fault.status ?? 200,
        headers: { 'content-type': HTML },
        body: MAINTENANCE_PAGE,
      };
    case 'truncated': {
      const whole = jsonAnswer(usual);
      return { ...whole, body: whole.body.slice(0, Math.floor(whole.body.length / 2)) };
    }
    case 'malformed':
      return jsonAnswer({ ...usual, payload: withItems(usual.payload, fault.items) });
    case 'links': {
      const whole = jsonAnswer(usual);
      return { ...whole, body: withLinks(whole.body, fault) };
    }
    case 'numbers': {
      const whole = jsonAnswer(usual);
      return { ...whole, body: withNumbers(whole.body) };
    }
    case 'noise': {
      const whole = jsonAnswer(usual);
      return { ...whole, body: `${fault.before ?? PHP_WARNING}${whole.body}` };
    }
    case 'nested': {
      const whole = jsonAnswer({ ...usual, payload: withField(usual.payload) });
      return { ...whole, body: whole.body.replaceAll(PLACE, nestedJson(fault.levels ?? 10_000)) };
    }
    case 'php':
      return jsonAnswer({ ...usual, payload: phpForms(usual.payload) });
    // These are faults of the connection, not of the answer.
    case 'delay':
    case 'reset':
    case 'hang':
    case undefined:
      break;
  }
  return jsonAnswer(usual);
}

const JSON_TYPE = 'application/json; charset=utf-8';
const HTML = 'text/html; charset=utf-8';
const MAINTENANCE_PAGE = `<!doctype html>
<html><head><title>Be right back</title></head>
<body><h1>Down for maintenance</h1><p>We will be back in a few minutes.</p></body></html>
`;

// As PHP writes it with `display_errors` (php.net/errorfunc.configuration).
const PHP_WARNING =
  '<br />\n<b>Warning</b>:  Undefined array key "owner" in <b>/srv/api/mentions.php</b> on line <b>41</b><br />\n';

function jsonAnswer({ status, headers, payload }: Answer): WireAnswer {
  const body = JSON.stringify(payload);
  return { status, headers: { 'content-type': JSON_TYPE, ...headers }, body };
}

function statusAnswer(fault: Fault & { kind: 'status' }): WireAnswer {
  const { status, retryAfter, body } = fault;
  const headers: Record<string, string> =
    retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  if (body === undefined) return jsonAnswer(failure(status, headers));
  return { status, headers: { 'content-type': HTML, ...headers }, body };
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#039;',
};

function withEntities(payload: JsonObject): JsonObject {
  const encode = (text: string) =>
    text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
  return JSON.parse(JSON.stringify(payload), (_, value: unknown) =>
    typeof value === 'string' ? encode(value) : value,
  ) as JsonObject;
}

function withItems(payload: JsonObject, items: readonly unknown[]): JsonObject {
  const mentions = payload['mentions'];
  if (!Array.isArray(mentions)) return payload;
  return { ...payload, mentions: mentions.toSpliced(Math.floor(mentions.length / 2), 0, ...items) };
}

// JSON.stringify would fail at so many levels. Text inside a string can't match: its quotes are escaped.
const PLACE = '"nested":"here"';

/** Returns a payload with a field in each object that is a part of it, or an item of a list in it. */
function withField(payload: JsonObject): JsonObject {
  const add = (value: unknown): unknown =>
    typeof value === 'object' && value !== null ? { ...value, nested: 'here' } : value;
  return Object.fromEntries(
    Object.entries(payload).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.map(add) : add(value),
    ]),
  );
}

function nestedJson(levels: number): string {
  return `"nested":${'{"a":['.repeat(levels / 2)}7${']}'.repeat(levels / 2)}`;
}

function withLinks(json: string, { host, tracking }: Fault & { kind: 'links' }): string {
  return json.replaceAll(
    /"link":"https?:\/\/[^/"]*([^"]*)"/g,
    (_, path: string) => `"link":"${host}${path}${path.includes('?') ? '&' : '?'}${tracking}"`,
  );
}

// Works on the JSON text, because a number in JavaScript would lose digits. Text inside a string can't
// match: its quotes are escaped.
function withNumbers(json: string): string {
  return json.replaceAll(/"(id|status|spotted|sent\w*)":"(0|[1-9]\d*)"/g, '"$1":$2');
}
