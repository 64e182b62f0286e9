import { z } from 'zod';
import { failure, success, type Result } from '../domain/result.ts';
import { refuse, shown, withoutUnseen, type Rule } from './rules.ts';

const STRAY_PERCENT = 'has a "%" that begins no percent-encoding: write %25 for a "%"';
// What stands around a URL in a text or a template, and never in one (RFC 3986, appendix C).
const NOT_IN_URLS = /[<>{}"\\^`|]/;

// core.telegram.org/bots/api, "Authorizing your bot".
const BOT_TOKEN = /^(?:bot)?\d{6,}:[\w-]{30,}$/i;

const webUrl = withoutUnseen
  .refine(
    (text) => !BOT_TOKEN.test(text),
    'is the token of a Telegram bot: put https://api.telegram.org/bot in front of it, and /sendMessage?chat_id= with the chat behind it',
  )
  .refine((text) => !NOT_IN_URLS.test(text), {
    error: ({ input }) =>
      `has the character ${NOT_IN_URLS.exec(input as string)?.[0] ?? ''} in it, which no URL has`,
  })
  .regex(/^https?:\/\//i, 'begins with neither http:// nor https://')
  .regex(/[^,;']$/, 'ends with a comma, a semicolon or an apostrophe')
  .regex(/^([^%]|%[0-9a-f]{2})*$/i, STRAY_PERCENT)
  // Node's own error for an invalid URL repeats the URL, so it is not used.
  .transform((text, context) => URL.parse(text) ?? refuse(context, 'is not a valid URL'))
  .refine(
    ({ username, password }) => decoded(username) !== null && decoded(password) !== null,
    'has a user name or a password that is not percent-encoded UTF-8',
  );

/** The URL of a webhook, or of a heartbeat. A fragment is never sent, so it is dropped. */
export const webhookUrl: Rule<URL> = webUrl
  .transform((url) => {
    url.hash = '';
    return url;
  })
  .describe('an http:// or https:// URL');

/**
 * The base URL of Groouply's API, without slashes at its end (a URL without any path keeps the
 * slash that the standard gives it).
 */
export const apiUrl: Rule<URL> = webUrl
  .refine(
    (url) => url.username === '' && url.password === '',
    'has a user name or a password in it',
  )
  // Not `search` and `hash`: they are empty for a bare `?` or `#` too.
  .refine((url) => !/[?#]/.test(url.href), 'has a query or a fragment')
  .transform((url) => {
    url.pathname = url.pathname.replace(/\/+$/, '');
    return url;
  })
  .describe('an http:// or https:// URL without user name, password, query and fragment');

/**
 * The URL of a proxy. Without a scheme it is an http:// one, as for curl. Node's decoding of the
 * password would throw an error that holds it, so the rule tries that first.
 */
export const proxyUrl: Rule<URL> = z
  .string()
  .transform((text) => (/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`))
  .pipe(z.string().regex(/^https?:\/\//i, 'is neither an http:// nor an https:// proxy'))
  .transform((text, context) => URL.parse(text) ?? refuse(context, 'is not a valid URL'))
  .refine(
    ({ username, password }) => decoded(username) !== null && decoded(password) !== null,
    'has a stray % in its user name or password: write %25',
  )
  .describe('[user:password@]host[:port], with http:// or https:// in front');

/** The hosts that are asked without a proxy. Unknown forms match nothing, as in other programs. */
export const noProxy: Rule<readonly string[]> = z
  .string()
  .transform((text) =>
    text
      .toLowerCase()
      .split(/[\s,]+/)
      .filter((entry) => entry !== ''),
  )
  .describe('a list separated by commas');

/** An address of this machine to listen on. Only listening shows that it is one. */
export const listenHost: Rule<string> = z
  .string()
  .regex(/^[A-Za-z0-9._:%-]{1,255}$/, shown('is neither an address nor a host name'))
  .describe('an IP address without brackets, or a host name, of this machine');

/** The URL of a Redis, of the Sentinels that watch one, or of a Redis Cluster. */
export const redisUrl: Rule<string> = withoutUnseen
  .transform((text, context) => {
    const reading = parseRedisUrl(text);
    return reading.ok ? text : refuse(context, reading.error);
  })
  .describe(
    'redis://[user:password@]host[:port][/database number], redis+sentinel://[user:password@]host[:port],.../name of the master[/database number] or redis+cluster://[user:password@]host[:port],..., each with rediss for TLS, special characters of the password percent-encoded',
  );

/** The place where a Redis or one of its Sentinels listens. An address of version 6 has no brackets. */
export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

interface Access {
  readonly tls: boolean;
  readonly username?: string;
  /** Secret. */
  readonly password?: string;
}

/** One Redis, a master that Sentinels watch, or a Redis Cluster, as a Redis URL names it. */
export type RedisAddress = Access &
  (
    | { readonly kind: 'server'; readonly server: HostAndPort; readonly db: number }
    | {
        readonly kind: 'sentinel';
        readonly sentinels: readonly HostAndPort[];
        /** The name that the Sentinels know the master by. */
        readonly master: string;
        readonly db: number;
        /** Secret: the password of the Sentinels themselves, if they have one. */
        readonly sentinelPassword?: string;
      }
    | { readonly kind: 'cluster'; readonly nodes: readonly HostAndPort[] }
  );

const REDIS_PORT = 6379;
const SENTINEL_PORT = 26_379;
const MAX_REDIS_DB = 65_535;
const NOT_DECODABLE = 'has a "%" in its user name or password that is not percent-encoding';

/**
 * Reads `redis://[user:password@]host[:port][/database]`,
 * `redis+sentinel://[user:password@]host[:port],.../master[/database][?sentinelPassword=...]` and
 * `redis+cluster://[user:password@]host[:port],...`, each also with `rediss` for TLS. The first is
 * the form of https://www.iana.org/assignments/uri-schemes/prov/redis; for the others there is no
 * common one. Nothing else can stand in a query: it could undo what BullMQ relies on. The error
 * repeats no part of the text, which may hold a password.
 */
export function parseRedisUrl(text: string): Result<RedisAddress> {
  const [begin, tls, topology] = /^redis(s?)(?:\+(sentinel|cluster))?:\/\//i.exec(text) ?? [];
  if (begin === undefined) return failure('begins with no scheme of a Redis');
  const [, authority = '', path = '', extra = ''] =
    /^([^/?#]*)([^?#]*)(.*)$/su.exec(text.slice(begin.length)) ?? [];
  const kind = topology?.toLowerCase() ?? 'server';

  const at = authority.lastIndexOf('@');
  const hosts = authority.slice(at + 1);
  const list = kind === 'server' ? [hosts] : hosts.split(',');
  const addresses: HostAndPort[] = [];
  for (const each of list) {
    const address = hostAndPort(each, kind === 'sentinel' ? SENTINEL_PORT : REDIS_PORT);
    if (!address.ok) return address;
    addresses.push(address.value);
  }
  const [first] = addresses;
  if (first === undefined) return failure('has no valid host');

  const credentials = credentialsOf(authority.slice(0, Math.max(0, at)));
  if (credentials === null) return failure(NOT_DECODABLE);
  const access: Access = { tls: tls !== '', ...credentials };

  if (kind === 'sentinel') {
    const [, secret] = /^\?sentinelPassword=([^&#]+)$/.exec(extra) ?? [];
    if (extra !== '' && secret === undefined) {
      return failure('has a fragment, or something else than sentinelPassword in its query');
    }
    const [, master, db = '0'] = /^\/([\w.-]+)(?:\/(\d{1,5})?)?$/.exec(path) ?? [];
    if (master === undefined || Number(db) > MAX_REDIS_DB) {
      return failure(
        "has something else than the master's name and a database number after the hosts",
      );
    }
    const sentinelPassword = secret === undefined ? undefined : decoded(secret);
    if (sentinelPassword === null) return failure(NOT_DECODABLE);
    return success({
      kind,
      ...access,
      sentinels: addresses,
      master,
      db: Number(db),
      ...(sentinelPassword !== undefined && { sentinelPassword }),
    });
  }
  if (extra !== '') return failure('has a query or a fragment');
  if (kind === 'cluster') {
    if (!/^\/?0?$/.test(path)) return failure('has a database: a Redis Cluster has only number 0');
    return success({ kind, ...access, nodes: addresses });
  }
  if (!/^\/?$|^\/\d{1,5}$/.test(path) || Number(path.slice(1)) > MAX_REDIS_DB) {
    return failure('has something else than a database number after the host');
  }
  return success({ kind: 'server', ...access, server: first, db: Number(path.slice(1)) });
}

function hostAndPort(text: string, defaultPort: number): Result<HostAndPort> {
  if (text === '') return failure('has no valid host');
  // Node's own error for an invalid URL repeats the URL, so it is not used.
  const url = URL.parse(`redis://${text}`);
  if (url === null) {
    return failure('is not a valid URL: its host, port or password is malformed');
  }
  if (!/^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])$/.test(url.hostname))
    return failure('has no valid host');
  if (url.port === '0') return failure('has the port 0');
  return success({
    host: url.hostname.replaceAll(/[[\]]/g, ''),
    port: url.port === '' ? defaultPort : Number(url.port),
  });
}

/** Returns the user name and the password, if they are there; null if they can't be decoded. */
function credentialsOf(text: string): { username?: string; password?: string } | null {
  const [user = '', ...rest] = text.split(':');
  const username = decoded(user);
  const password = decoded(rest.join(':'));
  if (username === null || password === null) return null;
  return { ...(username !== '' && { username }), ...(password !== '' && { password }) };
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
