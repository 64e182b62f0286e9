import { createHmac } from 'node:crypto';
import { parseSigningSecret } from '../../config/credentials.ts';

/** One attempt of one message, to be signed. */
export interface SignedMessage {
  /** The same in all attempts of a message: receivers recognize repeats by it. */
  readonly messageId: string;
  /** The time of this attempt. Receivers refuse one that is minutes old. */
  readonly timestampSeconds: number;
  /** The request's body, exactly as it is sent. */
  readonly body: string;
  /** `whsec_` and base64. All of them sign, so that a receiver can replace one by the next. */
  readonly secrets: readonly string[];
}

/**
 * Returns the headers of the Standard Webhooks specification: `webhook-id`, `webhook-timestamp` and, where
 * there are secrets, `webhook-signature`: `v1,` and the base64 HMAC-SHA256 of `id.timestamp.body`
 * for each secret, in their order, separated by spaces.
 *
 * Source: github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md, "Signature
 * scheme" and "Webhook headers".
 *
 * @throws {TypeError} if {@link parseSigningSecret} refuses a secret: a signature with a wrong key
 * would only look like one. The error holds no part of the secret.
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
