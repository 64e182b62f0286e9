import { connect as connectPlain, isIP } from 'node:net';
import { connect as connectSecure } from 'node:tls';
import type { HostAndPort, RedisAddress } from '../config/addresses.ts';
import { troubleOf } from './redis-errors.ts';
import { isOfRedis, mistakeInAnswers, type PortAnswer } from './redis-mistakes.ts';

const TIMEOUT_MS = 2_000;
// A server that wants a certificate of its client refuses it after the handshake. A question that it
// does not read would make the system drop that refusal.
const QUIET_AFTER_HANDSHAKE_MS = 200;
const ENOUGH_BYTES = 512;
// Both are answered before authentication too, if only by an error.
const QUESTIONS = '*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nINFO\r\n';

/**
 * Finds out by a connection of its own why no Redis can be reached at this address: ioredis shows only
 * that the connection broke or that nothing answers. Returns RedisUnfitError for a mistake, the error
 * of a Redis that is full of connections, and null if a Redis answers, or nobody. Sends no password.
 */
export async function findWrongPort(address: RedisAddress): Promise<Error | null> {
  for (const place of placesOf(address)) {
    const asWritten = await askPort(place, address.tls);
    const otherwise = isOfRedis(asWritten) ? null : await askPort(place, !address.tls);
    const mistake = mistakeInAnswers(address, asWritten, otherwise);
    if (mistake !== null) return mistake;
    if (!isOfRedis(asWritten)) continue;
    const refusal = new Error(asWritten.text.slice(1));
    return troubleOf(refusal) === 'MAXCLIENTS' ? refusal : null;
  }
  return null;
}

function placesOf(address: RedisAddress): readonly HostAndPort[] {
  switch (address.kind) {
    case 'server':
      return [address.server];
    case 'sentinel':
      return address.sentinels;
    case 'cluster':
      return address.nodes;
  }
}

/** Returns the beginning of a port's answer; null if it can't be reached, or refuses TLS. */
async function askPort({ host, port }: HostAndPort, tls: boolean): Promise<PortAnswer | null> {
  const { promise, resolve } = Promise.withResolvers<PortAnswer | null>();
  let text = '';
  let connected = false;
  let asking: NodeJS.Timeout | undefined;
  const socket = tls
    ? connectSecure({
        host,
        port,
        // Who answers does not matter here: nothing secret is sent, and nothing is believed.
        rejectUnauthorized: false,
        ...(isIP(host) === 0 && { servername: host }),
      })
    : connectPlain({ host, port });
  const end = (closed: boolean, error?: Error): void =>
    resolve(connected ? { text, closed, error } : null);
  socket.setTimeout(TIMEOUT_MS, () => end(false));
  socket.once(tls ? 'secureConnect' : 'connect', () => {
    connected = true;
    asking = setTimeout(() => socket.write(QUESTIONS), tls ? QUIET_AFTER_HANDSHAKE_MS : 0);
  });
  socket.setEncoding('latin1').on('data', (part: string) => {
    text += part;
    // The second line shows that INFO was answered too.
    if (/\r\n[^]/.test(text) || text.length >= ENOUGH_BYTES) end(false);
  });
  socket.on('error', (error) => end(true, error)).on('close', () => end(true));
  try {
    return await promise;
  } finally {
    clearTimeout(asking);
    socket.destroy();
  }
}
