import { z } from 'zod';
import type { JsonObject } from '../domain/mention.ts';
import { failure, success, type Result } from '../domain/result.ts';
import type { FaultRule, WireAnswer } from './faults.ts';
import type { SandboxMention } from './made-up-mentions.ts';
import { ENDPOINTS } from './router.ts';

/** Paths below this one control the sandbox. They are no part of the API. */
export const CONTROL_PATH = '/_sandbox/';

/** The functions that another process can call over HTTP. */
export interface Controlled {
  readonly fault: (rule: FaultRule) => void;
  readonly clearFaults: () => void;
  readonly spot: (count: number) => readonly SandboxMention[];
  readonly addMentions: (...mentions: SandboxMention[]) => void;
  /** Makes up a mention without adding it. */
  readonly makeUp: () => SandboxMention;
  readonly state: () => JsonObject;
}

/**
 * Answers a request to control the sandbox:
 * `POST /_sandbox/faults` (a fault rule), `DELETE /_sandbox/faults`,
 * `POST /_sandbox/spot` (`{"count": n}`, 1 by default and 1000 at most),
 * `POST /_sandbox/mentions` (a list; fields left out are made up), `GET /_sandbox/state`.
 */
export function control(
  method: string,
  path: string,
  body: string | null,
  sandbox: Controlled,
): WireAnswer {
  const action = ACTIONS[`${method} ${path.slice(CONTROL_PATH.length)}`];
  if (action === undefined)
    return answer(404, { error: `Unknown action. Use one of ${KNOWN_ACTIONS}.` });
  if (body === null) return answer(413, { error: 'The body is too long.' });
  let value: unknown;
  try {
    value = body.trim() === '' ? undefined : JSON.parse(body);
  } catch {
    return answer(400, { error: 'The body is not JSON.' });
  }
  return action(value, sandbox);
}

const ACTIONS: Readonly<Record<string, (value: unknown, sandbox: Controlled) => WireAnswer>> = {
  'GET state': (_, sandbox) => answer(200, sandbox.state()),

  'POST faults': (value, sandbox) => {
    const parsed = parseFaultRule(value);
    if (!parsed.ok) return answer(400, { error: parsed.error });
    sandbox.fault(parsed.value);
    return answer(200, sandbox.state());
  },

  'DELETE faults': (_, sandbox) => {
    sandbox.clearFaults();
    return answer(200, sandbox.state());
  },

  'POST spot': (value, sandbox) => {
    const parsed = spotSchema.safeParse(value ?? {});
    if (!parsed.success) return answer(400, { error: z.prettifyError(parsed.error) });
    return answer(200, { mentions: sandbox.spot(parsed.data.count) });
  },

  'POST mentions': (value, sandbox) => {
    const parsed = mentionsSchema.safeParse(value);
    if (!parsed.success) return answer(400, { error: z.prettifyError(parsed.error) });
    const mentions = parsed.data.map((given) => complete(given, sandbox.makeUp()));
    sandbox.addMentions(...mentions);
    return answer(200, { mentions });
  },
};

const KNOWN_ACTIONS = Object.keys(ACTIONS)
  .map((action) => action.replace(' ', ` ${CONTROL_PATH}`))
  .join(', ');

const text = z.string().optional();
const spotSchema = z.strictObject({ count: z.int().min(1).max(1000).default(1) });
const mentionSchema = z.looseObject({
  id: text,
  keyword: text,
  position: text,
  content: text,
  link: text,
  owner: z.looseObject({ id: text, name: text, link: text }).optional(),
  group: z.looseObject({ id: text, name: text }).optional(),
  spotted: text,
});
const mentionsSchema = z.array(mentionSchema).max(1000);

function complete(given: z.infer<typeof mentionSchema>, madeUp: SandboxMention): SandboxMention {
  return {
    ...madeUp,
    ...given,
    owner: { ...madeUp.owner, ...given.owner },
    group: { ...madeUp.group, ...given.group },
  } as SandboxMention;
}

function answer(status: number, payload: JsonObject): WireAnswer {
  const headers = { 'content-type': 'application/json; charset=utf-8' };
  return { status, headers, body: JSON.stringify(payload) };
}

const when = {
  endpoint: z.enum(ENDPOINTS).optional(),
  // JSON has no Infinity: a string stands for it.
  times: z.union([z.int().positive(), z.literal('Infinity').transform(() => Infinity)]).optional(),
  probability: z.number().min(0).max(1).optional(),
};
const status = z.int().min(200).max(599);

const ruleSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    ...when,
    kind: z.literal('status'),
    status,
    retryAfter: z.union([z.string().regex(/^[\x20-\x7e]+$/), z.number()]).optional(),
    body: z.string().optional(),
  }),
  z.strictObject({ ...when, kind: z.literal('envelope'), status }),
  z.strictObject({ ...when, kind: z.literal('delay'), delayMs: z.number().min(0).max(3_600_000) }),
  z.strictObject({
    ...when,
    kind: z.literal('reset'),
    when: z.enum(['before', 'after']).optional(),
  }),
  z.strictObject({ ...when, kind: z.literal('hang') }),
  z.strictObject({ ...when, kind: z.literal('entities') }),
  z.strictObject({ ...when, kind: z.literal('html'), status: status.optional() }),
  z.strictObject({ ...when, kind: z.literal('truncated') }),
  z.strictObject({ ...when, kind: z.literal('malformed'), items: z.array(z.unknown()) }),
  z.strictObject({ ...when, kind: z.literal('links'), host: z.string(), tracking: z.string() }),
  z.strictObject({ ...when, kind: z.literal('numbers') }),
  z.strictObject({ ...when, kind: z.literal('noise'), before: z.string().optional() }),
  z.strictObject({
    ...when,
    kind: z.literal('nested'),
    levels: z.int().positive().max(100_000).optional(),
  }),
  z.strictObject({ ...when, kind: z.literal('php') }),
]);

/** Reads a fault rule from JSON, where `times` may be the string `Infinity`. */
export function parseFaultRule(value: unknown): Result<FaultRule> {
  const parsed = ruleSchema.safeParse(value);
  return parsed.success
    ? success(parsed.data as FaultRule)
    : failure(z.prettifyError(parsed.error));
}
