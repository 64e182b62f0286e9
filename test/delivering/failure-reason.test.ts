import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AttemptResult } from '../../src/domain/delivery.ts';
import { FAILURE_REASONS, failureReason } from '../../src/delivering/verdict.ts';

const answered = (status: number): AttemptResult => ({
  kind: 'answered',
  status,
  headers: {},
  body: 'words of a receiver',
  durationMs: 1,
});
const unanswered = (code: string): AttemptResult => ({ kind: 'unanswered', code, durationMs: 1 });

test.each([
  [answered(503), 'status_503'],
  [answered(418), 'status_4xx'],
  [answered(599), 'status_5xx'],
  [answered(302), 'status_3xx'],
  [answered(200), 'status_2xx'],
  [answered(999), 'other'],
  [unanswered('ECONNREFUSED'), 'ECONNREFUSED'],
  [unanswered('EHOSTUNREACH'), 'other'],
  [unanswered('CERT_HAS_EXPIRED'), 'tls'],
  [unanswered('DEPTH_ZERO_SELF_SIGNED_CERT'), 'tls'],
  [unanswered('UNABLE_TO_VERIFY_LEAF_SIGNATURE'), 'tls'],
  [unanswered('ERR_TLS_CERT_ALTNAME_INVALID'), 'tls'],
  [unanswered('EPROTO'), 'tls'],
  [unanswered('PROXY_407 at proxy.example:3128'), 'proxy'],
  [unanswered('PROXY_EPROTO'), 'proxy'],
  [unanswered('HPE_INVALID_CONSTANT'), 'unreadable'],
])('of %o the reason is %s', (result, reason) => {
  expect(failureReason(result)).toBe(reason);
});

test('there are few reasons, whatever a receiver or the network does', () => {
  const result = fc.oneof(fc.integer().map(answered), fc.string().map(unanswered));
  fc.assert(fc.property(result, (any) => FAILURE_REASONS.includes(failureReason(any))));
  expect(FAILURE_REASONS.length).toBeLessThan(30);
  expect(new Set(FAILURE_REASONS).size).toBe(FAILURE_REASONS.length);
});
