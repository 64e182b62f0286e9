import { ReplyError } from 'ioredis';
import { describe, expect, test } from 'vitest';
import { mistakeIn, mistakeInAnswers, type PortAnswer } from '../../src/redis/redis-mistakes.ts';

const coded = (code: string) => Object.assign(new Error('connect 10.0.0.7'), { code });
const ofNode = (error: Error) =>
  Object.assign(new Error('Failed to refresh slots cache.'), { lastNodeError: error });
const SENTINELS = 'All sentinels are unreachable. Retrying from scratch after 50ms.';

/** Errors as Redis 7.0 and 6.2, ioredis 6, Node 24 and Dragonfly word them. */
test.each<[string | null, Error, string]>([
  ['cluster_node', new ReplyError('MOVED 5798 10.0.0.7:6380'), 'rite redis+cluster://'],
  ['cluster_node', new ReplyError('ERR SELECT is not allowed in cluster mode'), 'redis+cluster'],
  [
    'no_cluster',
    ofNode(new ReplyError('ERR This instance has cluster support disabled')),
    'rite redis:// instead of redis+cluster://',
  ],
  ['no_cluster', ofNode(new ReplyError("ERR unknown command 'cluster', with args")), 'redis://'],
  [
    'no_sentinel',
    new Error(`${SENTINELS} Last error: ERR unknown command 'sentinel', with args beginning with:`),
    'rite redis://',
  ],
  ['unknown_master', new Error(SENTINELS), '`sentinel monitor`'],
  [
    'unknown_master',
    new Error(`${SENTINELS} Last error: ERR No such master with that name`),
    '`sentinel monitor`',
  ],
  [null, new Error(`${SENTINELS} Last error: connect ECONNREFUSED 10.0.0.7:1`), ''],
  [null, new Error(`${SENTINELS} Last error: NOAUTH Authentication required.`), ''],
  ['protected_mode', new ReplyError('DENIED Redis is running in protected mode'), 'requirepass'],
  [
    'unknown_command',
    new ReplyError("ERR unknown command 'EVAL', with args beginning with: 'secret'"),
    'Redis lacks the command EVAL,',
  ],
  ['unknown_command', new ReplyError('ERR unknown command `info`, with args'), 'command INFO,'],
  [
    'unknown_command',
    new ReplyError('ERR Unknown Redis command called from script script: 4f2, on @user_script:1.'),
    'rename-command',
  ],
  [
    'undeclared_keys',
    new ReplyError(
      'ERR Error running script (call to f_4f2): script tried accessing undeclared key',
    ),
    '--lock_on_hashtags',
  ],
  ['unknown_ca', coded('SELF_SIGNED_CERT_IN_CHAIN'), 'NODE_EXTRA_CA_CERTS'],
  ['unknown_ca', coded('DEPTH_ZERO_SELF_SIGNED_CERT'), 'NODE_EXTRA_CA_CERTS'],
  ['unknown_ca', coded('UNABLE_TO_VERIFY_LEAF_SIGNATURE'), 'NODE_EXTRA_CA_CERTS'],
  [
    'certificate_name',
    coded('ERR_TLS_CERT_ALTNAME_INVALID'),
    'the name that is in the certificate',
  ],
  ['client_certificate', coded('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'), 'tls-auth-clients no'],
  // These pass: a certificate is renewed, a server comes back.
  [null, coded('CERT_HAS_EXPIRED'), ''],
  [null, coded('ECONNREFUSED'), ''],
  [null, new ReplyError('NOAUTH Authentication required.'), ''],
  [null, new ReplyError('CLUSTERDOWN Hash slot not served'), ''],
  [
    null,
    new Error('Too many Cluster redirections. Last error: ReplyError: MOVED 1 10.0.0.7:1'),
    '',
  ],
  [null, new ReplyError('ERR max number of clients reached'), ''],
  [null, new Error('Connection is closed.'), ''],
])('%s is seen in an error, with what to do: %s', (mistake, error, todo) => {
  const found = mistakeIn(error);
  expect(found?.mistake ?? null).toBe(mistake);
  expect(found?.message ?? '').toContain(todo);
  expect(found?.message ?? '').not.toMatch(/10\.0\.0\.7|secret/);
});

describe('the answers of a port', () => {
  const said = (text: string, closed = false): PortAnswer => ({ text, closed });
  const server = { kind: 'server', tls: false } as const;
  const secure = { kind: 'server', tls: true } as const;
  const PONG = said('+PONG\r\n$3800\r\n# Server');
  const NOTHING = said('', true);
  const HTTP = said('HTTP/1.1 400 Bad Request\r\nConnection: close', true);

  test.each<[string, Parameters<typeof mistakeInAnswers>, string | null, string]>([
    ['a Redis', [server, PONG, null], null, ''],
    ['a Redis that wants a password', [server, said('-NOAUTH needed\r\n-NOAUTH'), null], null, ''],
    ['a Redis that is loading', [server, said('-LOADING Redis is\r\n-LOADING'), null], null, ''],
    ['a Redis with too many clients', [server, said('-ERR max number\r\n', true), null], null, ''],
    ['a Redis that is slow', [server, said('+PONG\r\n'), null], null, ''],
    ['nobody', [server, null, null], null, ''],
    ['a port that accepts and is silent', [server, said(''), null], null, ''],
    ['a port that closes', [server, NOTHING, null], null, ''],
    [
      'protected mode',
      [server, said('-DENIED Redis is running in protected mode\r\n', true), null],
      'protected_mode',
      'requirepass',
    ],
    [
      'a proxy that knows PING alone',
      [server, said('+PONG\r\n', true), null],
      'proxy',
      'behind it',
    ],
    ['TLS only', [server, NOTHING, PONG], 'tls_only', 'rediss:// instead of redis://'],
    ['TLS only, with a certificate', [server, said('\x15\x03\x01'), NOTHING], 'tls_only', 'rediss'],
    [
      'Sentinels with TLS',
      [{ kind: 'sentinel', tls: false }, NOTHING, PONG],
      'tls_only',
      'rediss+sentinel:// instead of redis+sentinel://',
    ],
    ['a Redis without TLS', [secure, null, PONG], 'no_tls', 'redis:// instead of rediss://'],
    [
      'a Redis that refuses its client after the handshake',
      [
        secure,
        { ...NOTHING, error: coded('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED') },
        said('', true),
      ],
      'client_certificate',
      'tls-auth-clients no',
    ],
    [
      'a Redis that breaks off',
      [secure, { ...NOTHING, error: coded('ECONNRESET') }, null],
      null,
      '',
    ],
    ['nobody with TLS', [secure, null, null], null, ''],
    ['a web server', [server, HTTP, null], 'not_redis', 'a web server'],
    ['a web server asked for TLS', [secure, null, HTTP], 'not_redis', 'a web server'],
    ['an SSH server', [server, said('SSH-2.0-OpenSSH_9.6\r\n'), null], 'not_redis', 'no Redis'],
    ['a mail server', [server, said('220 mail ESMTP\r\n'), null], 'not_redis', 'no Redis'],
    ['a POP server', [server, said('+OK ready\r\n-ERR'), null], 'not_redis', 'no Redis'],
  ])('of %s', (_, answers, mistake, todo) => {
    const found = mistakeInAnswers(...answers);
    expect(found?.mistake ?? null).toBe(mistake);
    expect(found?.message ?? '').toContain(todo);
  });
});
