import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Webhook as Verifier } from 'standardwebhooks';
import { expect, onTestFinished, test } from 'vitest';
import { SANDBOX_GROUPS } from '../../src/sandbox/account.ts';
import { relayBench } from '../helpers/relay-bench.ts';
import { HOSTILE_TEXTS, SIGNING_SECRETS } from '../webhooks/delivery-samples.ts';
import {
  answerAsService,
  HUBSPOT_TOKEN,
  N8N_TOKEN,
  PUSHOVER_TOKEN,
  PUSHOVER_USER,
  SERVICES,
} from '../webhooks/http/services.ts';

const TRACKED = { groups: SANDBOX_GROUPS.filter(({ tracking }) => tracking) };

function fileWith(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'relay-template-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'template.json');
  writeFileSync(path, text);
  return path;
}

test('each template of config/templates/ reaches a receiver that requires what its service does', async () => {
  await using bench = await relayBench(TRACKED);
  const { a, sandbox } = bench;
  a.answerWith(answerAsService);
  const urlOf = (name: string) => new URL(SERVICES[name]?.path ?? '', a.url).href;
  const pushover = readFileSync('config/templates/pushover.json', 'utf8')
    .replace('your-application-token', PUSHOVER_TOKEN)
    .replace('your-user-key', PUSHOVER_USER);
  const env = {
    WEBHOOK_A_URL: urlOf('hubspot'),
    WEBHOOK_A_TEMPLATE_FILE: resolve('config/templates/hubspot.json'),
    WEBHOOK_A_HEADERS: `{"authorization":"Bearer ${HUBSPOT_TOKEN}"}`,
    WEBHOOK_PUSH_URL: urlOf('pushover'),
    WEBHOOK_PUSH_TEMPLATE_FILE: fileWith(pushover),
    WEBHOOK_FLOW_URL: urlOf('slack-workflow'),
    WEBHOOK_FLOW_TEMPLATE_FILE: resolve('config/templates/slack-workflow.json'),
    WEBHOOK_N8N_URL: urlOf('n8n'),
    WEBHOOK_N8N_TEMPLATE_FILE: resolve('config/templates/n8n.json'),
    WEBHOOK_N8N_HEADERS: `{"x-relay-token":"${N8N_TOKEN}"}`,
    WEBHOOK_N8N_SECRET: SIGNING_SECRETS[0],
  };
  const [usual] = sandbox.spot();
  const hostile = HOSTILE_TEXTS.join('\n').slice(0, 60_000);
  sandbox.setWindow([
    usual,
    { ...usual, id: '2', keyword: hostile, content: hostile, position: hostile, link: hostile },
  ]);

  const preview = await bench.run(['preview'], env);
  expect(preview.stdout).toContain(`  |     "website": "${usual?.owner.link}",\n`);
  expect(preview.stdout).toContain('  |   "token": "***",\n');
  expect(preview.stdout).not.toContain(PUSHOVER_TOKEN);

  const { code, stdout } = await bench.run(['check', '--send'], env);
  expect(stdout.match(/accepted the test\.ping/g)).toHaveLength(4);
  expect([code, stdout.includes(PUSHOVER_TOKEN)]).toEqual([0, false]);

  const daemon = bench.relay(env);
  await daemon.waitForEvent('delivery.succeeded', 8);
  expect(daemon.events('delivery.failed')).toEqual([]);
  const bodiesOf = (name: string) =>
    a.received.filter(({ path }) => path === SERVICES[name]?.path).slice(1);
  for (const name of Object.keys(SERVICES)) expect(bodiesOf(name), name).toHaveLength(2);
  expect(bodiesOf('slack-workflow').map(({ json }) => json())).toContainEqual(
    expect.objectContaining({ keyword: usual?.keyword, link: usual?.link }),
  );
  const verifier = new Verifier(SIGNING_SECRETS[0]);
  for (const { text, headers } of bodiesOf('n8n')) {
    const body = verifier.verify(text, headers as Record<string, string>);
    expect(body).toMatchObject({ id: headers['webhook-id'] });
  }
});

test('mistakes in a template are reported at the start, with all others', async () => {
  await using bench = await relayBench();
  const { code, stderr } = await bench.run(['run'], {
    POLL_INTERVAL_SECONDS: 'soon',
    WEBHOOK_A_TEMPLATE_FILE: fileWith('{\n  "token": "hidden",\n  "name": "{{owner.nam}}"\n}\n'),
  });
  expect(code).toBe(78);
  const words = stderr.replaceAll(/\s+/g, ' ');
  expect(words).toContain('there are 2 mistakes in its configuration');
  expect(words).toContain(
    'WEBHOOK_A_TEMPLATE_FILE names a file with mistakes: line 3, column 12: {{owner.nam}} is no field, perhaps {{owner.name}}.',
  );
  expect(words).not.toContain('hidden');
});
