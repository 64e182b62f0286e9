import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { expect } from 'vitest';

const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;

const ajv = new Ajv2020({ strict: true, strictTypes: false, allErrors: true });
ajv.addFormat('date-time', (text) => RFC_3339.test(text) && !Number.isNaN(Date.parse(text)));
/** All types of events of an http webhook, in the order of docs/deliveries.md. */
export const EVENT_TYPES = [
  'mention.created',
  'mention.batch',
  'mention.recovered',
  'mention.digest',
  'gap.detected',
  'group.coverage_changed',
  'relay.trouble',
  'test.ping',
] as const;
/** A type of event. */
export type EventType = (typeof EVENT_TYPES)[number];

const validators = Object.fromEntries(
  EVENT_TYPES.map((type) => [type, ajv.compile(schema(type))]),
) as Readonly<Record<EventType, ValidateFunction>>;

function schema(name: string): object {
  const file = new URL(`../../../docs/schemas/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as object;
}

/**
 * Asserts that a body fits the schema of its type in docs/schemas/, and has nothing beside `data` that
 * the schema does not name.
 *
 * @param type - by default the type in the body
 * @returns the payload.
 */
export function expectEvent(body: string, type?: EventType): Readonly<Record<string, unknown>> {
  const own = (JSON.parse(body) as { readonly type?: unknown }).type;
  const known = EVENT_TYPES.find((each) => each === (type ?? own));
  if (known === undefined) throw new Error(`There is no schema for the type ${String(own)}.`);
  const payload = JSON.parse(body) as Record<string, unknown>;
  expect(schemaErrors(payload, known)).toEqual([]);
  expect(Object.keys(payload)).toEqual(['type', 'timestamp', 'data']);
  return payload;
}

/** Returns the places where a payload departs from its schema, as JSON pointers. */
export function schemaErrors(
  payload: unknown,
  kind: EventType = 'mention.created',
): readonly string[] {
  const validate = validators[kind];
  validate(payload);
  return (validate.errors ?? []).map(({ instancePath, keyword }) => `${instancePath} ${keyword}`);
}
