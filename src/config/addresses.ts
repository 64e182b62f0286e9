import { parseRedisUrl } from './redis-url.ts';
import { quoted } from './mistakes.ts';
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

/**
 * An address of this machine that a server may listen on. Whether it is one is known only when it
 * listens.
 */
export const listenHost: Rule<string> = {
  allowed: 'an IP address without brackets, or a host name, of this machine',
  read: (text) =>
    /^[A-Za-z0-9._:%-]{1,255}$/.test(text)
      ? accept(text)
      : refuse(`is ${quoted(text)}, which is neither an address nor a host name`),
};

/** The URL of a webhook, or of a heartbeat. A fragment is never sent, so it is dropped. */
export const webhookUrl: Rule<URL> = {
  allowed: 'an http:// or https:// URL',
  read: (text) => {
    const reading = webUrl(text);
    if (reading.ok) reading.value.hash = '';
    return reading;
  },
};

/** The URL of a Redis, of the Sentinels that watch one, or of a Redis Cluster. */
export const redisUrl: Rule<string> = {
  allowed:
    'redis://[user:password@]host[:port][/database number], redis+sentinel://[user:password@]host[:port],.../name of the master[/database number] or redis+cluster://[user:password@]host[:port],..., each with rediss for TLS, special characters of the password percent-encoded',
  read: (text) => {
    const reading = parseRedisUrl(text);
    return reading.ok ? accept(text) : refuse(reading.problem);
  },
};

// Node's own error for an invalid URL repeats the URL, so it is not used.
function webUrl(text: string): Reading<URL> {
  if (!/^https?:\/\//i.test(text)) return refuse('begins with neither http:// nor https://');
  const url = URL.parse(text);
  return url === null ? refuse('is not a valid URL') : accept(url);
}
