import { describe, expect, test } from 'vitest';
import { readConfig } from '../../../src/config/env.ts';
import { configOf } from '../../helpers/config-of.ts';

type Kind = 'slack' | 'discord' | 'teams' | 'telegram' | 'googlechat' | 'ntfy' | 'http' | 'plain';

// What its type needs in a URL.
const URLS: Partial<Record<Kind, string>> = {
  telegram: 'https://api.telegram.org/bot1:x/sendMessage?chat_id=1',
  googlechat: 'https://chat.googleapis.com/v1/spaces/A/messages?key=x&token=x',
};

const envOf = (kind: Kind, PING: string) => ({
  WEBHOOK_A_TYPE: kind === 'plain' ? 'slack' : kind,
  WEBHOOK_A_PLAIN: String(kind === 'plain'),
  WEBHOOK_A_PING: PING,
  WEBHOOK_A_URL: URLS[kind] ?? 'https://a.example/path',
});

const ENTRA = '87d349ed-44d7-43e1-9a83-5f2406dee5bd';
const GUEST = "dana_o'hara-example.com#EXT#@contoso.onmicrosoft.com";

test.each<[Kind, string, readonly string[]]>([
  ['slack', '@here', ['all here']],
  ['slack', '@CHANNEL, @everyone', ['all channel', 'all everyone']],
  [
    'slack',
    'U012AB3CD, W012AB3CD,, <@U045EF6GH>, S012AB3CD',
    ['user U012AB3CD', 'user W012AB3CD', 'user U045EF6GH', 'group S012AB3CD'],
  ],
  ['slack', 'U012AB3CD, U012AB3CD', ['user U012AB3CD']],
  ['discord', '@everyone, "@here"', ['all everyone', 'all here']],
  [
    'discord',
    '<@80351110224678912>, <@!80351110224678914>, <@&80351110224678913>',
    ['user 80351110224678912', 'user 80351110224678914', 'group 80351110224678913'],
  ],
  [
    'teams',
    `anna@example.com, ${ENTRA}, ${GUEST}`,
    ['user anna@example.com', `user ${ENTRA}`, `user ${GUEST}`],
  ],
  ['telegram', '@anna_b, 1234567890', ['user anna_b', 'user 1234567890']],
  [
    'googlechat',
    '@all, <users/123456789012345678901>',
    ['all everyone', 'user 123456789012345678901'],
  ],
  ['ntfy', 'high, MAX', ['all here', 'all everyone']],
  ['plain', '@here, @anna.b, @all', ['user here', 'user anna.b', 'user all']],
])('a webhook for %s pings %s', (kind, text, expected) => {
  const [webhook] = configOf(envOf(kind, text)).webhooks;
  const pings = webhook?.pings.map((ping) =>
    ping.kind === 'all' ? `all ${ping.range}` : `${ping.kind} ${ping.id}`,
  );
  expect(pings).toEqual(expected);
});

describe('a mistake in a ping', () => {
  const of = (service: string) => `is no id of ${service}: it pings by ids, not by names`;
  test.each<[Kind, string, string, string]>([
    ['slack', '@anna', `has "@anna", which ${of('Slack')}`, '"Copy member ID" in the profile'],
    ['slack', 'U012AB3CD, anna', `has "anna", which ${of('Slack')}`, 'such as U012AB3CD'],
    ['slack', 'susanne1', `has "susanne1", which ${of('Slack')}`, '@here, @channel, @everyone'],
    ['slack', '<!channel>', `has "<!channel>", which ${of('Slack')}`, 'such as S012AB3CD'],
    ['slack', 'U012AB3CD U045EF6GH', `has "U012AB3CD U045EF6GH", which ${of('Slack')}`, '@here'],
    [
      'discord',
      '80351110224678912',
      'has "80351110224678912", which may be a user or a role: write <@80351110224678912> or <@&80351110224678912>',
      'once the developer mode is on',
    ],
    ['telegram', '@everyone', 'which names nobody: Telegram pings single people', '@names'],
    ['telegram', 'Anna', 'is neither an @name nor the id', 'which are numbers'],
    ['googlechat', '@here', of('Google Chat'), '@all, or <users/id>'],
    ['ntfy', '@here', 'is no priority', 'high or max'],
    ['discord', '@anna', `has "@anna", which ${of('Discord')}`, '<@id> for a user'],
    ['discord', '@channel', 'has "@channel", which Discord calls @everyone', '@everyone'],
    ['discord', '<@123> @here', `has "<@123> @here", which ${of('Discord')}`, '@everyone'],
    [
      'teams',
      '@channel',
      'has "@channel", which names nobody: Teams lets flows ping people only, by their sign-in names or ids',
      'anna@example.com (UPN)',
    ],
    [
      'teams',
      'Anna B.',
      'has "Anna B.", which is neither the sign-in name of a person nor an id',
      'object ids of Microsoft Entra',
    ],
    ['teams', '</at>@x.example', 'has "</at>@x.example", which is neither', 'anna@example.com'],
    ['plain', 'U012AB3CD', 'has "U012AB3CD", which is no user name such as @anna', '@all'],
    ['plain', '@anna](https://x', 'has a value that looks like a secret, which is no', '@all'],
    [
      'http',
      '@here',
      'is set, but webhooks of type http have nobody to ping',
      'pings for webhooks of type slack, discord, teams, telegram, googlechat, ntfy only',
    ],
    [
      'discord',
      '@here, anna, @channel',
      'has "anna", which is no id of Discord: it pings by ids, not by names; has "@channel", which Discord calls @everyone',
      '@here, @everyone, <@id>',
    ],
    ['slack', ',', 'has no entry', '@here, @channel or ids, in the form of the service'],
  ])('of %s: %s', (kind, text, problem, allowed) => {
    expect(mistakesOf(envOf(kind, text))).toEqual([
      {
        variable: 'WEBHOOK_A_PING',
        problem: expect.stringContaining(problem) as string,
        allowed: expect.stringContaining(allowed) as string,
      },
    ]);
  });

  test('is one in the plain text of Slack itself, which finds no pings there', () => {
    const WEBHOOK_A_URL = 'https://hooks.slack.com/services/T0/B0/x';
    expect(mistakesOf({ ...envOf('plain', '@here'), WEBHOOK_A_URL })).toMatchObject([
      { problem: 'is set, but Slack pings nobody by plain text' },
    ]);
  });
});

function mistakesOf(env: Record<string, string>) {
  const reading = readConfig(
    { GROOUPLY_API_KEY: 'key', WEBHOOK_A_URL: 'https://a.example/', ...env },
    { readFile: () => '', stdoutIsTty: false },
  );
  return reading.ok ? [] : reading.error;
}
