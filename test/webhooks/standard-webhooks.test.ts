import * as fc from 'fast-check';
import { Webhook as Verifier } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { parseSigningSecret, signatureHeaders } from '../../src/webhooks/standard-webhooks.ts';
import { SIGNING_SECRETS } from './delivery-samples.ts';

const [first, second] = SIGNING_SECRETS;

function secretOf(bytes: number): string {
  return `whsec_${Buffer.alloc(bytes, 'secret bytes').toString('base64')}`;
}

function headersOf(body: string, secrets: readonly string[]): Record<string, string> {
  // The verifier reads the clock itself and refuses what is five minutes old.
  const timestampSeconds = Math.floor(Date.now() / 1000);
  return signatureHeaders({ messageId: 'msg_1', timestampSeconds, body, secrets });
}

function verifies(secret: string, body: string, headers: Record<string, string>): boolean {
  try {
    new Verifier(secret).verify(body, headers, { jsonParse: false });
    return true;
  } catch {
    return false;
  }
}

describe('signatureHeaders', () => {
  test("gives the signature of the specification's own library for a fixed message", () => {
    const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    const body = '{"test": 2432232314}';
    const messageId = 'msg_p5jXN8AQM9LWM0D4loKWxJek';
    const headers = signatureHeaders({
      messageId,
      timestampSeconds: 1614265330,
      body,
      secrets: [secret],
    });
    expect(headers).toEqual({
      'webhook-id': messageId,
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
    const theirs = new Verifier(secret).sign(messageId, new Date(1614265330 * 1000), body);
    expect(headers['webhook-signature']).toBe(theirs);
  });

  test('gives one signature a secret, in their order, separated by spaces', () => {
    const both = headersOf('{}', [first, second])['webhook-signature'];
    expect(both?.split(' ')).toHaveLength(2);
    expect(both?.split(' ')[0]).toBe(headersOf('{}', [first])['webhook-signature']);
  });

  test('gives no signature without a secret', () => {
    expect(Object.keys(headersOf('{}', []))).toEqual(['webhook-id', 'webhook-timestamp']);
  });

  test('signs whole seconds', () => {
    const message = { messageId: 'msg_1', body: '', secrets: [first] };
    expect(signatureHeaders({ ...message, timestampSeconds: 7.9 })).toEqual(
      signatureHeaders({ ...message, timestampSeconds: 7 }),
    );
  });

  test('satisfies the verifier with either secret of a rotation, for any body', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (body) => {
        const headers = headersOf(body, [first, second]);
        expect(verifies(first, body, headers)).toBe(true);
        expect(verifies(second, body, headers)).toBe(true);
      }),
    );
  });

  test('satisfies the verifier for any key that the specification allows', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 24, maxLength: 64 }), (key) => {
        const secret = `whsec_${Buffer.from(key).toString('base64')}`;
        expect(verifies(secret, 'body', headersOf('body', [secret]))).toBe(true);
      }),
    );
  });

  test('does not satisfy the verifier for another body', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.string({ unit: 'grapheme' }),
        (body, other) => {
          fc.pre(body !== other);
          expect(verifies(first, other, headersOf(body, [first, second]))).toBe(false);
        },
      ),
    );
  });

  test('does not satisfy the verifier for another id, time or secret', () => {
    const headers = headersOf('body', [first]);
    const later = String(Number(headers['webhook-timestamp']) + 1);
    expect(verifies(first, 'body', headers)).toBe(true);
    expect(verifies(first, 'body', { ...headers, 'webhook-id': 'msg_2' })).toBe(false);
    expect(verifies(first, 'body', { ...headers, 'webhook-timestamp': later })).toBe(false);
    expect(verifies(second, 'body', headers)).toBe(false);
  });

  test('throws for a secret that is none, without telling it', () => {
    expect(() => headersOf('body', [first, 'hunter2'])).toThrow(
      new TypeError('A signing secret does not begin with whsec_.'),
    );
  });
});

describe('parseSigningSecret', () => {
  test.each([24, 25, 32, 63, 64])('takes %i bytes', (bytes) => {
    expect(parseSigningSecret(secretOf(bytes))).toEqual({ ok: true });
  });

  test.each([
    ['is empty', '', 'does not begin'],
    ['has no prefix', secretOf(32).slice(6), 'does not begin'],
    ['has another prefix', `whpk_${secretOf(32).slice(6)}`, 'does not begin'],
    ['has the prefix in capitals', secretOf(32).replace('whsec', 'WHSEC'), 'does not begin'],
    ['is only the prefix', 'whsec_', 'holds 0 bytes'],
    ['is too short', secretOf(23), 'holds 23 bytes; 24 to 64'],
    ['is too long', secretOf(65), 'holds 65 bytes; 24 to 64'],
    ['lacks its padding', secretOf(32).replace(/=+$/, ''), 'is not base64'],
    ['has too much padding', `${secretOf(24)}=`, 'is not base64'],
    ['is base64url', `whsec_${'-_'.repeat(16)}`, 'is not base64'],
    ['holds a space', secretOf(32).replace('_c', '_ c'), 'is not base64'],
    ['ends in a line break', `${secretOf(32)}\n`, 'is not base64'],
    ['is not all base64', `whsec_${'é'.repeat(40)}`, 'is not base64'],
    ['has bits beyond its last byte', `whsec_${'A'.repeat(34)}B=`, 'is not base64'],
  ])('refuses a secret that %s', (_, secret, reason) => {
    expect(parseSigningSecret(secret)).toEqual({
      ok: false,
      reason: expect.stringContaining(reason),
    });
  });

  test('never repeats a secret in its reason', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 12 }), (secret) => {
        const parsed = parseSigningSecret(secret);
        expect(parsed.ok || parsed.reason.includes(secret)).toBe(false);
      }),
    );
  });
});
