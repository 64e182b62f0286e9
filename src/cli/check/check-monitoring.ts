import { Agent, get, type IncomingMessage } from 'node:http';
import { createServer } from 'node:net';
import { json } from 'node:stream/consumers';
import type { Config } from '../../config/env.ts';
import { explainListenError } from '../../domain/explanation.ts';
import { findingsAbout, type Finding } from './finding.ts';

const { ok, problem } = findingsAbout('Monitoring');
const ASK_TIMEOUT_MS = 2_000;
const SETTINGS = { hostSetting: 'HEALTH_HOST', portSetting: 'HEALTH_PORT' };

/** Checks that HEALTH_PORT can be served. Does not request HEARTBEAT_URL. */
export async function checkMonitoring({
  health,
  heartbeatUrl,
}: Pick<Config, 'health' | 'heartbeatUrl'>): Promise<Finding[]> {
  return [
    ...(health === null ? [] : [await checkHealthPort(health)]),
    ...(heartbeatUrl === null
      ? []
      : [
          ok(
            'heartbeat_set',
            'HEARTBEAT_URL is set; it is not requested here, because that would count as a poll',
          ),
        ]),
  ];
}

async function checkHealthPort(health: NonNullable<Config['health']>): Promise<Finding> {
  const { host, port } = health;
  const error = await tryToListen(health);
  if (error === null) return ok('port_free', `HEALTH_PORT ${port} is free on ${host}`);
  if (error.code === 'EADDRINUSE' && (await isRelay(health))) {
    return ok('port_served', `HEALTH_PORT ${port} is served by a running relay`);
  }
  const { what, todo } = explainListenError(error, { ...health, ...SETTINGS });
  return problem('port_not_served', `a relay cannot start: ${what}`, todo);
}

/** Listens on the port for an instant. Returns the error, or null. */
async function tryToListen({
  host,
  port,
}: {
  readonly host: string;
  readonly port: number;
}): Promise<NodeJS.ErrnoException | null> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', resolve);
    server.listen(port, host, () => server.close(() => resolve(null)));
  });
}

/** Returns true if a relay answers there, by its page /healthz. */
async function isRelay({
  host,
  port,
}: {
  readonly host: string;
  readonly port: number;
}): Promise<boolean> {
  const local = { '0.0.0.0': '127.0.0.1', '::': '[::1]' }[host];
  const address = local ?? (host.includes(':') ? `[${host}]` : host);
  try {
    const signal = AbortSignal.timeout(ASK_TIMEOUT_MS);
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      // An agent of its own goes by no proxy, even with NODE_USE_ENV_PROXY.
      const options = { signal, agent: new Agent() };
      get(`http://${address}:${port}/healthz`, options, resolve).once('error', reject);
    });
    const body = await json(answer);
    return typeof body === 'object' && body !== null && 'alive' in body;
  } catch {
    return false;
  }
}
