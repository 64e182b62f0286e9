import type { Delivery } from '../domain/delivery.ts';
import type { Webhook, WebhookTypeName } from '../domain/webhook.ts';
import type { Acceptance } from '../pipeline/verdict.ts';

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

/** A kind of destination: how it wants its messages, and how it says that it took one. */
export interface WebhookType {
  readonly name: WebhookTypeName;
  /**
   * The message for one delivery or a batch of them, oldest first. Pure: the same deliveries and
   * context always give the same request. Never throws.
   */
  readonly request: (deliveries: readonly Delivery[], context: RequestContext) => WebhookRequest;
  /** The same in the plainest form there is, for a receiver that refuses the usual one. */
  readonly simplified?: (
    deliveries: readonly Delivery[],
    context: RequestContext,
  ) => WebhookRequest;
  /** @param body - the answer's first kilobytes: foreign text */
  readonly accepted: (status: number, body: string) => Acceptance;
}
