import { z } from 'zod';
import { objectInJson } from '../domain/foreign/foreign-values.ts';
import { failure, success, type Result } from '../domain/result.ts';
import { listOf, readByRule, refuse, withoutUnseen, type Rule } from './rules.ts';

/** The account's key. It travels as a form field, so anything that can be seen will do. */
export const apiKey: Rule<string> = withoutUnseen
  .regex(/^[^<>]*$/, 'has "<" or ">" in it: write the key alone')
  .max(500, 'has more than 500 characters')
  .describe("the key from the account's settings, in one piece, up to 500 characters");

// --- Signing secrets ---

const PREFIX = 'whsec_';
const MIN_KEY_BYTES = 24;
const MAX_KEY_BYTES = 64;

/**
 * A signing secret that the libraries of all receivers read alike: `whsec_` and then the standard
 * base64, padded, of a key of 24 to 64 bytes.
 *
 * Source: github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md, the table
 * "Signature scheme", rows "Signing secret" and "Secret serialization".
 */
const signingSecret: Rule<string> = z
  .string()
  .startsWith(PREFIX, `does not begin with ${PREFIX}`)
  // Buffer skips what is not base64, so only a round trip shows that all of it was.
  .refine(
    (secret) => keyOf(secret).toString('base64') === secret.slice(PREFIX.length),
    `has something else than base64 after ${PREFIX}`,
  )
  .refine((secret) => isKeyLength(keyOf(secret).length), {
    error: ({ input }) => `has ${keyOf(String(input)).length} bytes after ${PREFIX}`,
  });

/** Signing secrets, separated by white space; a repeated one counts once. */
export const signingSecrets: Rule<readonly string[]> = listOf('a secret', signingSecret, /\s+/)
  .transform((secrets) => [...new Set(secrets)])
  .describe(
    `${PREFIX} and the base64 of ${MIN_KEY_BYTES} to ${MAX_KEY_BYTES} bytes; several separated by a space`,
  );

/** Returns the key of a signing secret. The error repeats no part of the secret. */
export function parseSigningSecret(secret: string): Result<Buffer> {
  const reading = readByRule(signingSecret, secret);
  return reading.ok ? success(keyOf(reading.value)) : reading;
}

function keyOf(secret: string): Buffer {
  return Buffer.from(secret.slice(PREFIX.length), 'base64');
}

function isKeyLength(bytes: number): boolean {
  return bytes >= MIN_KEY_BYTES && bytes <= MAX_KEY_BYTES;
}

// --- Headers ---

/** Headers that the relay or HTTP itself sets, next to everything that begins with `webhook-`. */
const RESERVED_HEADERS = [
  'content-type',
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
];

/** Extra request headers, by their names in lower case. A value is a secret, a name is not. */
export const requestHeaders: Rule<Readonly<Record<string, string>>> = z
  .string()
  .transform(
    (text, context) =>
      objectInJson(text) ??
      refuse(
        context,
        // dotenv keeps these backslashes; Compose and systemd remove them.
        /^\{\s*\\"/.test(text)
          ? 'has backslashes before its quotation marks: leave them out, and put the whole in single quotes'
          : 'is not a JSON object',
      ),
  )
  .transform((written, context) => {
    const headers = new Map<string, string>();
    for (const [index, [writtenName, value]] of Object.entries(written).entries()) {
      const name = writtenName.toLowerCase();
      const reading = readHeader(name, value);
      if (!reading.ok)
        refuse(context, `has a header (number ${index + 1}) ${reading.error}`, index);
      else if (headers.has(name)) refuse(context, `has the header ${name} more than once`, index);
      else headers.set(name, reading.value);
    }
    return Object.fromEntries(headers);
  })
  .describe(
    `a JSON object such as {"x-api-key":"..."} of valid header names and one-line values; not webhook-*, ${RESERVED_HEADERS.join(', ')}`,
  );

// The characters of names are those of RFC 9110's `token`, those of values what node:http sends.
function readHeader(name: string, value: unknown): Result<string> {
  // An invalid name may be a value in the wrong place, so it is not repeated.
  if (!/^[a-z0-9!#$%&'*+.^_`|~-]{1,100}$/.test(name)) return failure('whose name is not valid');
  if (name.startsWith('webhook-') || RESERVED_HEADERS.includes(name)) {
    return failure(`that can't be set: ${name}`);
  }
  if (typeof value !== 'string') return failure(`whose value is not a string: ${name}`);
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
    return failure(
      `whose value has a line break or another character that headers can't hold: ${name}`,
    );
  }
  // Controls, the no-break space and the soft hyphen: no service means them.
  return /[\x80-\xa0\xad]/.test(value)
    ? failure(`whose value has an invisible character: ${name}`)
    : success(value);
}
