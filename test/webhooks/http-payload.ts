import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'vitest';

const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;

const ajv = new Ajv2020({ strict: true, strictTypes: false, allErrors: true });
ajv.addFormat('date-time', (text) => RFC_3339.test(text) && !Number.isNaN(Date.parse(text)));
const validators = {
  created: ajv.compile(schema('mention.created')),
  batch: ajv.compile(schema('mention.batch')),
  ping: ajv.compile(schema('test.ping')),
};

function schema(name: string): object {
  const file = new URL(`../../docs/schemas/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as object;
}

/**
 * Asserts that a body is what docs/schemas/mention.created.json tells receivers, and has nothing
 * that it doesn't tell of beside `data`.
 *
 * @returns the payload.
 */
export function expectMentionCreated(body: string): Readonly<Record<string, unknown>> {
  return expectPayload(body, 'created');
}

/** The same for docs/schemas/mention.batch.json. */
export function expectMentionBatch(body: string): Readonly<Record<string, unknown>> {
  return expectPayload(body, 'batch');
}

/** The same for docs/schemas/test.ping.json. */
export function expectTestPing(body: string): Readonly<Record<string, unknown>> {
  return expectPayload(body, 'ping');
}

function expectPayload(
  body: string,
  kind: keyof typeof validators,
): Readonly<Record<string, unknown>> {
  const payload = JSON.parse(body) as Record<string, unknown>;
  expect(schemaErrors(payload, kind)).toEqual([]);
  expect(Object.keys(payload)).toEqual(['type', 'timestamp', 'data']);
  return payload;
}

/** Where a payload departs from its schema, as JSON pointers. */
export function schemaErrors(
  payload: unknown,
  kind: keyof typeof validators = 'created',
): readonly string[] {
  const validate = validators[kind];
  validate(payload);
  return (validate.errors ?? []).map(({ instancePath, keyword }) => `${instancePath} ${keyword}`);
}
