import type { AttemptResult } from '../domain/delivery.ts';

const STATUSES = [400, 401, 403, 404, 410, 413, 422, 429, 500, 502, 503, 504];
const CLASSES = ['status_2xx', 'status_3xx', 'status_4xx', 'status_5xx'];
const CODES = ['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN'];

/**
 * Why attempts fail, as few words as are worth telling apart: statuses by number or by their
 * class, what the network does by its code, `tls` for a certificate or an encryption that is not
 * accepted, and `other`.
 */
export const FAILURE_REASONS: readonly string[] = [
  ...STATUSES.map((status) => `status_${status}`),
  ...CLASSES,
  ...CODES,
  'tls',
  'other',
];

// Codes of OpenSSL and Node (https://nodejs.org/api/tls.html#x509-certificate-error-codes).
const TLS_CODE = /CERT|TLS|SSL|SIGNATURE|ISSUER|CRL|EPROTO/;

/** The one of FAILURE_REASONS that an attempt failed for. */
export function failureReason(result: AttemptResult): string {
  if (result.kind === 'answered') {
    const byClass = `status_${Math.floor(result.status / 100)}xx`;
    if (STATUSES.includes(result.status)) return `status_${result.status}`;
    return CLASSES.includes(byClass) ? byClass : 'other';
  }
  if (CODES.includes(result.code)) return result.code;
  return TLS_CODE.test(result.code) ? 'tls' : 'other';
}
