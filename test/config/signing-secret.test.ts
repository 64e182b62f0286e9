import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseSigningSecret } from '../../src/config/credentials.ts';

function secretOf(bytes: number): string {
  return `whsec_${Buffer.alloc(bytes, 'secret bytes').toString('base64')}`;
}

describe('parseSigningSecret', () => {
  test.each([24, 25, 32, 63, 64])('takes %i bytes', (bytes) => {
    const reading = parseSigningSecret(secretOf(bytes));
    expect(reading.ok && reading.value.length).toBe(bytes);
  });

  test.each([
    ['is empty', '', 'does not begin'],
    ['has no prefix', secretOf(32).slice(6), 'does not begin'],
    ['has another prefix', `whpk_${secretOf(32).slice(6)}`, 'does not begin'],
    ['has the prefix in capitals', secretOf(32).replace('whsec', 'WHSEC'), 'does not begin'],
    ['is only the prefix', 'whsec_', 'has 0 bytes'],
    ['is too short', secretOf(23), 'has 23 bytes'],
    ['is too long', secretOf(65), 'has 65 bytes'],
    ['lacks its padding', secretOf(32).replace(/=+$/, ''), 'has something else than base64'],
    ['has too much padding', `${secretOf(24)}=`, 'has something else than base64'],
    ['is base64url', `whsec_${'-_'.repeat(16)}`, 'has something else than base64'],
    ['holds a space', secretOf(32).replace('_c', '_ c'), 'has something else than base64'],
    ['ends in a line break', `${secretOf(32)}\n`, 'has something else than base64'],
    ['is not all base64', `whsec_${'é'.repeat(40)}`, 'has something else than base64'],
    [
      'has bits beyond its last byte',
      `whsec_${'A'.repeat(34)}B=`,
      'has something else than base64',
    ],
  ])('refuses a secret that %s', (_, secret, problem) => {
    expect(parseSigningSecret(secret)).toEqual({
      ok: false,
      error: expect.stringContaining(problem),
    });
  });

  test('never repeats a secret in its problem', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 12 }), (secret) => {
        const parsed = parseSigningSecret(secret);
        expect(parsed.ok || parsed.error.includes(secret)).toBe(false);
      }),
    );
  });
});
