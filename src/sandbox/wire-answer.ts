import { STATUS_CODES } from 'node:http';
import type { JsonObject } from '../domain/mention.ts';
import { SANDBOX_USER } from './account.ts';
import type { Fault } from './faults.ts';

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

/** An answer as it goes over the wire. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The usual answer on the wire, or what the fault makes of it. Pure. */
export function putOnWire(usual: Answer, fault?: Fault): WireAnswer {
  switch (fault?.kind) {
    case 'status':
      return statusAnswer(fault);
    case 'envelope':
      return jsonAnswer({ ...failure(fault.status), status: 200 });
    case 'html':
      return { status: 200, headers: { 'content-type': HTML }, body: MAINTENANCE_PAGE };
    case 'truncated': {
      const whole = jsonAnswer(usual);
      return { ...whole, body: whole.body.slice(0, Math.floor(whole.body.length / 2)) };
    }
    case 'malformed':
      return jsonAnswer({ ...usual, payload: withItems(usual.payload, fault.items) });
    case 'numbers': {
      const whole = jsonAnswer(usual);
      return { ...whole, body: withNumbers(whole.body) };
    }
    // These are faults of the connection, not of the answer.
    case 'delay':
    case 'reset':
    case 'hang':
    case undefined:
      break;
  }
  return jsonAnswer(usual);
}

const JSON_TYPE = 'application/json; charset=utf-8';
const HTML = 'text/html; charset=utf-8';
const MAINTENANCE_PAGE = `<!doctype html>
<html><head><title>Be right back</title></head>
<body><h1>Down for maintenance</h1><p>We will be back in a few minutes.</p></body></html>
`;

function jsonAnswer({ status, headers, payload }: Answer): WireAnswer {
  const body = JSON.stringify(payload);
  return { status, headers: { 'content-type': JSON_TYPE, ...headers }, body };
}

function statusAnswer(fault: Fault & { kind: 'status' }): WireAnswer {
  const { status, retryAfter, body } = fault;
  const headers: Record<string, string> =
    retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  if (body === undefined) return jsonAnswer(failure(status, headers));
  return { status, headers: { 'content-type': HTML, ...headers }, body };
}

function withItems(payload: JsonObject, items: readonly unknown[]): JsonObject {
  const mentions = payload['mentions'];
  if (!Array.isArray(mentions)) return payload;
  return { ...payload, mentions: mentions.toSpliced(Math.floor(mentions.length / 2), 0, ...items) };
}

// On the JSON text, because a number in JavaScript would lose digits. Text inside a string can't
// match: its quotes are escaped.
function withNumbers(json: string): string {
  return json.replaceAll(/"(id|status|spotted|sent\w*)":"(0|[1-9]\d*)"/g, '"$1":$2');
}
