import { hash } from 'node:crypto';

/**
 * The first so many characters (22 are 132 bits) of the SHA-256 of a text, in base64url. The same
 * text gives the same in every version and on every machine: what is kept in Redis goes by it.
 */
export function digest(text: string, characters = 22): string {
  return hash('sha256', text, 'base64url').slice(0, characters);
}
