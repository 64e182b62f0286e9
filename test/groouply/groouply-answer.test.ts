import { inspect } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { parseExactJson } from '../../src/groouply/envelope.ts';
import { readAnswer, type ApiAnswer } from '../../src/groouply/groouply-answer.ts';
import { GroouplyError, type GroouplyErrorKind } from '../../src/groouply/groouply-shapes.ts';

const NOW_MS = Date.parse('2023-11-08T16:04:48Z');
// It stands in every body. No error may repeat it.
const FOREIGN = 'Words of the server';
const SUCCESS = { code: 1, status: 200, data: FOREIGN, things: ['a', 'b'] };

const WARNING = `<br />\n<b>Warning</b>:  ${FOREIGN} in <b>/srv/a.php</b> on line <b>4</b><br />\n`;
const TRICKY = JSON.stringify({ ...SUCCESS, data: '"}{\\' });

const answer = (body: unknown, status = 200, retryAfter?: string): ApiAnswer => ({
  status,
  retryAfter,
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

const read = (from: ApiAnswer) => readAnswer(from, 'things', z.array(z.string()), NOW_MS);

function errorOf(from: ApiAnswer): GroouplyError {
  try {
    read(from);
  } catch (error) {
    if (error instanceof GroouplyError) return error;
    throw error;
  }
  throw new Error('The answer was taken for a success.');
}

describe('an answer of the API', () => {
  test.each<[string, ApiAnswer]>([
    ['as documented', answer(SUCCESS)],
    ['encoded twice', answer(JSON.stringify(JSON.stringify(SUCCESS)))],
    [
      'with a line break as it is in a text',
      answer(JSON.stringify(SUCCESS).replace(FOREIGN, 'Words\nof the\tserver')),
    ],
    ['with its code and status as texts', answer({ ...SUCCESS, code: '1', status: '200' })],
    ['without a code and a status', answer({ things: ['a', 'b'] })],
    ['with another status of success', answer({ ...SUCCESS, status: 201 }, 202)],
    ['with a code and a status of null', answer({ ...SUCCESS, code: null, status: null })],
    ['with an empty code and status', answer({ ...SUCCESS, code: '', status: '' })],
    ['with unknown fields', answer({ ...SUCCESS, more: { id: 1 } })],
    ['with spaces around it', answer(` ${JSON.stringify(SUCCESS)}\n`)],
    ['after a byte order mark', answer(`\ufeff${JSON.stringify(SUCCESS)}`)],
    ['after a warning of PHP', answer(`${WARNING}${JSON.stringify(SUCCESS)}`)],
    ['after a byte order mark and a warning', answer(`\ufeff${WARNING}${JSON.stringify(SUCCESS)}`)],
    ['after a warning with braces', answer(`Notice: {$x} {y} ${JSON.stringify(SUCCESS)}`)],
    ['before a warning', answer(`${JSON.stringify(SUCCESS)}\n${WARNING}`)],
    ['between warnings', answer(`${WARNING}${JSON.stringify(SUCCESS)}${WARNING}`)],
    ['before a NUL', answer(`${JSON.stringify(SUCCESS)}\0`)],
    ['after a warning, with braces and quotes in its texts', answer(`${WARNING}${TRICKY}`)],
    [
      'after a warning that holds other JSON',
      answer(`Notice: {"a":{}} ${JSON.stringify(SUCCESS)}`),
    ],
    ['with a code and a status of PHP for nothing', answer({ ...SUCCESS, code: [], status: [] })],
  ])('is read %s', (_, from) => {
    expect(read(from)).toEqual(['a', 'b']);
  });

  type Failure = readonly [GroouplyErrorKind, RegExp];
  const REJECTED: Failure = ['key-rejected', /key/];
  const REFUSED: Failure = ['refused', /refused/];
  const NOT_FOUND: Failure = ['refused', /check GROOUPLY_API_URL/];
  const REDIRECT: Failure = ['refused', /redirects.*log-in page.*check GROOUPLY_API_URL/];
  const webPage = (status: number): Failure => [
    'unreadable',
    new RegExp(`^a web page instead of the API's JSON.*challenge page \\(${status}\\)`),
  ];
  const empty = (status: number): Failure => [
    'unreadable',
    new RegExp(`^an empty .*\\(${status}\\)`),
  ];
  const foreign = (status: number): Failure => [
    'unreadable',
    new RegExp(`^the answer is not the API's JSON.*\\(${status}\\)`),
  ];
  const LIMITED: Failure = ['rate-limited', /too many requests/];
  const FAILED: Failure = ['server', /failed|reported an error/];
  const NO_FIELD: Failure = ['unreadable', /no readable 'things'/];

  const envelope = (status: unknown, code: unknown = 0) => ({
    ...SUCCESS,
    code,
    status,
    request: { user: FOREIGN },
  });
  const ENVELOPE_403 = JSON.stringify(envelope(403));
  const page = `<!doctype html><h1>${FOREIGN}</h1>`;

  test.each<[string, ApiAnswer, Failure]>([
    ['400', answer(envelope(400), 400), REFUSED],
    ['401', answer(envelope(401), 401), REJECTED],
    ['403', answer(envelope(403), 403), REJECTED],
    ['404', answer(envelope(404), 404), NOT_FOUND],
    ['500', answer(envelope(500), 500), FAILED],
    ['400 inside HTTP 200', answer(envelope(400)), REFUSED],
    ['401 inside HTTP 200', answer(envelope(401)), REJECTED],
    ['403 inside HTTP 200', answer(envelope(403)), REJECTED],
    ['404 inside HTTP 200', answer(envelope(404)), NOT_FOUND],
    ['429 inside HTTP 200', answer(envelope(429)), LIMITED],
    ['500 inside HTTP 200', answer(envelope(500)), FAILED],
    ['400 as a text inside HTTP 200', answer(envelope('400', '0')), REFUSED],
    ['401 as a text inside HTTP 200', answer(envelope('401', '0')), REJECTED],
    ['403 as a text inside HTTP 200', answer(envelope('403', '0')), REJECTED],
    ['404 as a text inside HTTP 200', answer(envelope('404', '0')), NOT_FOUND],
    ['500 as a text inside HTTP 200', answer(envelope('500', '0')), FAILED],
    ['an error that only the code shows', answer(envelope(200, 0)), FAILED],
    ['an error that only the code shows, as a text', answer(envelope('200', '0')), FAILED],
    ['an error that only another code shows', answer(envelope(200, 2)), FAILED],
    ['401 in HTTP whatever the envelope says', answer(SUCCESS, 401), REJECTED],
    ['500 in HTTP whatever the envelope says', answer(SUCCESS, 500), FAILED],
    ['401 with a page', answer(page, 401), webPage(401)],
    ['403 with a page', answer(page, 403), webPage(403)],
    ['403 with a page after a byte order mark', answer(`\ufeff\n${page}`, 403), webPage(403)],
    ['403 with a page that holds an envelope', answer(`${page}${ENVELOPE_403}`, 403), webPage(403)],
    [
      '403 with a page around an envelope',
      answer(`<html>${ENVELOPE_403}</html>`, 403),
      webPage(403),
    ],
    ['401 without a body', answer('', 401), empty(401)],
    ['403 with spaces', answer(' \r\n', 403), empty(403)],
    ['403 with a text', answer(FOREIGN, 403), foreign(403)],
    ["403 with a framework's JSON", answer({ status: 403, error: FOREIGN }, 403), foreign(403)],
    ["403 with a gateway's JSON", answer({ code: 403, message: FOREIGN }, 403), foreign(403)],
    [
      "403 with Kubernetes' JSON",
      answer({ kind: 'Status', status: 'Failure', data: {}, code: 403 }, 403),
      foreign(403),
    ],
    ["401 with WordPress' JSON", answer({ code: 'no', data: { status: 401 } }, 401), foreign(401)],
    ['403 with an empty object', answer({}, 403), foreign(403)],
    ['403 with two envelopes', answer(`${ENVELOPE_403}${ENVELOPE_403}`, 403), foreign(403)],
    ['403 with a warning before the envelope', answer(`${WARNING}${ENVELOPE_403}`, 403), REJECTED],
    ['404 with a page', answer(page, 404), ['unreadable', /web page.*check GROOUPLY_API_URL/]],
    ['400 with a page', answer(page, 400), webPage(400)],
    ['407 with a page', answer(page, 407), webPage(407)],
    ['429 with a page', answer(page, 429), LIMITED],
    ['502 with a page', answer(page, 502), FAILED],
    ['408', answer(page, 408), FAILED],
    ['425', answer(page, 425), FAILED],
    ['503 without a body', answer('', 503), FAILED],
    ['418', answer(page, 418), webPage(418)],
    ['301', answer(page, 301), REDIRECT],
    ['302 with an envelope of success', answer(SUCCESS, 302), REDIRECT],
    ['a page with HTTP 200', answer(page), webPage(200)],
    ['nothing with HTTP 200', answer(''), empty(200)],
    ['JSON that is cut', answer(JSON.stringify(SUCCESS).slice(0, -9)), foreign(200)],
    ['JSON before a page', answer(`${JSON.stringify(SUCCESS)}${page}`), webPage(200)],
    [
      'JSON that is cut after a warning',
      answer(`${WARNING}${JSON.stringify(SUCCESS).slice(0, -9)}`),
      foreign(200),
    ],
    ['two envelopes', answer(`${JSON.stringify(SUCCESS)}${JSON.stringify(SUCCESS)}`), foreign(200)],
    ["a portal's JSON", answer({ ok: true }), foreign(200)],
    ["a portal's JSON with a status", answer({ status: 200, message: FOREIGN }), foreign(200)],
    ['an empty object', answer({}), foreign(200)],
    ['a list', answer([SUCCESS]), foreign(200)],
    ['null', answer('null'), foreign(200)],
    ['a text', answer(JSON.stringify(FOREIGN)), foreign(200)],
    ['a status that is a word', answer(envelope(FOREIGN, 1)), foreign(200)],
    ['a code that is a word', answer(envelope(200, FOREIGN)), foreign(200)],
    ['a success without the field', answer({ code: 1, status: 200, data: FOREIGN }), NO_FIELD],
    ['a success whose field is null', answer({ ...SUCCESS, things: null }), NO_FIELD],
    ['a success whose field is another', answer({ ...SUCCESS, things: FOREIGN }), NO_FIELD],
    ['a success whose list holds another', answer({ ...SUCCESS, things: [[FOREIGN]] }), NO_FIELD],
  ])('is a failure of its kind: %s', (_, from, [kind, says]) => {
    const error = errorOf(from);
    expect(error.kind).toBe(kind);
    expect(error.message).toMatch(says);
    expect(inspect(error, { depth: null, showHidden: true })).not.toContain(FOREIGN);
    expect(JSON.stringify(error)).not.toContain(FOREIGN);
  });

  const optional = z.array(z.string()).optional();
  test.each<[string, ApiAnswer, string[] | undefined | Failure]>([
    ['left out of a success', answer({ ...SUCCESS, things: undefined }), undefined],
    ['left out beside a code and a status', answer({ code: '1', status: '200' }), undefined],
    ['left out of an envelope without a code', answer({ status: 200, data: FOREIGN }), NO_FIELD],
    ['left out after a warning', answer(`${WARNING}{"code":1,"status":200}`), NO_FIELD],
    ['there after a warning', answer(`${WARNING}{"things":["a"]}`), ['a']],
  ])('has a field that may be missing: %s', (_, from, expected) => {
    const readOptional = () => readAnswer(from, 'things', optional, NOW_MS);
    if (expected === NO_FIELD) expect(readOptional).toThrow(/no readable 'things'/);
    else expect(readOptional()).toEqual(expected);
  });

  test.each<[string, ApiAnswer, number]>([
    ['as long as Retry-After says', answer(envelope(429), 429, '30'), 30_000],
    ['until Retry-After', answer('', 429, 'Wed, 08 Nov 2023 16:06:48 GMT'), 120_000],
    ['1 h at most', answer('', 429, '86400'), 3_600_000],
    ['5 seconds by default', answer(envelope(429), 429), 5_000],
    ['as long as Retry-After says beside an envelope', answer(envelope('429'), 200, '7'), 7_000],
  ])('asks for a pause with a 429: %s', (_, from, expectedMs) => {
    expect(errorOf(from).retryAfterMs).toBe(expectedMs);
  });

  test('asks for no pause otherwise', () => {
    expect(errorOf(answer('', 503, '30')).retryAfterMs).toBeUndefined();
  });

  test.each<[GroouplyErrorKind, boolean]>([
    ['key-rejected', false],
    ['refused', false],
    ['rate-limited', true],
    ['server', true],
    ['unreadable', true],
    ['unanswered', true],
  ])('of kind %s is worth a retry: %s', (kind, transient) => {
    expect(new GroouplyError(kind, 'message').transient).toBe(transient);
  });
});

test('a huge body of tiny broken objects takes no time', () => {
  const beganMs = performance.now();
  expect(errorOf(answer(`x${'{""}'.repeat(1_000_000)}`)).kind).toBe('unreadable');
  expect(performance.now() - beganMs).toBeLessThan(2_000);
});

describe('exact JSON', () => {
  test.each<[string, string, unknown]>([
    ['keeps a whole number that is safe a number', '9007199254740991', 9_007_199_254_740_991],
    ['keeps a negative one that is safe a number', '-9007199254740991', -9_007_199_254_740_991],
    ['makes the first unsafe whole number its digits', '9007199254740993', '9007199254740993'],
    ['makes the even one before it its digits', '9007199254740992', '9007199254740992'],
    ['makes a negative unsafe one its digits', '-9007199254740993', '-9007199254740993'],
    ['makes a long one its digits', '12345678901234567890123', '12345678901234567890123'],
    ['keeps a fraction a number', '1.5', 1.5],
    ['keeps a long fraction a number', '9007199254740993.5', 9_007_199_254_740_994],
    ['keeps an exponent a number', '1e20', 1e20],
    ['keeps zero a number', '0', 0],
    ['keeps a text of digits as it is', '"9007199254740993"', '9007199254740993'],
    ['keeps a text as it is', '" 1e20 "', ' 1e20 '],
    ['keeps null, true and false', '[null,true,false]', [null, true, false]],
    [
      'finds numbers at any depth',
      '{"a":[{"id":10150000000000000001}],"b":{"id":7}}',
      { a: [{ id: '10150000000000000001' }], b: { id: 7 } },
    ],
    [
      'takes the last of two equal names',
      '{"id":1,"id":10150000000000000001}',
      {
        id: '10150000000000000001',
      },
    ],
  ])('%s', (_, text, expected) => {
    expect(parseExactJson(text)).toEqual(expected);
  });

  test.each<[string, string, string, unknown]>([
    ['lists', '[', ']', []],
    ['objects', '{"a":', '}', {}],
  ])('reads 50 levels of %s as they are, and deeper ones as null', (_, begin, end, empty) => {
    const nested = (levels: number, value: unknown): string =>
      `${begin.repeat(levels)}${JSON.stringify(value)}${end.repeat(levels)}`;
    expect(parseExactJson(nested(50, 7))).toEqual(JSON.parse(nested(50, 7)));
    expect(parseExactJson(nested(49, empty))).toEqual(JSON.parse(nested(49, empty)));
    for (const levels of [51, 52, 5_000, 2_000_000])
      expect(parseExactJson(nested(levels, '}]"{['))).toEqual(JSON.parse(nested(50, null)));
  });

  test('a value that is too deep takes nothing beside it away', () => {
    const deep = `${'['.repeat(5_000)}"\\"]"${']'.repeat(5_000)}`;
    const { a, c, d } = parseExactJson(
      `{"a":"]}[{","b":${deep},"c":[${deep},{"e":"\\\\"}],"d":10150000000000000001}`,
    ) as Record<string, unknown>;
    expect([a, c, d]).toEqual([']}[{', [expect.any(Array), { e: '\\' }], '10150000000000000001']);
  });

  test('refuses what is deep and has no end', () => {
    for (const text of ['['.repeat(1e7), '{"a":'.repeat(2e6)])
      expect(() => parseExactJson(text)).toThrow(SyntaxError);
  });

  test('refuses more than a million values, not counting those that are too deep', () => {
    const wide = (commas: number): string => `[${'1,'.repeat(commas)}1]`;
    expect(parseExactJson(wide(999_999))).toHaveLength(1_000_000);
    expect(() => parseExactJson(wide(1_000_000))).toThrow(SyntaxError);
    const deep = `${'['.repeat(50)}${wide(2_000_000)}${']'.repeat(50)}`;
    expect(JSON.stringify(parseExactJson(deep))).toBe(`${'['.repeat(50)}null${']'.repeat(50)}`);
  });

  test.each(['', '{', '{"a":1', '[1,]', '<html>', 'undefined', '{"a":01}', '\u0000'])(
    'refuses %j as JSON.parse does',
    (text) => {
      expect(() => parseExactJson(text)).toThrow(SyntaxError);
    },
  );

  test('changes no prototype', () => {
    const parsed = parseExactJson('{"__proto__":{"id":10150000000000000001}}') as object;
    expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype);
    expect(Object.keys(parsed)).toEqual(['__proto__']);
  });

  test('keeps every digit of every whole number', () => {
    fc.assert(
      fc.property(fc.bigInt(), (number) => {
        expect(String((parseExactJson(`{"id":${number}}`) as { id: unknown }).id)).toBe(
          String(number),
        );
      }),
      { numRuns: 1000 },
    );
  });

  test('reads all JSON without such numbers as JSON.parse does', () => {
    const safe = fc.jsonValue().map((value) => JSON.stringify(value));
    fc.assert(
      fc.property(
        safe.filter((text) => !/\d{16}/.test(text)),
        (text) => {
          expect(parseExactJson(text)).toEqual(JSON.parse(text));
        },
      ),
    );
  });
});
