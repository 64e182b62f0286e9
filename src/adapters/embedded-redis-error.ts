/** Why the embedded Redis could not be had, in words for the operator. */
export class EmbeddedRedisError extends Error {
  override readonly name = 'EmbeddedRedisError';
}
