import type { Delivery, DeliveryKind } from '../domain/delivery.ts';
import { type Ping, type Webhook, type WebhookTypeName, wantsMentions } from '../domain/webhook.ts';
import type { AnyMention } from './mention-words.ts';

/**
 * A type of webhook: how its messages look, how its answers are read, and how `check` tries it. All
 * of it is pure. Each type is a folder beside this file and a line in registry.ts.
 */
export interface WebhookType {
  readonly name: WebhookTypeName;
  /** The kinds of which several may travel in one message. A message holds deliveries of one kind. */
  readonly batched: readonly DeliveryKind[];
  /** Returns the URL that messages are POSTed to, if it is not the webhook's URL as it stands. */
  readonly endpoint?: (url: URL) => URL;
  /**
   * Builds the message for one delivery, or for several of a kind in `batched`, oldest first. The
   * same deliveries and context always give the same request. Never throws.
   */
  readonly request: (deliveries: readonly Delivery[], context: RequestContext) => WebhookRequest;
  /** Builds the same message in its plainest form, for a receiver that refused the usual one. */
  readonly simplified?: (
    deliveries: readonly Delivery[],
    context: RequestContext,
  ) => WebhookRequest;
  /**
   * Decides from an answer whether the receiver took the message.
   *
   * @param body - the answer's first kilobytes: foreign text
   * @param url - the webhook's, which no reason may hold
   */
  readonly accepted: (status: number, body: string, url: URL) => Acceptance;
  /**
   * Reads from the headers of a successful answer how long the webhook's quota is used up, in
   * milliseconds; 0 if it can take the next message at once.
   */
  readonly restMs?: (headers: Readonly<Record<string, string | undefined>>) => number;
  /**
   * Shows a delivery's message as lines of text, with times in UTC and links written out. Foreign
   * text in it is as hostile as in the mention.
   */
  readonly preview: (delivery: Delivery, webhook: Webhook) => readonly string[];
  /** Builds the messages of a webhook with `_DIGEST`, in which each mention is one line. */
  readonly digest: DigestForm;
  /** Builds the `test.ping` of `check --send`: a message that people see. */
  readonly ping: (context: RequestContext) => WebhookRequest;
  /** The question of `check`, which leaves no message. */
  readonly probe: WebhookProbe;
  /** Advice about a refused URL: the half of a sentence before `, and put its URL into ...`. */
  readonly renewal?: string;
}

/** The compact form of mentions, of windows and recovered ones together. Alerts have no such form. */
export interface DigestForm {
  /** The most mentions in one message, however short they are. */
  readonly maxSize: number;
  /** Returns how many of these mentions, from the first one on, fit into one message: one at least. */
  readonly fitting: (mentions: readonly AnyMention[], webhook: Webhook) => number;
  /**
   * Builds the message of mentions that fit into one, oldest first, also of a single one. The same
   * mentions and context always give the same request. Never throws.
   */
  readonly request: (mentions: readonly AnyMention[], context: RequestContext) => WebhookRequest;
  /** Shows the message of one mention as {@link WebhookType.preview} does. */
  readonly preview: (mention: AnyMention, webhook: Webhook) => readonly string[];
}

/** The facts that a request depends on besides its deliveries. */
export interface RequestContext {
  readonly webhook: Webhook;
  /** The time of the attempt. */
  readonly nowMs: number;
  /** The number of the message, from 0, for a webhook that pings several in turn. */
  readonly pingTurn?: number;
  /** `mention-relay/<version>`. */
  readonly userAgent: string;
}

/** The body and headers of one POST. */
export interface WebhookRequest {
  readonly body: string;
  /** Lower-case names. The values may be secret. */
  readonly headers: Readonly<Record<string, string>>;
}

/** An answer to a message. A reason is our own words or a known code, never foreign text. */
export type Acceptance =
  | { readonly accepted: true }
  | {
      readonly accepted: false;
      readonly reason: string;
      /** The receiver is full and takes the same message later, whatever its status means elsewhere. */
      readonly full?: true;
      /** The status that the answer's body means, if it differs from the answer's own. */
      readonly meantStatus?: number;
      /** The pause that the answer's body asks for. Headers come first. */
      readonly waitMs?: number;
    };

/** Reads an answer's status and the first kilobytes of its body, which are foreign text. */
export type ReadAcceptance = (status: number, body: string) => Acceptance;

/** A request that finds out whether a webhook exists, without leaving a message there. */
export interface WebhookProbe {
  readonly method: 'GET' | 'HEAD' | 'POST';
  /** Returns the URL that is asked, if it is not the webhook's URL as it stands. */
  readonly endpoint?: (url: URL) => URL;
  readonly request: (context: RequestContext) => WebhookRequest;
  /** Reads an answer as `accepted` does. */
  readonly read: (status: number, body: string, url: URL) => ProbeReading;
}

/** The result of a probe. Reasons are our own words or known codes. */
export type ProbeReading =
  | { readonly kind: 'there' }
  /** Deliveries would fail. */
  | { readonly kind: 'gone'; readonly reason: string }
  /** Only a real message can show whether deliveries work. */
  | { readonly kind: 'unclear'; readonly reason: string };

/** Returns a body with the headers of {@link jsonHeaders}. */
export function jsonRequest(body: string, context: RequestContext): WebhookRequest {
  return { body, headers: jsonHeaders(context) };
}

/**
 * Returns the headers of every JSON request: the user agent, the webhook's extra headers, and the
 * content type. Extra headers can replace the user agent, but neither `content-type` nor any
 * `webhook-*`: the configuration refuses those, and here they are left out.
 */
export function jsonHeaders(context: RequestContext): Record<string, string> {
  const extra = Object.entries(context.webhook.headers)
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => !name.startsWith('webhook-'));
  return {
    'user-agent': context.userAgent,
    ...Object.fromEntries(extra),
    'content-type': 'application/json',
  };
}

/** Returns whom a message pings, by its turn. Nobody for alerts. */
export function whomToPing(
  deliveries: readonly Delivery[],
  { webhook: { pings }, pingTurn = 0 }: Pick<RequestContext, 'webhook' | 'pingTurn'>,
): Ping | null {
  const [first] = deliveries;
  if (first === undefined || first.kind === 'alert') return null;
  return pings[pingTurn % pings.length] ?? null;
}

/** Returns the words of a `test.ping`. */
export function pingText(webhook: Pick<Webhook, 'name' | 'events'>): string {
  const what = wantsMentions(webhook) ? 'mentions' : 'alerts';
  return `A test of mention-relay: ${what} for the webhook ${webhook.name} will arrive here.`;
}
