import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'vitest';

const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;

const ajv = new Ajv2020({ strict: true, strictTypes: false, allErrors: true });
ajv.addFormat('date-time', (text) => RFC_3339.test(text) && !Number.isNaN(Date.parse(text)));
const validate = ajv.compile(
  JSON.parse(
    readFileSync(new URL('../../docs/schemas/mention.created.json', import.meta.url), 'utf8'),
  ) as object,
);

/**
 * Asserts that a body is what docs/schemas/mention.created.json tells receivers, and has nothing
 * that it doesn't tell of beside `data`.
 *
 * @returns the payload.
 */
export function expectMentionCreated(body: string): Readonly<Record<string, unknown>> {
  const payload = JSON.parse(body) as Record<string, unknown>;
  expect(schemaErrors(payload)).toEqual([]);
  expect(Object.keys(payload)).toEqual(['type', 'timestamp', 'data']);
  return payload;
}

/** Where a payload departs from docs/schemas/mention.created.json, as JSON pointers. */
export function schemaErrors(payload: unknown): readonly string[] {
  validate(payload);
  return (validate.errors ?? []).map(({ instancePath, keyword }) => `${instancePath} ${keyword}`);
}
