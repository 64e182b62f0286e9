import type { IncomingHttpHeaders } from 'node:http';
import type { ReceiverAnswer } from '../../helpers/receiver.ts';

/*
 * The services of config/templates/, as far as their documentation states what they require. Each
 * answers as the service does.
 */

/** One request to a service. */
interface ServiceRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

type Answer = Exclude<ReceiverAnswer, string>;
type Json = Readonly<Record<string, unknown>>;

/** A template's name, and the path and the answers of its service. */
export const SERVICES: Readonly<
  Record<string, { readonly path: string; readonly answer: (request: ServiceRequest) => Answer }>
> = {
  hubspot: { path: '/crm/v3/objects/contacts', answer: hubspot },
  pushover: { path: '/1/messages.json', answer: pushover },
  'slack-workflow': { path: '/triggers/T0123/31415/c6e6', answer: slackWorkflow },
  n8n: { path: '/webhook/mentions', answer: n8n },
};

/** The credentials that the services accept. */
export const HUBSPOT_TOKEN = 'pat-na1-hidden';
export const PUSHOVER_TOKEN = 'azGDORePK8gMaC0QOYAMyEEuzJnyUi';
export const PUSHOVER_USER = 'uQiRzpo4DXghDmr9QzzfQu27cmVRsG';
export const N8N_TOKEN = 'n8n-hidden';

/** Answers a request to any of the services. */
export function answerAsService(request: ServiceRequest): Answer {
  const service = Object.values(SERVICES).find(({ path }) => path === request.path);
  if (service === undefined) return reply(404, {});
  return request.headers['content-type'] === 'application/json'
    ? service.answer(request)
    : reply(415, {});
}

// developers.hubspot.com/docs/api-reference/crm-contacts-v3/guide: "include at least one of email,
// firstname, or lastname"; an unknown property is an error. knowledge.hubspot.com/properties/
// property-field-types-in-hubspot: a text has 65,536 characters at most.
const HUBSPOT_PROPERTIES = new Set([
  'email',
  'firstname',
  'lastname',
  'website',
  'lifecyclestage',
  'message',
]);

function hubspot({ headers, text }: ServiceRequest): Answer {
  if (headers['authorization'] !== `Bearer ${HUBSPOT_TOKEN}`) return reply(401, {});
  const body = JSON.parse(text) as Json;
  const properties = body['properties'] as Json;
  const values = Object.entries(properties);
  const isValid =
    Object.keys(body).every((name) => ['properties', 'associations'].includes(name)) &&
    values.every(
      ([name, value]) =>
        HUBSPOT_PROPERTIES.has(name) && typeof value === 'string' && value.length <= 65_536,
    ) &&
    ['email', 'firstname', 'lastname'].some((name) => isFilled(properties[name]));
  return isValid
    ? reply(201, { id: '512', properties, archived: false })
    : reply(400, { status: 'error', category: 'VALIDATION_ERROR' });
}

// pushover.net/api, "TL;DR", "Limitations" and "Supplementary URLs": token, user and message are
// required; message 1,024, title 250, url 512, url_title 100 characters; timestamp is Unix time.
const PUSHOVER_LIMITS: Readonly<Record<string, number>> = {
  token: 30,
  user: 30,
  message: 1_024,
  title: 250,
  url: 512,
  url_title: 100,
  timestamp: 12,
};

function pushover({ text }: ServiceRequest): Answer {
  const body = JSON.parse(text) as Json;
  const isValid =
    body['token'] === PUSHOVER_TOKEN &&
    body['user'] === PUSHOVER_USER &&
    isFilled(body['message']) &&
    /^-?\d+$/.test(String(body['timestamp'])) &&
    Object.entries(body).every(
      ([name, value]) =>
        typeof value === 'string' && Array.from(value).length <= (PUSHOVER_LIMITS[name] ?? -1),
    );
  return isValid ? reply(200, { status: 1, request: 'r' }) : reply(400, { status: 0, errors: [] });
}

// docs.slack.dev/tools/slack-github-action/sending-data-webhook-slack-workflow: the payload is flat, its
// values are texts, and its names are the variables of the workflow.
const WORKFLOW_VARIABLES = ['title', 'text', 'author', 'keyword', 'group', 'link'];

function slackWorkflow({ text }: ServiceRequest): Answer {
  const body = JSON.parse(text) as Json;
  const isValid =
    Object.values(body).every((value) => typeof value === 'string') &&
    Object.keys(body).toSorted().join() === WORKFLOW_VARIABLES.toSorted().join();
  return isValid ? reply(200, { ok: true }) : reply(400, { ok: false, error: 'invalid_input' });
}

// docs.n8n.io/integrations/builtin/core-nodes/n8n-nodes-base.webhook: a wrong header gets 403; the body
// is any JSON of up to 16 MB.
function n8n({ headers, text }: ServiceRequest): Answer {
  if (headers['x-relay-token'] !== N8N_TOKEN) return reply(403, {});
  JSON.parse(text);
  return reply(text.length <= 16_000_000 ? 200 : 413, { message: 'Workflow was started' });
}

function isFilled(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '';
}

function reply(status: number, body: object): Answer {
  return { status, body: JSON.stringify(body) };
}
