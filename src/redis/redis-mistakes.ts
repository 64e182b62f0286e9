import { ReplyError } from 'ioredis';
import type { RedisAddress } from '../config/addresses.ts';
import { NAME_AUTHORITY, UNKNOWN_AUTHORITY } from '../domain/authority.ts';
import { ExplainedError, type Explanation } from '../domain/explanation.ts';

/** A Redis that the relay can't work with, however long it waits. */
export class RedisUnfitError extends ExplainedError {
  override readonly name = 'RedisUnfitError';
  /** A name for logs and for scripts that read `check --json`. It does not change. */
  readonly mistake: string;

  constructor(mistake: string, explanation: Required<Explanation>) {
    super(explanation);
    this.mistake = mistake;
  }
}

interface Row {
  /** The code of the error, or the text that Redis or ioredis gives it. */
  readonly when: RegExp;
  readonly mistake: string;
  readonly what: string;
  readonly todo: string;
}

const ROWS: readonly Row[] = [
  {
    when: /^MOVED |^ERR SELECT is not allowed in cluster mode/,
    mistake: 'cluster_node',
    what: 'this Redis is a node of a Cluster',
    todo: 'write redis+cluster:// instead of redis:// in REDIS_URL (rediss+cluster:// for TLS), without a database number',
  },
  {
    when: /^ERR (This instance has cluster support disabled|unknown command ['`"]?cluster\b)/i,
    mistake: 'no_cluster',
    what: 'this Redis is a single server, not a Cluster',
    todo: 'write redis:// instead of redis+cluster:// in REDIS_URL (rediss:// for TLS)',
  },
  {
    when: /^All sentinels are unreachable.* Last error: ERR unknown command ['`"]?sentinel\b/i,
    mistake: 'no_sentinel',
    what: 'REDIS_URL names a Redis server where it should name a Sentinel',
    todo: 'write redis:// without the name of the master, or the port of the Sentinels (26379)',
  },
  {
    when: /^All sentinels are unreachable(.* Last error: ERR No such master|(?!.* Last error: ))/,
    mistake: 'unknown_master',
    what: 'the Sentinels of REDIS_URL know no master of that name',
    todo: 'write the name that their line `sentinel monitor` gives it',
  },
  {
    when: /^DENIED /,
    mistake: 'protected_mode',
    what: 'Redis is in protected mode: it refuses other machines',
    todo: 'set requirepass in redis.conf, and put the password into REDIS_URL',
  },
  {
    when: /script tried accessing undeclared key/i,
    mistake: 'undeclared_keys',
    what: 'this Redis lets scripts use no key that is not announced',
    todo: 'start Dragonfly with --cluster_mode=emulated --lock_on_hashtags',
  },
  {
    when: /Unknown Redis command called from/i,
    mistake: 'unknown_command',
    what: "Redis lacks a command that the relay's scripts use",
    todo: 'allow all commands (rename-command in redis.conf), or use another Redis',
  },
  {
    when: UNKNOWN_AUTHORITY,
    mistake: 'unknown_ca',
    what: "the authority that issued Redis's certificate is unknown here",
    todo: NAME_AUTHORITY,
  },
  {
    when: /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    mistake: 'certificate_name',
    what: "Redis's certificate is for another host name",
    todo: 'write the name that is in the certificate into REDIS_URL',
  },
  {
    when: /^ERR_SSL_\w*(CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE)$/,
    mistake: 'client_certificate',
    what: 'Redis asks for a certificate of its client, and the relay has none',
    todo: 'set tls-auth-clients no in redis.conf, and use a password',
  },
];

const PARSER_ERROR = /Please report this\.$/;

/**
 * Makes an error that the operator can fix of one that came at the start, if Redis answered it or if
 * its answer is none of Redis's; otherwise null.
 */
export function unfitByAnswer(error: unknown): RedisUnfitError | null {
  if (!(error instanceof Error)) return null;
  // ioredis words the error of its parser so, which repeats what it read.
  if (PARSER_ERROR.test(error.message)) {
    return new RedisUnfitError('not_redis', {
      what: 'REDIS_URL names a program that is no Redis',
      todo: WRONG_PORT,
    });
  }
  const mistake = mistakeIn(error);
  if (mistake !== null || !(error instanceof ReplyError)) return mistake;
  const [word = 'ERR'] = /^[A-Z]{3,20}\b/.exec(error.message) ?? [];
  return new RedisUnfitError('refused', {
    what: `Redis refuses a command of the relay (${word})`,
    todo: 'see its own log for more',
  });
}

// Redis repeats the command and its arguments: no more than a name is taken from there.
const UNKNOWN_COMMAND = /^ERR unknown command ['`"]?([A-Za-z]{2,20})\b/;

/**
 * Recognizes by an error of Redis or of its connection that REDIS_URL or the Redis itself is set up
 * wrongly, so that waiting does not help; null for every other error.
 */
export function mistakeIn(
  error: Error & { readonly code?: unknown; readonly lastNodeError?: unknown },
): RedisUnfitError | null {
  if (error instanceof RedisUnfitError) return error;
  if (error.lastNodeError instanceof Error) return mistakeIn(error.lastNodeError);
  const text = typeof error.code === 'string' ? error.code : error.message;
  const row = ROWS.find(({ when }) => when.test(text));
  if (row !== undefined) return new RedisUnfitError(row.mistake, row);
  const [, command] = UNKNOWN_COMMAND.exec(text) ?? [];
  if (command === undefined) return unfitDatabase(error);
  return new RedisUnfitError('unknown_command', {
    what: `Redis lacks the command ${command.toUpperCase()}, which the relay needs`,
    todo: 'allow it (rename-command in redis.conf), or use another Redis',
  });
}

function unfitDatabase(error: Error): RedisUnfitError | null {
  if (!isRefusedSelect(error)) return null;
  const [database] = error.command.args;
  return new RedisUnfitError(
    'no_database',
    /out of range/.test(error.message)
      ? {
          what: `Redis has no database ${String(database)}, which REDIS_URL asks for`,
          todo: 'choose a smaller number, or raise databases in redis.conf',
        }
      : {
          what: `Redis refuses database ${String(database)}, which REDIS_URL asks for`,
          todo: 'allow its user the command SELECT, or leave the number out',
        },
  );
}

/** Returns true if SELECT was refused for another reason than authentication or loading. */
export function isRefusedSelect(
  error: Error,
): error is Error & { command: { args: readonly unknown[] } } {
  if (!(error instanceof ReplyError) || /^(NOAUTH|LOADING) /.test(error.message)) return false;
  return (error as { command?: { name?: string } }).command?.name === 'select';
}

const WRONG_PORT = 'correct its host and port (Redis usually listens on 6379)';

/** The first bytes of a port's answer to PING and INFO. */
export interface PortAnswer {
  /** Empty if nothing came. */
  readonly text: string;
  /** True if the other side closed the connection. */
  readonly closed: boolean;
  /** The error that ended the connection, if one did. */
  readonly error?: Error | undefined;
}

/**
 * Explains why a port can't be the Redis of this URL, by its answers; null if it can be.
 *
 * @param asWritten the answer with TLS or without, as the URL says; null if no connection came about
 * @param otherwise the answer the other way round; null also if nobody asked
 */
export function mistakeInAnswers(
  { kind, tls }: Pick<RedisAddress, 'kind' | 'tls'>,
  asWritten: PortAnswer | null,
  otherwise: PortAnswer | null,
): RedisUnfitError | null {
  const ended = asWritten?.error === undefined ? null : mistakeIn(asWritten.error);
  if (ended !== null) return ended;
  if (isOfRedis(asWritten)) {
    const { text, closed } = asWritten;
    if (text.startsWith('-')) return mistakeIn(new Error(text.slice(1)));
    if (!closed || text.indexOf('\r\n') < text.length - 2) return null;
    return new RedisUnfitError('proxy', {
      what: 'REDIS_URL names a proxy that does not pass on every command',
      todo: 'name the Redis behind it',
    });
  }
  const scheme = (secure: boolean): string =>
    `redis${secure ? 's' : ''}${kind === 'server' ? '' : `+${kind}`}://`;
  if (tls ? isOfRedis(otherwise) : otherwise !== null) {
    return new RedisUnfitError(tls ? 'no_tls' : 'tls_only', {
      what: tls
        ? 'the port of REDIS_URL does not speak TLS'
        : 'the port of REDIS_URL speaks nothing but TLS',
      todo: `write ${scheme(!tls)} instead of ${scheme(tls)}, or name another port`,
    });
  }
  const heard = [asWritten, otherwise].find((answer) => answer !== null && answer.text !== '');
  if (heard === undefined) return null;
  return new RedisUnfitError('not_redis', {
    what: heard?.text.startsWith('HTTP/')
      ? 'REDIS_URL names a web server, not a Redis'
      : 'REDIS_URL names a program that is no Redis',
    todo: WRONG_PORT,
  });
}

/** Returns true for an answer in Redis's protocol (https://redis.io/docs/latest/develop/reference/protocol-spec/). */
export function isOfRedis(answer: PortAnswer | null): answer is PortAnswer {
  return answer !== null && /^(\+PONG\r\n|-[A-Z]{2,20} )/.test(answer.text);
}
