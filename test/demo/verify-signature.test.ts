import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { verifySignature, type Verification } from '../../src/demo/verify-signature.ts';

const SECRET = `whsec_${Buffer.alloc(32, 'a').toString('base64')}`;
const OTHER_SECRET = `whsec_${Buffer.alloc(32, 'b').toString('base64')}`;
const NOW_MS = 1_700_000_000_000;
const BODY = '{"type":"mention.created","text":"Grüße 🙏"}';

/** Signed by the specification's own library. */
function signedHeaders(secret = SECRET, atMs = NOW_MS): Record<string, string> {
  return {
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(Math.floor(atMs / 1000)),
    'webhook-signature': new Webhook(secret).sign('msg_1', new Date(atMs), BODY),
  };
}

const right = signedHeaders();
const wrong = signedHeaders(OTHER_SECRET);

const sixMinutesMs = 360_000;
const { 'webhook-signature': signature = '', ...unsigned } = right;
const withSignature = (text: string) => ({ ...unsigned, 'webhook-signature': text });

test.each<[string, Record<string, string>, Verification]>([
  ['a message signed by the published library', right, 'verified'],
  [
    'one right signature of several',
    withSignature(`${wrong['webhook-signature']} ${signature}`),
    'verified',
  ],
  ['a signature with another secret', wrong, 'wrong'],
  ['another message id', { ...right, 'webhook-id': 'msg_2' }, 'wrong'],
  ['another time', { ...right, 'webhook-timestamp': '1700000001' }, 'wrong'],
  ['a time that is not a number', { ...right, 'webhook-timestamp': 'now' }, 'wrong'],
  ['an empty signature', withSignature(''), 'wrong'],
  ['a signature cut short', withSignature(signature.slice(0, -1)), 'wrong'],
  ['an attempt of six minutes ago', signedHeaders(SECRET, NOW_MS - sixMinutesMs), 'too-old'],
  ['an attempt in six minutes', signedHeaders(SECRET, NOW_MS + sixMinutesMs), 'too-old'],
  ['an attempt of four minutes ago', signedHeaders(SECRET, NOW_MS - 240_000), 'verified'],
  ['a request without headers', {}, 'unsigned'],
  ['a request without a signature', unsigned, 'unsigned'],
])('%s', (_, headers, expected) => {
  expect(verifySignature({ headers, body: BODY }, SECRET, NOW_MS)).toBe(expected);
});

test('a changed body', () => {
  expect(verifySignature({ headers: right, body: `${BODY} ` }, SECRET, NOW_MS)).toBe('wrong');
});
