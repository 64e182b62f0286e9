import { z } from 'zod';
import type { FaultRule } from './faults.ts';
import { ENDPOINTS } from './router.ts';

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
  z.strictObject({ ...when, kind: z.literal('html') }),
  z.strictObject({ ...when, kind: z.literal('truncated') }),
  z.strictObject({ ...when, kind: z.literal('malformed'), items: z.array(z.unknown()) }),
  z.strictObject({ ...when, kind: z.literal('numbers') }),
]);

/** Reads a rule that came as JSON, where `times` may be the string `Infinity`. */
export function parseFaultRule(
  value: unknown,
): { readonly ok: true; readonly rule: FaultRule } | { readonly ok: false; readonly why: string } {
  const parsed = ruleSchema.safeParse(value);
  return parsed.success
    ? { ok: true, rule: parsed.data as FaultRule }
    : { ok: false, why: z.prettifyError(parsed.error) };
}
