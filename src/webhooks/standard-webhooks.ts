import { createHmac } from 'node:crypto';

const SECRET_PREFIX = 'whsec_';
const LEAST_KEY_BYTES = 24;
const MOST_KEY_BYTES = 64;

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

export type ParsedSecret = { readonly ok: true } | { readonly ok: false; readonly reason: string };

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

/**
 * Whether a signing secret is one that every receiver's library reads alike: `whsec_` and then the
 * standard base64, padded, of 24 to 64 bytes. The reason holds no part of the secret.
 *
 * Source: the specification's table "Signature scheme", rows "Signing secret" and "Secret
 * serialization".
 */
export function parseSigningSecret(secret: string): ParsedSecret {
  if (!secret.startsWith(SECRET_PREFIX)) {
    return { ok: false, reason: `does not begin with ${SECRET_PREFIX}` };
  }
  const encoded = secret.slice(SECRET_PREFIX.length);
  const key = Buffer.from(encoded, 'base64');
  // Buffer skips what is not base64, so only a round trip shows that all of it was.
  if (key.toString('base64') !== encoded) {
    return {
      ok: false,
      reason: `is not base64 after ${SECRET_PREFIX} (A-Z, a-z, 0-9, + and /, padded with =)`,
    };
  }
  if (key.length < LEAST_KEY_BYTES || key.length > MOST_KEY_BYTES) {
    return {
      ok: false,
      reason: `holds ${key.length} bytes; ${LEAST_KEY_BYTES} to ${MOST_KEY_BYTES} are allowed`,
    };
  }
  return { ok: true };
}

function sign(signed: string, secret: string): string {
  const parsed = parseSigningSecret(secret);
  if (!parsed.ok) throw new TypeError(`A signing secret ${parsed.reason}.`);
  const key = Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64');
  return createHmac('sha256', key).update(signed, 'utf8').digest('base64');
}
