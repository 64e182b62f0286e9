import type { JsonObject } from '../domain/mention.ts';

/** The forms of an answer that mean the same as the usual one. */
export const SLOPPY_KINDS = ['php', 'links', 'entities'] as const;
export type SloppyKind = (typeof SLOPPY_KINDS)[number];

/**
 * Returns an answer's JSON in another form, which means the same:
 * - `php`: `false` and `[]` for nothing, a list as an object with numeric names, a single item without
 *   its list, an empty list left out, and times without a zone
 * - `links`: each link to Facebook with another host and another tracking parameter in every answer
 * - `entities`: texts escaped as by PHP's `htmlspecialchars`
 */
export function sloppily(payload: JsonObject, kind: SloppyKind, random: () => number): JsonObject {
  switch (kind) {
    case 'php':
      return changed(payload, php);
    case 'links':
      return changed(payload, (value) =>
        typeof value === 'string' ? otherLink(value, random) : value,
      );
    case 'entities':
      return changed(payload, (value) =>
        typeof value === 'string' && !value.startsWith('http') ? escaped(value) : value,
      );
  }
}

type Change = (value: unknown, name: string) => unknown;

/** Returns a copy, each value of it changed after those in it. Undefined values are left out. */
function changed(payload: JsonObject, change: Change): JsonObject {
  const walk = (value: unknown, name: string): unknown => {
    if (typeof value !== 'object' || value === null) return change(value, name);
    if (Array.isArray(value))
      return change(
        value.map((item) => walk(item, '')),
        name,
      );
    return change(changed(value as JsonObject, change), name);
  };
  return Object.fromEntries(
    Object.entries(payload).map(([name, value]) => [name, walk(value, name)]),
  );
}

function php(value: unknown, name: string): unknown {
  if (value === null || value === '') return false;
  if (name === 'spotted' && typeof value === 'string' && /^\d{1,10}$/.test(value)) {
    return new Date(Number(value) * 1000).toISOString().replace('T', ' ').slice(0, 19);
  }
  if (Array.isArray(value)) {
    if (value.length < 2) return (value as unknown[])[0];
    return Object.fromEntries(value.map((item: unknown, index) => [String(2 * index), item]));
  }
  return typeof value === 'object' && Object.keys(value).length === 0 ? [] : value;
}

function otherLink(text: string, random: () => number): string {
  if (!/^https:\/\/facebook\.com\/groups\/\d+\/permalink\//.test(text)) return text;
  const url = new URL(text);
  url.hostname = random() < 0.5 ? 'www.facebook.com' : 'm.facebook.com';
  url.searchParams.set('__cft__[0]', `AZ${String(random()).slice(2)}`);
  return url.href;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#039;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}
