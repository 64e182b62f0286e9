import { BlockList, isIP } from 'node:net';

/** The proxies of the relay's own requests, as HTTP_PROXY, HTTPS_PROXY and NO_PROXY name them. */
export interface ProxySettings {
  /** The proxy of `http://` URLs. Secret: it may hold a password. */
  readonly http: URL | null;
  /** The proxy of `https://` URLs. Secret, too. */
  readonly https: URL | null;
  /** The entries of NO_PROXY, in lower case. */
  readonly noProxy: readonly string[];
}

/** Begins the code of an error at the proxy: `PROXY_407 at proxy.example:3128`. */
export const PROXY_CODE = 'PROXY_';

/** Names the proxy in the code of an error, by its host and port alone. */
export function proxyCode(code: string | number, proxy: URL | null): string {
  return `${PROXY_CODE}${code} at ${proxy?.host}`;
}

export const DIRECT: ProxySettings = { http: null, https: null, noProxy: [] };

/** Returns the proxy of a request to this URL; null if the request goes there directly. */
export function proxyFor({ http, https, noProxy }: ProxySettings, url: URL): URL | null {
  const proxy = url.protocol === 'https:' ? https : http;
  return proxy === null || noProxy.some((entry) => matches(entry, url)) ? null : proxy;
}

/**
 * Returns whether an entry of NO_PROXY holds for a URL. No standard describes them; these are the
 * forms of curl (curl.se/docs/manpage.html#--noproxy) and Go (pkg.go.dev/golang.org/x/net/http/httpproxy):
 * `*`, a name (with its subdomains), `.name`, `*.name`, an address, and a network such as `10.0.0.0/8`,
 * each with or without `:port`. Node's own list knows neither networks nor the subdomains of a name.
 */
function matches(entry: string, url: URL): boolean {
  if (entry === '*') return true;
  const host = url.hostname.replace(/^\[|\]$|\.$/g, '').toLowerCase();
  const { name, port } = partsOf(entry);
  if (port !== '' && port !== (url.port || DEFAULT_PORTS[url.protocol])) return false;
  const [network = '', bits] = name.split('/');
  if (isIP(network) !== 0) return isIP(host) !== 0 && isInNetwork(host, network, bits);
  const suffix = name.replace(/^\*?\./, '').replace(/\.$/, '');
  return suffix !== '' && (host === suffix || host.endsWith(`.${suffix}`));
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

function partsOf(entry: string): { readonly name: string; readonly port: string } {
  if (isIP(entry.split('/')[0] ?? '') === 6) return { name: entry, port: '' };
  const [, bracketed, plain = '', port = ''] =
    /^(?:\[(.*)\]|([^:]*))(?::(\d+))?$/.exec(entry) ?? [];
  return { name: bracketed ?? plain, port };
}

function isInNetwork(host: string, network: string, bits: string | undefined): boolean {
  const family = isIP(network) === 6 ? 'ipv6' : 'ipv4';
  const longest = family === 'ipv6' ? 128 : 32;
  const prefix = bits === undefined ? longest : Number(bits);
  if (!Number.isInteger(prefix) || prefix < 0 || prefix > longest) return false;
  const list = new BlockList();
  list.addSubnet(network, prefix, family);
  return list.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4');
}
