/** What came of reading a signing secret. `problem` repeats no part of it. */
export type SigningSecretReading =
  { readonly ok: true; readonly key: Buffer } | { readonly ok: false; readonly problem: string };

const PREFIX = 'whsec_';
const LEAST_KEY_BYTES = 24;
const MOST_KEY_BYTES = 64;

/** What {@link parseSigningSecret} takes, for people. */
export const SIGNING_SECRET_FORM = `${PREFIX} and the base64 of ${LEAST_KEY_BYTES} to ${MOST_KEY_BYTES} bytes`;

/**
 * Reads a signing secret that every receiver's library reads alike: `whsec_` and then the standard
 * base64, padded, of a key of 24 to 64 bytes.
 *
 * Source: github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md, the table
 * "Signature scheme", rows "Signing secret" and "Secret serialization".
 */
export function parseSigningSecret(secret: string): SigningSecretReading {
  if (!secret.startsWith(PREFIX)) return { ok: false, problem: `does not begin with ${PREFIX}` };
  const encoded = secret.slice(PREFIX.length);
  const key = Buffer.from(encoded, 'base64');
  // Buffer skips what is not base64, so only a round trip shows that all of it was.
  if (key.toString('base64') !== encoded) {
    return { ok: false, problem: `has something else than base64 after ${PREFIX}` };
  }
  return key.length < LEAST_KEY_BYTES || key.length > MOST_KEY_BYTES
    ? { ok: false, problem: `has ${key.length} bytes after ${PREFIX}` }
    : { ok: true, key };
}
