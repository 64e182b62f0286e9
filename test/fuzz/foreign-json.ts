import * as fc from 'fast-check';
import { HOSTILE_TEXTS } from '../webhooks/delivery-samples.ts';
import { anyCharacters } from '../helpers/any-characters.ts';

/** A mark in all foreign text, which no log line may hold. */
export const CANARY = 'canary-7Q9';

// PHP's json_encode does not go deeper (php.net/json_encode).
const DEEPEST = 512;

/** JSON as text, because no JavaScript value has a key twice. */
type Json = string;

const hostileText = fc.oneof(
  fc.constantFrom(...HOSTILE_TEXTS),
  anyCharacters(200),
  fc.string({ unit: fc.constantFrom('\0', '\ud800', '\udfff', '\u2028', '\n', '<', '&', 'x') }),
);
const foreignText = hostileText.map((text) => `${CANARY} ${text}`);
const escapedText = foreignText.map((text): Json => {
  const codes = text.split('').map((unit) => unit.charCodeAt(0).toString(16).padStart(4, '0'));
  return `"${codes.map((code) => `\\u${code}`).join('')}"`;
});
const string = fc.oneof(
  foreignText.map((text): Json => JSON.stringify(text)),
  escapedText,
);
const finiteNumber = fc.oneof(
  fc.constantFrom('0', '-0', '1e308', '5e-324', '0.1', '-1', '9007199254740993'),
  fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }).map(String),
);
const hugeNumber = fc.constantFrom('1e400', '-1e400', '9'.repeat(400), `0.${'0'.repeat(400)}1`);
const deep = fc
  .tuple(fc.integer({ min: 1, max: DEEPEST }), fc.boolean())
  .map(([depth, lists]): Json =>
    lists
      ? `${'['.repeat(depth)}${']'.repeat(depth)}`
      : `${'{"a":'.repeat(depth)}null${'}'.repeat(depth)}`,
  );
const anyJson: fc.Arbitrary<Json> = fc.oneof(
  fc.json({ maxDepth: 3 }),
  string,
  finiteNumber,
  hugeNumber,
  deep,
  fc.constantFrom('null', 'true', 'false', '{}', '[]', '""'),
);

const EVIL_NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'toJSON',
  'then',
  '',
  '\0',
  '\ud800',
  '0',
];
const evilName = fc.oneof(fc.constantFrom(...EVIL_NAMES), hostileText);
const pollution = fc.constant('{"polluted":true,"id":"1","isAdmin":true,"toString":1}');
const unknownField = fc.tuple(evilName, fc.oneof(anyJson, pollution));

function object(fields: readonly (readonly [string, Json])[]): Json {
  return `{${fields.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`;
}

/** Returns a field, sometimes after an unreadable one of the same name: the last one counts. */
function fieldOf(name: string, value: fc.Arbitrary<Json>) {
  return fc.oneof(
    { weight: 4, arbitrary: value.map((given) => [[name, given]] as const) },
    {
      weight: 1,
      arbitrary: value.map((given) => [[name, '[{}]'] as const, [name, given] as const]),
    },
    { weight: 1, arbitrary: fc.constant([]) },
  );
}

const text = fc.oneof(
  { weight: 4, arbitrary: string },
  finiteNumber,
  fc.constant('null'),
  fc.constant('""'),
  // PHP's nothing, and what is no text.
  fc.constantFrom('false', '[]', '{}', 'true', '["a"]', '["a",1]'),
  deep,
  pollution,
);
const isNoId = (given: string): boolean => given.trim() === '' || Number(given) === 0;
const id = fc.oneof(
  hostileText.map((given): Json => JSON.stringify(isNoId(given) ? '1' : given)),
  finiteNumber.map((given): Json => (isNoId(given) ? '1' : given)),
);
const link = fc.oneof(
  text,
  fc.webUrl({ withQueryParameters: true }).map((url): Json => JSON.stringify(`${url}#${CANARY}`)),
  fc.constantFrom(`"javascript:alert('${CANARY}')"`, `"https://a|${CANARY}>"`),
);
const time = fc.oneof(text, fc.integer({ min: 0, max: 4_000_000_000 }).map(String));

function nested(...parts: fc.Arbitrary<readonly (readonly [string, Json])[]>[]) {
  return fc.oneof(
    fc.tuple(...parts, fc.array(unknownField, { maxLength: 2 })).map((all) => object(all.flat())),
    fc.constantFrom('null', 'false', '[]', '""', 'true', '["a",1]'),
    string,
  );
}

/** An item that must be delivered. Its keyword begins with the given marker. */
export const validItem: fc.Arbitrary<(marker: string) => Json> = fc
  .tuple(
    hostileText,
    fc.array(unknownField, { maxLength: 3 }),
    id,
    fc.tuple(
      fieldOf('position', fc.oneof(text, fc.constantFrom('"post"', '"comment"'))),
      fieldOf('content', text),
      fieldOf('link', link),
      fieldOf('owner', nested(fieldOf('id', text), fieldOf('name', text), fieldOf('link', link))),
      fieldOf('group', nested(fieldOf('id', text), fieldOf('name', text))),
      fieldOf('spotted', time),
    ),
  )
  .map(([keyword, unknown, ownId, known]) => (marker) => {
    const words = JSON.stringify(`${marker} ${CANARY} ${keyword}`);
    return object([...unknown, ...known.flat(), ['id', ownId], ['keyword', words]]);
  });

/** An item that is not a mention. */
export const malformedItem: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom('null', 'true', '{}', '[]', '0', '[[]]', `"${CANARY}"`),
  deep,
  hugeNumber,
  string,
  // Without an id and a link, or with unreadable ones.
  fc.array(unknownField, { maxLength: 3 }).map(object),
  fc
    .tuple(fc.constantFrom('null', '""', '{}', '[]', 'true', '0', '["1",2]', '1e400'), string)
    .map(([ownId, content]) =>
      object([
        ['content', content],
        ['id', ownId],
      ]),
    ),
  fc
    .tuple(fc.constantFrom('false', '[]', 'true'), fc.oneof(deep, pollution))
    .map(([ownId, other]) =>
      object([
        ['id', ownId],
        ['link', other],
      ]),
    ),
);

/** A successful answer around a window, in the spellings of PHP, with unknown fields. */
export const envelope: fc.Arbitrary<(items: readonly Json[]) => Json> = fc
  .tuple(
    fieldOf('code', fc.constantFrom('1', '"1"', 'null', '""')),
    fieldOf('status', fc.constantFrom('200', '"200"', 'null', '""')),
    fc.array(unknownField, { maxLength: 3 }),
    fc.boolean(),
  )
  .map(([code, status, unknown, holes]) => (items) => {
    const list = holes
      ? object(items.map((item, index) => [String(3 * index), item]))
      : `[${items.join(',')}]`;
    return object([...unknown, ...code, ...status, ['mentions', list]]);
  });

/** Any bytes as an answer's body. */
export const anyBody: fc.Arbitrary<Buffer> = fc.oneof(
  anyJson.map((json) => Buffer.from(json)),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc
    .tuple(anyJson, anyJson, anyJson, fc.array(unknownField, { maxLength: 2 }))
    .map(([code, status, mentions, unknown]) =>
      Buffer.from(object([['code', code], ['status', status], ['mentions', mentions], ...unknown])),
    ),
  // Cut anywhere, also inside a character.
  fc
    .tuple(validItem, envelope, fc.double({ min: 0, max: 1, noNaN: true }))
    .map(([item, around, share]) => {
      const whole = Buffer.from(around([item('#0-0'), item('#0-1')]));
      return whole.subarray(0, Math.floor(share * whole.length));
    }),
  fc.constantFrom(
    Buffer.from(''),
    Buffer.from('\ufeff{"mentions":[]}'),
    Buffer.from('{"mentions":[]}\0'),
    Buffer.from(`<html>${CANARY}</html>`),
    Buffer.from('['.repeat(200_000)),
    Buffer.from(`{"mentions":[${'['.repeat(50_000)}${']'.repeat(50_000)}]}`),
    Buffer.from(`{"mentions":[{"id":${'9'.repeat(100_000)}}]}`),
  ),
);
