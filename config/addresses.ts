import { accept, refuse, type Reading, type Rule } from './values.ts';

/**
 * The base URL of Groouply's API, without slashes at its end (a URL without any path keeps the
 * one that the standard gives it).
 */
export const apiUrl: Rule<URL> = {
  allowed: 'an http:// or https:// URL without user name, password, query and fragment',
  read: (text) => {
    const reading = webUrl(text);
    if (!reading.ok) return reading;
    const url = reading.value;
    if (url.username !== '' || url.password !== '') {
      return refuse('has a user name or a password in it');
    }
    // Not `search` and `hash`: they are empty for a bare `?` or `#` too.
    if (/[?#]/.test(url.href)) return refuse('has a query or a fragment');
    url.pathname = url.pathname.replace(/\/+$/, '');
    return accept(url);
  },
};

/** The URL of a webhook. A fragment is never sent, so it is dropped. */
export const webhookUrl: Rule<URL> = {
  allowed: 'an http:// or https:// URL',
  read: (text) => {
    const reading = webUrl(text);
    if (reading.ok) reading.value.hash = '';
    return reading;
  },
};

const MAX_REDIS_DB = 65_535;

/**
 * The URL of a Redis, as ioredis reads it: scheme, credentials, host, port, and the database's
 * number as the path. ioredis would take a query as connection options, which could undo what
 * BullMQ relies on, so there can be none.
 */
export const redisUrl: Rule<string> = {
  allowed:
    'redis:// or rediss:// (TLS), then [user:password@]host[:port][/database number], special characters of the password percent-encoded',
  read: (text) => {
    if (!/^rediss?:\/\//i.test(text)) return refuse('begins with neither redis:// nor rediss://');
    const url = URL.parse(text);
    if (url === null) return refuse('is not a valid URL: its host, port or password is malformed');
    if (!/^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])$/.test(url.hostname)) {
      return refuse('has no valid host');
    }
    if (url.port === '0') return refuse('has the port 0');
    if (/[?#]/.test(text)) return refuse('has a query or a fragment');
    if (!/^\/?$|^\/\d{1,5}$/.test(url.pathname) || Number(url.pathname.slice(1)) > MAX_REDIS_DB) {
      return refuse('has something else than a database number after the host');
    }
    return canDecode(url.username) && canDecode(url.password)
      ? accept(text)
      : refuse('has a "%" in its user name or password that is not percent-encoding');
  },
};

// Node's own error for an invalid URL repeats the URL, so it is not used.
function webUrl(text: string): Reading<URL> {
  if (!/^https?:\/\//i.test(text)) return refuse('begins with neither http:// nor https://');
  const url = URL.parse(text);
  return url === null ? refuse('is not a valid URL') : accept(url);
}

function canDecode(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
