import type { Redis } from 'ioredis';

/** Whether this connection now holds the lease, or which process does. */
export type LeaseClaim = { readonly held: true } | { readonly held: false; readonly pid: string };

const SWAP = `
local holder = redis.call('GET', KEYS[1])
if (holder or '') == ARGV[1] then redis.call('SET', KEYS[1], ARGV[2]) return 1 end
return 0
`;

/**
 * Claims the lease of an embedded Redis for the life of this connection. The lease names the run
 * of the server and the connection's id: Redis drops the connection of a process that is killed,
 * and gives new ids after a restart, so a lease is never outlived by more than its holder and
 * needs no time limit.
 */
export async function claimDaemonLease(redis: Redis, key: string): Promise<LeaseClaim> {
  const info = await redis.info('server');
  const runId = /^run_id:(\w+)/m.exec(info)?.[1] ?? '';
  const clientId = await redis.client('ID');
  const mine = `${runId}:${clientId}:${process.pid}`;
  // Each round that fails means that somebody else claimed it: one of them is alive.
  for (let round = 0; round < 5; round++) {
    const holder = (await redis.get(key)) ?? '';
    const [holderRun, holderClient, pid] = holder.split(':');
    if (holder !== mine && holderRun === runId && holderClient !== undefined) {
      const connections = (await redis.client('LIST', 'ID', holderClient)) as string;
      if (connections.trim() !== '') return { held: false, pid: pid ?? 'unknown' };
    }
    if ((await redis.eval(SWAP, 1, key, holder, mine)) === 1) return { held: true };
  }
  return { held: false, pid: 'unknown' };
}
