import { isIP } from 'node:net';

// Each ending with what its value looks like. The name in front of it is that of the service.
const LINK_PATTERNS: readonly (readonly [RegExp, (value: string) => boolean])[] = [
  [/_SERVICE_HOST$/, isAddress],
  [/_SERVICE_PORT(_[A-Z0-9_]+)?$/, isPort],
  [/_PORT(_\d+_(TCP|UDP|SCTP))?$/, isPortUrl],
  [/_PORT_\d+_(TCP|UDP|SCTP)_PROTO$/, (value) => /^(tcp|udp|sctp)$/.test(value)],
  [/_PORT_\d+_(TCP|UDP|SCTP)_PORT$/, isPort],
  [/_PORT_\d+_(TCP|UDP|SCTP)_ADDR$/, isAddress],
  [/_NAME$/, isLinkName],
];

/**
 * Whether a variable was set by Kubernetes or Docker to tell of a service, and by nobody to
 * configure the relay: a service called `redis` (or `redis-master`, or `webhook-receiver`) puts
 * `REDIS_PORT=tcp://10.0.0.11:6379`, `REDIS_SERVICE_HOST` and more into every container next to
 * it. The value must fit as well: `REDIS_PORT=6380` is somebody's mistake.
 *
 * The names are those of Kubernetes' service environment variables
 * (https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables) and of
 * Docker's legacy links (https://docs.docker.com/engine/network/links/).
 */
export function isServiceLink(name: string, settings: ReadonlyMap<string, string>): boolean {
  const value = settings.get(name) ?? '';
  if (LINK_PATTERNS.some(([pattern, fits]) => pattern.test(name) && fits(value))) return true;
  // Docker passes on the linked container's own variables, and their values can be anything: they
  // count only next to the link's name.
  const [, alias] = /^([A-Z0-9_]+?)_ENV_\w+$/.exec(name) ?? [];
  return alias !== undefined && isLinkName(settings.get(`${alias}_NAME`) ?? '');
}

function isLinkName(value: string): boolean {
  return /^\/[\w.-]+\/[\w.-]+$/.test(value);
}

function isAddress(value: string): boolean {
  return isIP(value) !== 0;
}

function isPort(value: string): boolean {
  return /^\d{1,5}$/.test(value);
}

function isPortUrl(value: string): boolean {
  return /^(tcp|udp|sctp):\/\/(\[[0-9A-Fa-f:.]+\]|[0-9.]+):\d{1,5}$/.test(value);
}
