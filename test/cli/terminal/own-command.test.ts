import { expect, test } from 'vitest';
import { ownCommand } from '../../../src/cli/terminal/own-command.ts';

test.each<[string, string | undefined, string, string, string[]?]>([
  ['npm run cli', 'cli', '/opt/relay/dist/main.js', 'npm run cli -- failed list'],
  ['npm start', 'start', '/opt/relay/dist/main.js', 'npm run cli -- failed list'],
  ['npx', 'npx', '/opt/relay/node_modules/.bin/mention-relay', 'npx mention-relay failed list'],
  ['its name', undefined, '/usr/local/bin/mention-relay', 'mention-relay failed list'],
  ['node', undefined, '/opt/relay/dist/main.js', 'node dist/main.js failed list'],
  ['node elsewhere', undefined, '/srv/dist/main.js', 'node /srv/dist/main.js failed list'],
  [
    'node with an env file',
    undefined,
    '/opt/relay/dist/main.js',
    'node --env-file=/etc/relay.env dist/main.js failed list',
    ['node', '--env-file=/etc/relay.env'],
  ],
])(
  'a hint names a command as the user can type it after %s',
  (_, npmScript, script, expected, node = ['node']) => {
    const env = { npm_lifecycle_event: npmScript };
    expect(ownCommand('failed list', { env, node, script, cwd: '/opt/relay' })).toBe(expected);
  },
);
