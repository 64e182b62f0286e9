import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Sees what passes between a relay and its Redis. Returning `stop` ends all traffic for good. */
export type Watch = (chunk: string, from: 'relay' | 'redis') => 'pass' | 'stop';

/** A TCP proxy in front of Redis, to act at an exact point of the relay's work. */
export interface RedisProxy {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts a proxy to the Redis on `port`. Chunks are given as latin1: key names can be read. */
export async function startRedisProxy(port: number, watch: Watch): Promise<RedisProxy> {
  const sockets = new Set<Socket>();
  let stopped = false;
  const server = createServer((relay) => {
    if (stopped) {
      relay.destroy();
      return;
    }
    const redis = connect(port, '127.0.0.1');
    const forward = (from: Socket, to: Socket, name: 'relay' | 'redis'): void => {
      sockets.add(from);
      from.on('data', (chunk: Buffer) => {
        if (stopped || watch(chunk.toString('latin1'), name) === 'stop') {
          stopped = true;
          for (const socket of sockets) socket.destroy();
        } else {
          to.write(chunk);
        }
      });
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
    };
    forward(relay, redis, 'relay');
    forward(redis, relay, 'redis');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address() as AddressInfo;
  return {
    url: `redis://127.0.0.1:${address.port}`,
    async stop() {
      stopped = true;
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
