import type { Cluster, Redis } from 'ioredis';

/** A connection to a Redis, be it one server or a Cluster. Its keys must share one slot. */
export type RedisClient = Redis | Cluster;
