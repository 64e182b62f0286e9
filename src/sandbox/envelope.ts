import { STATUS_CODES } from 'node:http';
import type { JsonObject } from '../domain/mention.ts';
import { SANDBOX_USER } from './account.ts';

/** An answer before it is put on the wire: faults can still change it. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly payload: JsonObject;
}

// As Groouply's API documentation words them. It documents no others.
const DOCUMENTED_ERRORS: Readonly<Record<number, string>> = {
  400: 'Bad Request: The request was malformed or missing the required parameters.',
  401: 'Unauthorized: The API key provided was invalid or missing.',
  403: 'Forbidden: The API key provided was invalid or missing.',
  404: 'Not Found: The requested resource was not found.',
  500: 'Internal Server Error: An unexpected error occurred on the server.',
};

/** The documented envelope of a success, around what the endpoint returns. */
export function success(content: JsonObject): Answer {
  return {
    status: 200,
    payload: { code: 1, status: 200, data: 'Success', request: { user: SANDBOX_USER }, ...content },
  };
}

/**
 * An error in the envelope. What the real API puts there is not documented: the sandbox gives
 * `code` 0, the documented sentence as `data` and, as nobody was recognised, no user.
 */
export function failure(
  status: number,
  headers: Readonly<Record<string, string>> = {},
  data = DOCUMENTED_ERRORS[status] ?? STATUS_CODES[status] ?? 'Error',
): Answer {
  return { status, headers, payload: { code: 0, status, data, request: { user: null } } };
}
