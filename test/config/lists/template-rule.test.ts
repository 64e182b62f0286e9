import { describe, expect, test } from 'vitest';
import { readConfig } from '../../../src/config/env.ts';

const FILE = 'templates/crm.json';

function read(text: string, env: Readonly<Record<string, string>> = {}) {
  return readConfig(
    {
      GROOUPLY_API_KEY: 'key',
      WEBHOOK_A_URL: 'https://a.example/',
      WEBHOOK_A_TEMPLATE_FILE: FILE,
      ...env,
    },
    {
      readFile: (path) => {
        if (path === FILE) return text;
        throw Object.assign(new Error(path), { code: 'ENOENT' });
      },
      stdoutIsTty: false,
    },
  );
}

function templateOf(text: string) {
  const reading = read(text);
  return reading.ok ? reading.value.webhooks[0]?.template : reading.error;
}

function problemsOf(text: string, env: Readonly<Record<string, string>> = {}) {
  const reading = read(text, env);
  return reading.ok ? [] : reading.error.map(({ variable, problem }) => `${variable} ${problem}`);
}

describe('a template', () => {
  test('is read as it is written, with the fields that it uses', () => {
    const text =
      '\n{ "a": ["{{ link }}: {{keyword}}", 12345678901234567890],\n "b{}": "{{^author}}?{{/author}}" }\n';
    expect(templateOf(text)).toEqual({ text, shown: text, fields: ['keyword', 'link', 'author'] });
  });

  test('shows people no text in which there may be a token, but names and numbers', () => {
    const text = '{"user\\"": "hidden \\"", "n": [1, "", true], "deep": {"a": "{{id}} \\\\" }}';
    expect(templateOf(text)).toMatchObject({
      shown: '{"user\\"": "***", "n": [1, "***", true], "deep": {"a": "{{id}} \\\\" }}',
    });
  });
});

describe('a template is refused', () => {
  test.each([
    ['a field that is none', '{\n  "a": "{{nme}}"\n}', 'line 2, column 9: {{nme}} is no field'],
    [
      'a misspelled field',
      '{"a": "é {{keywrd}}"}',
      'line 1, column 10: {{keywrd}} is no field, perhaps {{keyword}}',
    ],
    [
      'all of several, in sections too',
      '{"a": "{{Link}}",\r\n "b": "{{#id}}{{owner}}{{/id}}"}',
      'line 1, column 8: {{Link}} is no field, perhaps {{link}}; line 2, column 15: {{owner}} is no field',
    ],
    ['what JavaScript objects have', '{"a": "{{__proto__}}"}', '{{__proto__}} is no field'],
    ['the item of a list', '{"a": "{{.}}"}', '{{.}} is no field'],
    ['a tag with a text in it', '{"a": "{{hidden text}}"}', 'the tag holds no field'],
    ['a value that is not escaped', '{"a": "{{{id}}}"}', 'column 8: write {{field}}: all values'],
    ['a value that is not escaped, with &', '{"a": "{{&id}}"}', 'write {{field}}: all values'],
    ['a partial', '{"a": "{{>id}}"}', 'only {{field}}, and {{#field}}'],
    ['a comment', '{"a": "{{!hidden}}{{id}}"}', 'only {{field}}, and {{#field}}'],
    ['other delimiters', '{"a": "{{=<% %>=}}<%id%>"}', 'only {{field}}, and {{#field}}'],
    [
      'a tag over two texts',
      '{"a": "x {{id", "b": "}}"}',
      'line 1, column 10: {{ without }} in the same text',
    ],
    [
      'a section over two texts',
      '{"a": "{{#id}}", "b": "{{/id}}"}',
      'a section without its end in the same text',
    ],
    [
      'the end of another section',
      '{"a": "{{#id}}{{/link}}"}',
      'a section without its end in the same text',
    ],
    ['an end alone', '{"a": "{{/id}}"}', 'the end of a section that does not begin'],
    ['a tag in a name', '{"a {{id}}" : "{{id}}"}', 'column 5: a name takes no field'],
    ['no tag at all', '{"a": "{id} ${id} {{", "b": 1}', '{{ without }}'],
    ['no field', '{"a": "{id} ${id}"}', 'without a field such as {{keyword}}'],
  ])('for %s', (_, text, problem) => {
    const problems = problemsOf(text);
    expect(problems).toEqual([expect.stringContaining(problem)]);
    expect(problems[0]).toMatch(/^WEBHOOK_A_TEMPLATE_FILE names a file (with|without) /);
    expect(problems[0]).not.toContain('hidden');
  });

  test.each([
    ['a field outside quotation marks', '{\n  "a": {{id}}\n}', 'line 2, column 8: a tag needs'],
    ['a list of such fields', '[{{id}}]', 'line 1, column 2: a tag needs quotation marks'],
    ['a comma too many', '{"a": "{{id}}",\n}', 'line 2, column 1: expected double-quoted property'],
    ['a comma too few', '{"a": "{{id}}"\n "b": 1}', "line 2, column 2: expected ',' or '}'"],
    ['a word', '{"a":\r\n  hidden}', 'line 2, column 3: unexpected character'],
    ['a word that begins well', '{"a": truhidden}', 'line 1, column 10: unexpected character'],
    ['single quotation marks', "{'hidden': 1}", 'line 1, column 2: expected property name'],
    ['a line break in a text', '{"a": "{{id}}\n"}', 'line 1, column 14: bad control character'],
    ['an unknown escape', '{"a": "\\x{{id}}"}', 'line 1, column 9: bad escaped character'],
    ['a missing bracket', '{"a": "{{id}}"\n', "line 2, column 1: expected ',' or '}'"],
    ['a missing end', '{"a": "{{id}}", "b":\n', 'line 1, column 21: unexpected character or end'],
    ['more behind its end', '{"a": "{{id}}"}\n{}', 'line 2, column 1: unexpected non-whitespace'],
  ])('as no valid JSON for %s', (_, text, problem) => {
    const problems = problemsOf(text);
    expect(problems).toEqual([expect.stringContaining(`is not valid JSON: ${problem}`)]);
    expect(problems[0]).not.toContain('hidden');
  });

  test.each([
    ['cannot be read', { WEBHOOK_A_TEMPLATE_FILE: 'no/such.json' }, '"no/such.json" (ENOENT)'],
    ['is JSON, not a path', { WEBHOOK_A_TEMPLATE_FILE: '{"a": "hidden"}' }, 'looks like a secret'],
  ])('if its file %s', (_, env, problem) => {
    expect(problemsOf('{"a": "{{id}}"}', env)).toEqual([expect.stringContaining(problem)]);
  });

  test.each([
    ['is empty', ' \n', 'names an empty file'],
    ['is no text', '{"a": "{{id}}\ufffd"}', 'not a text in UTF-8'],
    [
      'is too long',
      `{"a": "{{id}}${'x'.repeat(70_000)}"}`,
      'names a file of over 65536 characters',
    ],
    ['is not filled in', '{"token": "your-application-token"}', 'still has the placeholder'],
  ])('if its file %s', (_, text, problem) => {
    expect(problemsOf(text)).toEqual([expect.stringContaining(problem)]);
  });

  test.each([
    [{ WEBHOOK_A_TYPE: 'slack' }, 'TEMPLATE_FILE is set, but Slack has messages of its own'],
    [{ WEBHOOK_A_BATCH_SIZE: '2' }, 'BATCH_SIZE is 2, but a template is for one mention'],
    [{ WEBHOOK_A_DIGEST: 'hourly' }, 'DIGEST is set, but a template is for one mention'],
    [{ WEBHOOK_A_EVENTS: 'all' }, 'EVENTS is all, but a template is for mentions'],
    [{ WEBHOOK_A_EVENTS: 'alerts' }, 'EVENTS is alerts, but a template is for mentions'],
  ])('with %o, besides its own mistake', (env, problem) => {
    expect(problemsOf('{"a": "{{id}}"}', env)).toEqual([`WEBHOOK_A_${problem}`]);
    expect(problemsOf('{"a": "{{x}}"}', env)).toEqual([
      expect.stringContaining('{{x}} is no field'),
      `WEBHOOK_A_${problem}`,
    ]);
  });
});
