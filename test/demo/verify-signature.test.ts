import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { verifySignature } from '../../src/demo/verify-signature.ts';

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

test.each([
  ['what the published library signed is verified', right, BODY, 'verified'],
  [
    'one right signature among several is enough',
    {
      ...right,
      'webhook-signature': `${wrong['webhook-signature']} ${right['webhook-signature']}`,
    },
    BODY,
    'verified',
  ],
  ['another secret is wrong', wrong, BODY, 'wrong'],
  ['a body that was changed is wrong', right, `${BODY} `, 'wrong'],
  ['another message id is wrong', { ...right, 'webhook-id': 'msg_2' }, BODY, 'wrong'],
  ['another time is wrong', { ...right, 'webhook-timestamp': '1700000001' }, BODY, 'wrong'],
  ['a time that is no number is wrong', { ...right, 'webhook-timestamp': 'now' }, BODY, 'wrong'],
  ['an empty signature is wrong', { ...right, 'webhook-signature': '' }, BODY, 'wrong'],
  [
    'a signature cut short is wrong',
    { ...right, 'webhook-signature': (right['webhook-signature'] as string).slice(0, -1) },
    BODY,
    'wrong',
  ],
  ['six minutes ago is too old', signedHeaders(SECRET, NOW_MS - 360_000), BODY, 'too-old'],
  ['six minutes ahead is refused alike', signedHeaders(SECRET, NOW_MS + 360_000), BODY, 'too-old'],
  ['four minutes ago still counts', signedHeaders(SECRET, NOW_MS - 240_000), BODY, 'verified'],
  ['no headers at all: unsigned', {}, BODY, 'unsigned'],
  [
    'no signature header: unsigned',
    { 'webhook-id': 'msg_1', 'webhook-timestamp': '1700000000' },
    BODY,
    'unsigned',
  ],
])('%s', (_, headers, body, expected) => {
  expect(verifySignature({ headers, body }, SECRET, NOW_MS)).toBe(expected);
});
