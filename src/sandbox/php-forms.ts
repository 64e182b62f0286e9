import type { JsonObject } from '../domain/mention.ts';

/**
 * Returns an answer in PHP's other forms, which mean the same: `false` and `[]` for nothing, a list as
 * an object with numeric names, a single item without its list, an empty list left out, and times
 * without a zone.
 */
export function phpForms(payload: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(payload).map(([name, value]) => [name, formOf(value, name)]),
  );
}

function formOf(value: unknown, name: string): unknown {
  if (value === null || value === '') return false;
  if (name === 'spotted' && typeof value === 'string' && /^\d{1,10}$/.test(value)) {
    return new Date(Number(value) * 1000).toISOString().replace('T', ' ').slice(0, 19);
  }
  if (Array.isArray(value)) {
    const items = value.map((item) => formOf(item, ''));
    if (items.length < 2) return items[0];
    return Object.fromEntries(items.map((item, index) => [String(2 * index), item]));
  }
  if (typeof value !== 'object') return value;
  return Object.keys(value).length === 0 ? [] : phpForms(value as JsonObject);
}
