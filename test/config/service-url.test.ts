import { describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config/env.ts';

function mistakesOf(url: string, type?: string) {
  const env = { GROOUPLY_API_KEY: 'key', WEBHOOK_A_URL: url, WEBHOOK_A_TYPE: type };
  const reading = readConfig(env, { readFile: () => url, stdoutIsTty: false });
  return reading.ok ? [] : reading.error;
}

describe('a URL of a service that takes no messages', () => {
  test.each([
    ['https://hooks.slack.com/triggers/T0/1/hidden', 'starts a workflow', '/services/'],
    ['https://hooks.slack.com/workflows/T0/A0/1/hidden', 'starts a workflow', '_TYPE=http and a'],
    ['https://hooks.slack-gov.com/triggers/T0/1/hidden', 'starts a workflow', '/services/'],
    ['https://hooks.slack.com/services/T0/hidden', 'is not the whole URL', 'three parts'],
    ['https://hooks.slack.com/services/T0/B0/hidden/more', 'is not the whole URL', 'three parts'],
    ['https://hooks.slack.com/services/', 'is not the whole URL', 'three parts'],
    ['https://hooks.slack.com', 'is not the whole URL', 'three parts'],
    ['https://hooks.slack.com/services/XXX/YYY/ZZZ', 'still has a placeholder', 'three parts'],
    [
      'https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX',
      'still has a placeholder',
      'three parts',
    ],
    ['https://app.slack.com/client/T0/hidden', 'is a page or the API', '/services/'],
    ['https://acme.slack.com/archives/hidden', 'is a page or the API', '/services/'],
    ['https://slack.com/api/chat.postMessage', 'is a page or the API', '/services/'],
    ['https://discord.com/api/webhooks/1/hidden/slack', 'is an endpoint', 'without /slack'],
    ['https://discord.com/api/webhooks/1/hidden/slack/', 'is an endpoint', 'without /slack'],
    ['https://canary.discord.com/api/webhooks/1/hidden/github', 'is an endpoint', '/github'],
    ['https://discord.com/api/webhooks/1', 'is not the whole URL', 'the token'],
    ['https://discord.com/channels/1/2', 'is not the whole URL', 'the token'],
    ['https://discord.gg/hidden', 'is a page of Discord', 'the token'],
    ['https://teams.microsoft.com/l/channel/hidden', 'is a link to Teams', 'a flow'],
    ['https://teams.cloud.microsoft/l/channel/hidden', 'is a link to Teams', 'a flow'],
    ['https://make.powerautomate.com/environments/hidden', 'is a page of Power', '/triggers/'],
    ['https://us.flow.microsoft.com/manage/hidden', 'is a page of Power', '/triggers/'],
    [
      'https://prod-1.westus.logic.azure.com/workflows/1/triggers/manual/paths/invoke?api-version=1',
      'has no sig=',
      'sig= in it',
    ],
    ['https://t.me/hidden', 'is a link to a chat', '/sendMessage?chat_id='],
    ['https://web.telegram.org/k/#-100', 'is a link to a chat', '/sendMessage?chat_id='],
    ['https://api.telegram.org/bot123:hidden', 'is not the whole URL', '/sendMessage?chat_id='],
    ['https://api.telegram.org/123:hidden/sendMessage?chat_id=1', 'is not the whole', '/bot'],
    ['https://api.telegram.org/bot123:hidden/getUpdates', 'is not the whole URL', '/sendMessage'],
    ['https://api.telegram.org/bot123:hidden/sendMessage', 'has no chat_id=', '?chat_id='],
    ['https://api.telegram.org/bot123:hidden/sendMessage?chat_id=sales', 'neither', '@name'],
    ['https://chat.google.com/room/hidden', 'is a page of Google Chat', 'token='],
    ['https://mail.google.com/chat/u/0/#chat/space/hidden', 'is a page of Google', 'token='],
    ['https://chat.googleapis.com/v1/spaces/hidden', 'is not the whole URL', 'token='],
    ['https://chat.googleapis.com/v1/spaces/hidden/messages?key=x', 'lacks token=', 'token='],
    ['https://ntfy.sh', 'names no topic', 'the topic'],
    ['https://ntfy.sh/hidden/json', 'names no topic, or something', 'the topic'],
    ['https://ntfy.sh/hidden,other', 'names no topic', 'the topic'],
    ['https://ntfy.sh/docs/publish', 'is a page of ntfy', 'the topic'],
    ['http://ntfy.sh/hidden', 'begins with http://', 'https://'],
    ['http://hooks.slack.com/services/T0/B0/hidden', 'begins with http://', 'https://'],
    ['http://discord.com/api/webhooks/1/hidden', 'begins with http://', 'https://'],
    ['http://a.webhook.office.com/webhookb2/hidden', 'begins with http://', 'https://'],
  ])('is a mistake: %s', (url, problem, allowed) => {
    const mistakes = mistakesOf(url);
    expect(mistakes).toEqual([
      {
        variable: 'WEBHOOK_A_URL',
        problem: expect.stringContaining(problem),
        allowed: expect.stringContaining(allowed),
      },
    ]);
    expect(JSON.stringify(mistakes)).not.toContain('hidden');
    expect(mistakesOf(url, 'http')).toEqual([]);
  });

  test('is a mistake for another type than its own, too', () => {
    const url = 'https://discord.com/api/webhooks/1/hidden/slack';
    expect(mistakesOf(url, 'slack')).toMatchObject([{ variable: 'WEBHOOK_A_URL' }]);
  });

  test.each([
    ['telegram', 'http://localhost:8081/bot1:hidden/sendMessage', 'has no chat_id='],
    ['googlechat', 'https://gateway.example.com/hidden', 'is not the whole URL'],
    ['ntfy', 'https://ntfy.example.com/', 'names no topic'],
    ['teams', 'https://gateway.example.com/triggers/hidden', 'has no sig='],
  ])('is a mistake on any host for the type %s', (type, url, problem) => {
    expect(mistakesOf(url, type)).toMatchObject([{ problem: expect.stringContaining(problem) }]);
  });

  test('is a mistake of the file that holds it', () => {
    const env = { GROOUPLY_API_KEY: 'key', WEBHOOK_A_URL_FILE: '/secrets/url' };
    const readFile = () => 'https://discord.com/api/webhooks/1/hidden/slack\n';
    expect(readConfig(env, { readFile, stdoutIsTty: false })).toMatchObject({
      error: [{ variable: 'WEBHOOK_A_URL_FILE' }],
    });
  });
});

test.each([
  'https://hooks.slack.com/services/T0/B0/token',
  'https://hooks.slack.com./services/T0/B0/token/',
  'https://discord.com/api/webhooks/1/to-ken_2?thread_id=3',
  'https://ptb.discord.com/api/v10/webhooks/1/token',
  'https://prod-1.westus.logic.azure.com:443/workflows/1/triggers/manual/paths/invoke?sig=x%2F',
  'https://make.powerautomate.com/x/triggers/manual/paths/invoke?sig=x',
  'https://chat.example.com/hooks/slack',
  'https://example.com/api/webhooks/1/x/slack',
  'https://api.telegram.org/bot123:to-ken_2/sendMessage?chat_id=-100&message_thread_id=7',
  'https://api.telegram.org/bot123:token/sendmessage?chat_id=@sales',
  'https://chat.googleapis.com/v1/spaces/A/messages?key=x&token=y%3D',
  'https://ntfy.sh/my_topic-2',
  'https://ntfy.example.com/',
  'http://127.0.0.1:3000/',
])('a URL that takes messages is none: %s', (url) => {
  expect(mistakesOf(url)).toEqual([]);
});
