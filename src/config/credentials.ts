import { accept, refuse, type Reading, type Rule } from './values.ts';

/** What came of reading a signing secret. `problem` repeats no part of it. */
export type SigningSecretReading =
  { readonly ok: true; readonly key: Buffer } | { readonly ok: false; readonly problem: string };

const PREFIX = 'whsec_';
const MIN_KEY_BYTES = 24;
const MAX_KEY_BYTES = 64;

/** What {@link parseSigningSecret} takes, for people. */
export const SIGNING_SECRET_FORM = `${PREFIX} and the base64 of ${MIN_KEY_BYTES} to ${MAX_KEY_BYTES} bytes`;

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
  return key.length < MIN_KEY_BYTES || key.length > MAX_KEY_BYTES
    ? { ok: false, problem: `has ${key.length} bytes after ${PREFIX}` }
    : { ok: true, key };
}

/** The account's key. It travels as a form field, so anything printable will do. */
export const apiKey: Rule<string> = {
  allowed: "the key from the account's settings, in one piece, up to 500 characters",
  read: (text) => {
    if (/[\p{C}\p{Z}]/u.test(text)) return refuse('has white space or a control character in it');
    return text.length > 500 ? refuse('has more than 500 characters') : accept(text);
  },
};

/** Signing secrets, separated by white space; a repeated one counts once. */
export const signingSecrets: Rule<readonly string[]> = {
  allowed: `${SIGNING_SECRET_FORM}; several separated by a space`,
  read: (text) => {
    const secrets = text.split(/\s+/);
    for (const [index, secret] of secrets.entries()) {
      const reading = parseSigningSecret(secret);
      if (!reading.ok) {
        return refuse(
          secrets.length === 1
            ? reading.problem
            : `has a secret (number ${index + 1} of ${secrets.length}) that ${reading.problem}`,
        );
      }
    }
    return accept([...new Set(secrets)]);
  },
};

/** Headers that the relay or HTTP itself sets, next to everything that begins with `webhook-`. */
const RESERVED_HEADERS = [
  'content-type',
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
];

/** Extra request headers, by their names in lower case. A value is a secret, a name is not. */
export const requestHeaders: Rule<Readonly<Record<string, string>>> = {
  allowed: `a JSON object such as {"x-api-key":"..."} of valid header names and one-line values; not webhook-*, ${RESERVED_HEADERS.join(', ')}`,
  read: (text) => {
    const parsed = parseJsonObject(text);
    if (parsed === null) return refuse('is not a JSON object');
    const headers = new Map<string, string>();
    for (const [index, [writtenName, value]] of Object.entries(parsed).entries()) {
      const name = writtenName.toLowerCase();
      const reading = readHeader(name, value);
      if (!reading.ok) return refuse(`has a header (number ${index + 1}) ${reading.problem}`);
      if (headers.has(name)) return refuse(`has the header ${name} more than once`);
      headers.set(name, reading.value);
    }
    return accept(Object.fromEntries(headers));
  },
};

// The characters of names are those of RFC 9110's `token`, those of values what node:http sends.
function readHeader(name: string, value: unknown): Reading<string> {
  // An invalid name may be a value in the wrong place, so it is not repeated.
  if (!/^[a-z0-9!#$%&'*+.^_`|~-]{1,100}$/.test(name)) return refuse('whose name is not valid');
  if (name.startsWith('webhook-') || RESERVED_HEADERS.includes(name)) {
    return refuse(`that can't be set: ${name}`);
  }
  if (typeof value !== 'string') return refuse(`whose value is not a string: ${name}`);
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(value)
    ? accept(value)
    : refuse(`whose value has a line break or another character that headers can't hold: ${name}`);
}

// The error of JSON.parse repeats a part of the text, so it is dropped.
function parseJsonObject(text: string): object | null {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? parsed : null;
  } catch {
    return null;
  }
}
