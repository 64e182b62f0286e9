import { isIP } from 'node:net';

// Each ending with what its value looks like. The name in front of it is that of the service.
const LINK_PATTERNS: readonly (readonly [RegExp, (value: string) => boolean])[] = [
  [/_SERVICE_HOST$/, isAddress],
  [/_SERVICE_PORT(_[A-Z0-9_]+)?$/, isPort],
  [/_PORT(_\d+_(TCP|UDP|SCTP))?$/, isPortUrl],
  [/_PORT_\d+_(TCP|UDP|SCTP)_PROTO$/, (value) => /^(tcp|udp|sctp)$/.test(value)],
  [/_PORT_\d+_(TCP|UDP|SCTP)_PORT$/, isPort],
  [/_PORT_\d+_(TCP|UDP|SCTP)_ADDR$/, isAddress],
];

/**
 * Returns whether Kubernetes or Docker set a variable to describe a service, rather than somebody
 * to configure the relay: a service called `health` (or `webhook-receiver`) puts
 * `HEALTH_PORT=tcp://10.0.0.11:80`, `HEALTH_SERVICE_HOST` and more into every container next to it.
 * The value must fit as well: `HEALTH_PORT=80` is somebody's setting.
 *
 * The names are those of Kubernetes' service environment variables
 * (https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables), which are
 * also those of Docker's legacy links (https://docs.docker.com/engine/network/links/).
 */
export function isServiceLink(name: string, value: string): boolean {
  return LINK_PATTERNS.some(([pattern, fits]) => pattern.test(name) && fits(value.trim()));
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
