/** Where a Redis listens, or one of its Sentinels. An address of version 6 has no brackets. */
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

/** One Redis, a master that Sentinels watch, or a Redis Cluster: what a Redis URL says. */
export type RedisAddress = Access &
  (
    | { readonly kind: 'server'; readonly server: HostAndPort; readonly db: number }
    | {
        readonly kind: 'sentinel';
        readonly sentinels: readonly HostAndPort[];
        /** The name that the Sentinels know the master by. */
        readonly master: string;
        readonly db: number;
        /** Secret: what the Sentinels themselves ask for, where they do. */
        readonly sentinelPassword?: string;
      }
    | { readonly kind: 'cluster'; readonly nodes: readonly HostAndPort[] }
  );

/** What came of reading a Redis URL. `problem` repeats no part of it: it may hold a password. */
export type RedisUrlReading =
  | { readonly ok: true; readonly address: RedisAddress }
  | { readonly ok: false; readonly problem: string };

const REDIS_PORT = 6379;
const SENTINEL_PORT = 26_379;
const MAX_REDIS_DB = 65_535;
const NOT_DECODABLE = 'has a "%" in its user name or password that is not percent-encoding';

/**
 * Reads `redis://[user:password@]host[:port][/database]`,
 * `redis+sentinel://[user:password@]host[:port],.../master[/database][?sentinelPassword=...]` and
 * `redis+cluster://[user:password@]host[:port],...`, each also with `rediss` for TLS. The first is
 * the form of https://www.iana.org/assignments/uri-schemes/prov/redis; for the others there is no
 * common one. Nothing else can stand in a query: it could undo what BullMQ relies on.
 */
export function parseRedisUrl(text: string): RedisUrlReading {
  const [begin, tls, topology] = /^redis(s?)(?:\+(sentinel|cluster))?:\/\//i.exec(text) ?? [];
  if (begin === undefined) return refuse('begins with no scheme of a Redis');
  const [, authority = '', path = '', extra = ''] =
    /^([^/?#]*)([^?#]*)(.*)$/su.exec(text.slice(begin.length)) ?? [];
  const kind = topology?.toLowerCase() ?? 'server';

  const at = authority.lastIndexOf('@');
  const hosts = authority.slice(at + 1);
  const list = kind === 'server' ? [hosts] : hosts.split(',');
  const addresses: HostAndPort[] = [];
  for (const each of list) {
    const address = hostAndPort(each, kind === 'sentinel' ? SENTINEL_PORT : REDIS_PORT);
    if (typeof address === 'string') return refuse(address);
    addresses.push(address);
  }
  const [first] = addresses;
  if (first === undefined) return refuse('has no valid host');

  const credentials = credentialsOf(authority.slice(0, Math.max(0, at)));
  if (credentials === null) return refuse(NOT_DECODABLE);
  const access: Access = { tls: tls !== '', ...credentials };
  const accept = (address: RedisAddress): RedisUrlReading => ({ ok: true, address });

  if (kind === 'sentinel') {
    const [, secret] = /^\?sentinelPassword=([^&#]+)$/.exec(extra) ?? [];
    if (extra !== '' && secret === undefined) {
      return refuse('has a fragment, or something else than sentinelPassword in its query');
    }
    const [, master, db = '0'] = /^\/([\w.-]+)(?:\/(\d{1,5})?)?$/.exec(path) ?? [];
    if (master === undefined || Number(db) > MAX_REDIS_DB) {
      return refuse(
        "has something else than the master's name and a database number after the hosts",
      );
    }
    const sentinelPassword = secret === undefined ? undefined : decoded(secret);
    if (sentinelPassword === null) return refuse(NOT_DECODABLE);
    return accept({
      kind,
      ...access,
      sentinels: addresses,
      master,
      db: Number(db),
      ...(sentinelPassword !== undefined && { sentinelPassword }),
    });
  }
  if (extra !== '') return refuse('has a query or a fragment');
  if (kind === 'cluster') {
    if (!/^\/?0?$/.test(path)) return refuse('has a database: a Redis Cluster has only number 0');
    return accept({ kind, ...access, nodes: addresses });
  }
  if (!/^\/?$|^\/\d{1,5}$/.test(path) || Number(path.slice(1)) > MAX_REDIS_DB) {
    return refuse('has something else than a database number after the host');
  }
  return accept({ kind: 'server', ...access, server: first, db: Number(path.slice(1)) });
}

function refuse(problem: string): RedisUrlReading {
  return { ok: false, problem };
}

/** One host and its port, or what is wrong with them. */
function hostAndPort(text: string, defaultPort: number): HostAndPort | string {
  if (text === '') return 'has no valid host';
  // Node's own error for an invalid URL repeats the URL, so it is not used.
  const url = URL.parse(`redis://${text}`);
  if (url === null) return 'is not a valid URL: its host, port or password is malformed';
  if (!/^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])$/.test(url.hostname)) return 'has no valid host';
  if (url.port === '0') return 'has the port 0';
  return {
    host: url.hostname.replaceAll(/[[\]]/g, ''),
    port: url.port === '' ? defaultPort : Number(url.port),
  };
}

/** The user name and the password, both only if they are there; null if they can't be decoded. */
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
