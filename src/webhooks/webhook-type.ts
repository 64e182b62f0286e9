import type { Delivery, DeliveryKind } from '../domain/delivery.ts';
import { type Webhook, type WebhookTypeName, wantsMentions } from '../domain/webhook.ts';

/** What an attempt knows besides its delivery. */
export interface RequestContext {
  readonly webhook: Webhook;
  /** When the attempt is made. */
  readonly nowMs: number;
  /** `mention-relay/<version>`. */
  readonly userAgent: string;
}

/** What is POSTed to a webhook's URL. */
export interface WebhookRequest {
  readonly body: string;
  /** Lower-case names. The values may be secret. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Whether a receiver took a message. A reason is our own words or a known code, never foreign text. */
export type Acceptance =
  | { readonly accepted: true }
  | {
      readonly accepted: false;
      readonly reason: string;
      /** The receiver is full: it would take the same message later, whatever its status says. */
      readonly full?: true;
      /** The status that the answer's body tells, where the answer itself has another one. */
      readonly meantStatus?: number;
    };

/** Reads an answer's status and the first kilobytes of its body, which are foreign text. */
export type ReadAcceptance = (status: number, body: string) => Acceptance;

/** A kind of destination: how it wants its messages, and how it says that it took one. */
export interface WebhookType {
  readonly name: WebhookTypeName;
  /** The kinds of which several may travel in one message. A message holds deliveries of one kind. */
  readonly batched: readonly DeliveryKind[];
  /** Where messages are POSTed, if not to the webhook's URL as it is. */
  readonly endpoint?: (url: URL) => URL;
  /**
   * The message for one delivery, or for several of a kind in `batched`, oldest first. Pure: the same deliveries and
   * context always give the same request. Never throws.
   */
  readonly request: (deliveries: readonly Delivery[], context: RequestContext) => WebhookRequest;
  /** The same in the plainest form there is, for a receiver that refuses the usual one. */
  readonly simplified?: (
    deliveries: readonly Delivery[],
    context: RequestContext,
  ) => WebhookRequest;
  /**
   * @param body - the answer's first kilobytes: foreign text
   * @param url - the webhook's, which no reason may hold
   */
  readonly accepted: (status: number, body: string, url: URL) => Acceptance;
  /**
   * How long the webhook is to be left alone after a message that it took, in milliseconds, by what
   * the answer's headers tell of its quota; 0 if it can take the next one at once.
   */
  readonly restMs?: (headers: Readonly<Record<string, string | undefined>>) => number;
  /**
   * What people see of a delivery's message, as lines of text, with times in UTC and links written
   * out. Foreign text in it is as hostile as in the mention.
   */
  readonly preview: (delivery: Delivery, webhook: Webhook) => readonly string[];
  /** A `test.ping`: a message by which a person sees that what is sent there arrives. */
  readonly ping: (context: RequestContext) => WebhookRequest;
  readonly probe: WebhookProbe;
  /** What to do about a URL that is refused: the half of a sentence before `, and put its URL into ...`. */
  readonly renewal?: string;
}

/** A question to a webhook that leaves no message there. */
export interface WebhookProbe {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly request: (context: RequestContext) => WebhookRequest;
  readonly read: (status: number, body: string) => ProbeReading;
}

/** What the answer to a probe says. Reasons are our own words or known codes. */
export type ProbeReading =
  | { readonly kind: 'there' }
  /** Deliveries would fail. */
  | { readonly kind: 'gone'; readonly reason: string }
  /** Only a real message would tell. */
  | { readonly kind: 'unclear'; readonly reason: string };

/**
 * The headers of every JSON request: the user agent, the webhook's extra headers, and the content
 * type. Extra headers can replace the user agent, but neither `content-type` nor any `webhook-*`:
 * the configuration refuses those, and here they are left out.
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

/** What a `test.ping` says to people. */
export function pingText(webhook: Pick<Webhook, 'name' | 'events'>): string {
  const what = wantsMentions(webhook) ? 'mentions' : 'alerts';
  return `A test of mention-relay: ${what} for the webhook ${webhook.name} will arrive here.`;
}
