import {
  Agent as HttpAgent,
  request as requestHttp,
  type AgentOptions,
  type ClientRequest,
  type ClientRequestArgs,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { setDefaultAutoSelectFamilyAttemptTimeout, type Socket } from 'node:net';
import { DIRECT, proxyCode, proxyFor, type ProxySettings } from '../domain/proxy.ts';

/** The way of all requests of the relay to the API, webhooks and HEARTBEAT_URL. */
export interface Outgoing {
  /** The `request` option of got: node's function, by the right agent for the URL. */
  readonly request: (
    url: URL,
    options: RequestOptions,
    callback?: (response: IncomingMessage) => void,
  ) => ClientRequest;
  /** Returns the code of a failed connection if a proxy, and not the receiver, gave this answer. */
  readonly proxyCode: (url: URL, status: number) => string | null;
  readonly close: () => void;
}

// Many servers close a connection after 5 idle seconds; a request at that moment is reset, and
// looks like a failure. Running requests are not affected.
const MAX_IDLE_MS = 2_000;
// Node gives each address of a name 250 ms (nodejs.org/api/net.html#socketconnectoptions-connectlistener,
// autoSelectFamilyAttemptTimeout). On a line that needs longer than that no address answers in time.
const MAX_ADDRESS_MS = 2_500;
const ADDRESS_FLAG = '--network-family-autoselection-attempt-timeout';
const PROXY_REFUSES_LOGIN = 407;

// Receivers with a bare LF or a wrong character in a header took the message: a strict parser would
// make a failure of it, and the retries would repeat it. A lenient parser is dangerous where several
// clients share a connection (nodejs.org/api/cli.html#--insecure-http-parser). Here each connection
// belongs to one configured host, which could only forge its own answers.
const READING = { insecureHTTPParser: true, maxHeaderSize: 128 * 1024 };

/**
 * Creates the agents for requests that take `timeoutMs` at most. With a proxy, http requests are
 * forwarded by it, and https requests get a tunnel through it, by Node's own support
 * (nodejs.org/api/http.html#built-in-proxy-support). No error holds the proxy's password.
 */
export function createOutgoing({
  proxy = DIRECT,
  timeoutMs,
}: {
  readonly proxy?: ProxySettings | undefined;
  readonly timeoutMs: number;
}): Outgoing {
  allowSlowAddresses();
  const idle: AgentOptions = { keepAlive: true, timeout: MAX_IDLE_MS };
  const direct = { http: new HttpAgent(idle), https: new HttpsAgent(idle) };
  const proxied = {
    http: new ForwardingAgent(idle, proxy.http),
    https: new TunnelAgent(idle, proxy.https),
  };
  return {
    request(url, options, callback) {
      const viaProxy = proxyFor(proxy, url) !== null;
      const agents = viaProxy ? proxied : direct;
      const all = {
        ...options,
        ...READING,
        // Without it the time of an idle connection would end a slow tunnel. Shorter than the whole
        // request, so that a silent proxy is named.
        ...(viaProxy && { timeout: Math.ceil(0.9 * timeoutMs) }),
      };
      return url.protocol === 'https:'
        ? requestHttps(url, { ...all, agent: agents.https }, callback)
        : requestHttp(url, { ...all, agent: agents.http }, callback);
    },
    proxyCode(url, status) {
      // In a tunnel only the receiver answers.
      const mayAnswer = url.protocol === 'http:' && proxyFor(proxy, url) !== null;
      return mayAnswer && status === PROXY_REFUSES_LOGIN ? proxyCode(status, proxy.http) : null;
    },
    close() {
      for (const agent of [direct.http, direct.https, proxied.http, proxied.https]) agent.destroy();
    },
  };
}

/** Gives a slow address more time than Node's default, unless the operator set one for Node. */
function allowSlowAddresses(): void {
  const flags = [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''];
  if (flags.some((flag) => flag.includes(ADDRESS_FLAG))) return;
  setDefaultAutoSelectFamilyAttemptTimeout(MAX_ADDRESS_MS);
}

const ignore = (): void => undefined;

type Callback = Parameters<HttpAgent['createConnection']>[1];

/** An agent that names the proxy in the code of an error before the proxy is reached. */
class ForwardingAgent extends HttpAgent {
  readonly #proxy: URL | null;

  constructor(options: AgentOptions, proxy: URL | null) {
    super({ ...options, proxyEnv: { http_proxy: proxy?.href } });
    this.#proxy = proxy;
  }

  override createConnection(options: ClientRequestArgs, callback: Callback) {
    const socket = super.createConnection(options, callback) as Socket;
    let connected = false;
    socket.once('connect', () => (connected = true));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (!connected) error.code = proxyCode(error.code ?? 'UNKNOWN', this.#proxy);
    });
    return socket;
  }
}

/** An agent that names the proxy in the code of an error before the tunnel is open. */
class TunnelAgent extends HttpsAgent {
  readonly #opening = new Set<Socket>();
  readonly #proxy: URL | null;

  constructor(options: AgentOptions, proxy: URL | null) {
    super({ ...options, proxyEnv: { https_proxy: proxy?.href } });
    this.#proxy = proxy;
  }

  override createConnection(options: ClientRequestArgs, callback: Callback) {
    const toProxy = super.createConnection(options, (error, tunnel) => {
      this.#opening.delete(toProxy);
      if (error === null || (tunnel as unknown) !== toProxy) return callback?.(error, tunnel);
      toProxy.destroy();
      const code = proxyCode(tunnelCode(error), this.#proxy);
      callback?.(Object.assign(new Error('no tunnel'), { code }), tunnel);
    }) as Socket;
    this.#opening.add(toProxy);
    // Node has no listener for errors after a refusal: a reset would end the process.
    toProxy.on('error', ignore);
    return toProxy;
  }

  override destroy(): void {
    super.destroy();
    // Without an error Node would not end the request that waits for the tunnel.
    for (const socket of this.#opening) socket.destroy(new Error('closed'));
  }
}

/** Returns the code of an error of Node's proxy support, whose text is not repeated. */
function tunnelCode(error: NodeJS.ErrnoException): string | number {
  const { code, statusCode, proxyTunnelTimeout } = error as NodeJS.ErrnoException & {
    readonly statusCode?: number;
    readonly proxyTunnelTimeout?: number;
  };
  if (code !== 'ERR_PROXY_TUNNEL') return code ?? 'UNKNOWN';
  if (statusCode !== undefined) return statusCode;
  return proxyTunnelTimeout === undefined ? 'ECONNRESET' : 'ETIMEDOUT';
}
