import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/**
 * The verdict on a request: it passes; or the relay has lost Redis from now on, either with this
 * request (`cut`) or with the answer to it (`silence`).
 */
export type Verdict = 'pass' | 'cut' | 'silence';

/** A TCP proxy in front of Redis, to act at an exact point of the relay's work. */
export interface RedisProxy {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts a proxy to the Redis on `port`. Requests are passed to `judge` as latin1: names can be read. */
export async function startRedisProxy(
  port: number,
  judge: (request: string) => Verdict,
): Promise<RedisProxy> {
  const sockets = new Set<Socket>();
  let lost = false;
  const server = createServer((relay) => {
    const redis = connect(port, '127.0.0.1');
    for (const socket of [relay, redis]) sockets.add(socket);
    relay.on('data', (request: Buffer) => {
      if (lost) return;
      const verdict = judge(request.toString('latin1'));
      lost = verdict !== 'pass';
      if (verdict !== 'cut') redis.write(request);
    });
    redis.on('data', (answer: Buffer) => {
      if (!lost) relay.write(answer);
    });
    for (const [from, to] of [
      [relay, redis],
      [redis, relay],
    ] as const) {
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
