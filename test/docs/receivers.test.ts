import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { TEMPLATE_FIELDS } from '../../src/domain/template.ts';
import { formatHttp } from '../../src/webhooks/http/http.ts';
import { contextOf, deliveryOf, SIGNING_SECRETS, webhookOf } from '../webhooks/delivery-samples.ts';
import { codeBlock, read, tables } from './markdown.ts';

const page = read('docs/receivers.md');

describe("the code for n8n's Code node", () => {
  const [SECRET, OTHER_SECRET] = SIGNING_SECRETS;
  const code = codeBlock(page, 'js', '$input').replace("'whsec_...'", JSON.stringify(SECRET));

  interface Request {
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  }

  function sent(secrets: readonly string[], ageSeconds = 0): Request {
    const webhook = webhookOf({ signingSecrets: secrets, headers: {} });
    const nowMs = Date.now() - ageSeconds * 1000;
    return formatHttp([deliveryOf({ content: 'Grüße 😀' })], contextOf({ webhook, nowMs }));
  }

  /** Runs it as n8n does: the body of an async function, with these names in reach. */
  function run({ headers, body }: Request): Promise<unknown> {
    const AsyncFunction = (async () => undefined).constructor as FunctionConstructor;
    const node = new AsyncFunction('require', '$input', code) as (
      this: object,
      ...names: unknown[]
    ) => Promise<unknown>;
    const helpers = {
      getBinaryDataBuffer: async (index: number, property: string) =>
        index === 0 && property === 'data' ? Buffer.from(body) : null,
    };
    const input = { first: () => ({ json: { headers } }) };
    return node.call({ helpers }, createRequire(import.meta.url), input);
  }

  test.each([[[SECRET]], [[OTHER_SECRET, SECRET]]])(
    'lets a genuine mention on',
    async (secrets) => {
      const request = sent(secrets);
      const { headers, body } = request;
      expect(await run(request)).toEqual([
        { json: { headers, body: JSON.parse(body) as unknown } },
      ]);
    },
  );

  const usual = sent([SECRET]);
  test.each([
    ['another secret', sent([OTHER_SECRET])],
    ['no signature', sent([])],
    ['a changed body', { ...usual, body: `${usual.body} ` }],
    ['a changed id', { ...usual, headers: { ...usual.headers, 'webhook-id': 'msg_other' } }],
    ['an old attempt', sent([SECRET], 360)],
    ['a time that is none', { ...usual, headers: { ...usual.headers, 'webhook-timestamp': 'x' } }],
  ])('stops the run at %s', async (_what, request) => {
    await expect(run(request)).rejects.toThrow('The signature is missing, wrong or old.');
  });
});

test('docs/receivers.md lists each field of a template', () => {
  const tags = tables(page).find(({ head }) => head[0] === 'tag');
  const listed = tags?.rows.flatMap(([cell = '']) => cell.match(/(?<=\{\{)[\w.]+/g) ?? []);
  expect(listed?.toSorted()).toEqual(TEMPLATE_FIELDS.toSorted());
});
