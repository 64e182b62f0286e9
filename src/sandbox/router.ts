import { STATUS_CODES } from 'node:http';
import type { JsonObject } from '../domain/mention.ts';
import { REGISTERED, SANDBOX_USER, type SandboxGroup } from './account.ts';

/** The documented endpoints, below the base URL. */
export const ENDPOINTS = [
  '/account/info',
  '/account/groups',
  '/account/group',
  '/account/mentions',
] as const;
export type Endpoint = (typeof ENDPOINTS)[number];

export interface ApiRequest {
  readonly method: string;
  /** The path below the base URL. */
  readonly path: string;
  /** The form parameters; null where the body is no form. */
  readonly form: URLSearchParams | null;
}

/** The data behind the answers. */
export interface AccountState {
  readonly apiKey: string;
  readonly groups: readonly SandboxGroup[];
  readonly window: () => readonly unknown[];
  readonly ofGroup: (groupId: string) => readonly JsonObject[];
}

/**
 * Answers a request as Groouply's API documentation describes it. All parameters come in a urlencoded
 * body. Anything but POST is as unknown as an undocumented path.
 */
export function route(request: ApiRequest, account: AccountState): Answer {
  const endpoint = ENDPOINTS.find((known) => known === request.path);
  if (endpoint === undefined || request.method !== 'POST') return failure(404);
  if (request.form === null) return failure(400);
  if (request.form.get('apiKey') !== account.apiKey) return failure(401);

  return ANSWERS[endpoint](request.form, account);
}

const ANSWERS: Record<Endpoint, (form: URLSearchParams, account: AccountState) => Answer> = {
  '/account/info': (_, { groups }) =>
    success({
      account: {
        registered: REGISTERED,
        groups: {
          all: groups.length,
          tracking: groups.filter(({ tracking }) => tracking).length,
        },
      },
    }),
  '/account/groups': (_, { groups }) => success({ groups: groups.map(describeGroup) }),
  '/account/group': (form, account) => answerGroup(form.get('groupId')?.trim() ?? '', account),
  '/account/mentions': (_, account) => success({ mentions: account.window() }),
};

function answerGroup(groupId: string, account: AccountState): Answer {
  if (groupId === '') return failure(400);
  const group = account.groups.find(({ id }) => id === groupId);
  if (group === undefined) return failure(404);
  const { name, description, owner, privacy, keywords } = group;
  return success({
    group: {
      info: { name, description, owner, privacy, id: group.id, ...statusOf(group) },
      keywords,
      posts: account.ofGroup(group.id).map(describePost),
    },
  });
}

function describeGroup(group: SandboxGroup): JsonObject {
  return {
    id: group.id,
    ...statusOf(group),
    url: {
      facebook: `https://facebook.com/groups/${group.id}`,
      groouply: `https://groouply.com/group/${group.id}`,
    },
  };
}

function statusOf({ tracking }: SandboxGroup): JsonObject {
  return tracking
    ? { status: '2', statusString: 'tracking' }
    : { status: '1', statusString: 'pending access' };
}

/** Returns a mention as `/account/group` shows it: without id, position and content. */
function describePost(mention: JsonObject): JsonObject {
  const owner = mention['owner'] as JsonObject | null | undefined;
  const spotted = mention['spotted'];
  const seconds = Number(spotted);
  const sent = Number.isSafeInteger(seconds) ? String(seconds + NOTIFIED_AFTER_SECONDS) : null;
  return {
    owner: { name: owner?.['name'], id: owner?.['id'] },
    keyword: mention['keyword'],
    link: mention['link'],
    timestamps: { spotted, sent_email: sent, sent_sms: null, sent_slack: sent, sent },
  };
}

const NOTIFIED_AFTER_SECONDS = 120;

/** An answer before it is sent: faults can still change it. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly payload: JsonObject;
}

// The words of Groouply's API documentation. It documents no others.
const DOCUMENTED_ERRORS: Readonly<Record<number, string>> = {
  400: 'Bad Request: The request was malformed or missing the required parameters.',
  401: 'Unauthorized: The API key provided was invalid or missing.',
  403: 'Forbidden: The API key provided was invalid or missing.',
  404: 'Not Found: The requested resource was not found.',
  500: 'Internal Server Error: An unexpected error occurred on the server.',
};

/** Returns the documented envelope of a success around an endpoint's content. */
function success(content: JsonObject): Answer {
  return {
    status: 200,
    payload: { code: 1, status: 200, data: 'Success', request: { user: SANDBOX_USER }, ...content },
  };
}

/**
 * Returns an error in the envelope, with `code` 0, the documented sentence as `data` and no user. The
 * envelope of the real API's errors is not documented.
 */
export function failure(
  status: number,
  headers: Readonly<Record<string, string>> = {},
  data = DOCUMENTED_ERRORS[status] ?? STATUS_CODES[status] ?? 'Error',
): Answer {
  return { status, headers, payload: { code: 0, status, data, request: { user: null } } };
}
