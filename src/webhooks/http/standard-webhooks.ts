import { createHmac } from 'node:crypto';
import { parseSigningSecret } from '../../config/credentials.ts';

/** What is signed: one attempt of one message. */
export interface SignedMessage {
  /** The same over all attempts of a message: receivers tell repeats by it. */
  readonly messageId: string;
  /** When this attempt is made. Receivers refuse one that is minutes old. */
  readonly timestampSeconds: number;
  /** The request's body, exactly as it is sent. */
  readonly body: string;
  /** `whsec_` and base64. All of them sign, so that a receiver can change over from one to the next. */
  readonly secrets: readonly string[];
}

/**
 * The headers of the Standard Webhooks specification: `webhook-id`, `webhook-timestamp` and, where
 * there are secrets, `webhook-signature`: `v1,` and the base64 HMAC-SHA256 of `id.timestamp.body`
 * for each secret, in their order, separated by spaces.
 *
 * Source: github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md, "Signature
 * scheme" and "Webhook headers".
 *
 * @throws {TypeError} if a secret is one that {@link parseSigningSecret} refuses: a signature with
 * a key that is not the receiver's would only look like one. The message holds no part of it.
 */
export function signatureHeaders(message: SignedMessage): Record<string, string> {
  const { messageId, timestampSeconds, body, secrets } = message;
  const timestamp = String(Math.trunc(timestampSeconds));
  const signed = `${messageId}.${timestamp}.${body}`;
  const signatures = secrets.map((secret) => `v1,${sign(signed, secret)}`);
  return {
    'webhook-id': messageId,
    'webhook-timestamp': timestamp,
    ...(signatures.length > 0 && { 'webhook-signature': signatures.join(' ') }),
  };
}

function sign(signed: string, secret: string): string {
  const reading = parseSigningSecret(secret);
  if (!reading.ok) throw new TypeError(`A signing secret ${reading.error}.`);
  return createHmac('sha256', reading.value).update(signed, 'utf8').digest('base64');
}
