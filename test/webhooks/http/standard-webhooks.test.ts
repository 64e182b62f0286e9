import * as fc from 'fast-check';
import { Webhook as Verifier } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { signatureHeaders } from '../../../src/webhooks/http/standard-webhooks.ts';
import { SIGNING_SECRETS } from '../delivery-samples.ts';
import { anyCharacters } from '../../helpers/any-characters.ts';

const [first, second] = SIGNING_SECRETS;

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
  test("returns the signature of the specification's own library for a fixed message", () => {
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

  test('returns one signature per secret, in their order, separated by spaces', () => {
    const both = headersOf('{}', [first, second])['webhook-signature'];
    expect(both?.split(' ')).toHaveLength(2);
    expect(both?.split(' ')[0]).toBe(headersOf('{}', [first])['webhook-signature']);
  });

  test('gives no signature without a secret', () => {
    expect(Object.keys(headersOf('{}', []))).toEqual(['webhook-id', 'webhook-timestamp']);
  });

  test('signs whole seconds', () => {
    const at = (timestampSeconds: number) =>
      signatureHeaders({ messageId: 'msg_1', body: '', secrets: [first], timestampSeconds });
    expect(at(7.9)).toEqual(at(7));
  });

  test('satisfies the verifier with either secret of a rotation, for any body and no other', () => {
    const text = anyCharacters(20);
    fc.assert(
      fc.property(text, text, (body, other) => {
        const headers = headersOf(body, [first, second]);
        expect(verifies(first, body, headers)).toBe(true);
        expect(verifies(second, body, headers)).toBe(true);
        const isSame = Buffer.from(body).equals(Buffer.from(other));
        expect(verifies(first, other, headers)).toBe(isSame);
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

  test('does not satisfy the verifier for another id, time or secret', () => {
    const headers = headersOf('body', [first]);
    const later = String(Number(headers['webhook-timestamp']) + 1);
    expect(verifies(first, 'body', headers)).toBe(true);
    expect(verifies(first, 'body', { ...headers, 'webhook-id': 'msg_2' })).toBe(false);
    expect(verifies(first, 'body', { ...headers, 'webhook-timestamp': later })).toBe(false);
    expect(verifies(second, 'body', headers)).toBe(false);
  });

  test('throws for an invalid secret without repeating it', () => {
    expect(() => headersOf('body', [first, 'hunter2'])).toThrow(
      new TypeError('A signing secret does not begin with whsec_.'),
    );
  });
});
