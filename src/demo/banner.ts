import { styleText } from 'node:util';
import { POLL_INTERVAL_SECONDS } from './relay-environment.ts';
import type { DemoRedis } from './relay-environment.ts';

/** What the demo says when it starts, with colours where stdout shows them. */
export function banner(demo: {
  readonly inboxUrl: URL;
  readonly apiUrl: URL;
  readonly mentionsPerMinute: number;
  readonly redis: DemoRedis;
  /** The port that was asked for, if it was taken. */
  readonly takenPort: number | null;
}): string {
  const { inboxUrl, apiUrl, mentionsPerMinute, redis, takenPort } = demo;
  const bold = (text: string) => styleText('bold', text);
  const dim = (text: string) => styleText('dim', text);
  const where =
    redis.kind === 'embedded'
      ? 'an embedded Redis in a temporary folder'
      : `your Redis (REDIS_URL), every key under ${redis.prefix}`;
  const rows: readonly (readonly [string, string])[] = [
    ['Sandbox', `Groouply's API at ${apiUrl.href}, ${mentionsPerMinute} made-up mentions a minute`],
    ['Relay', `the real daemon, polls every ${POLL_INTERVAL_SECONDS} s; ${where}`],
    [
      'Webhooks',
      'SALES (Slack), COMMUNITY (Discord), OFFICE (Teams) and CRM (signed JSON), all to the inbox',
    ],
  ];
  const lines = [
    '',
    `  ${bold('mention-relay demo')}`,
    '',
    ...rows.map(([name, what]) => `  ${name.padEnd(10)}${dim(what)}`),
    '',
    ...(takenPort === null
      ? []
      : [`  Port ${takenPort} is taken, so the inbox is on the next one.`]),
    `  Open ${bold(styleText('cyan', inboxUrl.href))} and watch them arrive.`,
    '',
    '  Ctrl-C ends it all and leaves nothing behind.',
    '  For real: install -m 600 config/example.env .env, fill in your API key and your webhook, npm start.',
    '',
  ];
  return `${lines.join('\n')}\n`;
}
