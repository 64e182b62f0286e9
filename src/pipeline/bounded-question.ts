/** A question to Redis that was not answered in time. */
export class UnansweredError extends Error {
  override readonly name = 'UnansweredError';
}

/**
 * Asks a question that may not be answered for long, and waits `timeoutMs` at most: then it throws
 * UnansweredError. While one is under way no other is asked, and its answer is for all who wait: a
 * command to a Redis that is away is kept until it is back, so asking again and again would pile
 * them up.
 */
export function boundedQuestion<T>(ask: () => Promise<T>, timeoutMs: number): () => Promise<T> {
  let underWay: Promise<T> | undefined;

  function join(): Promise<T> {
    if (underWay !== undefined) return underWay;
    const asked = ask().finally(() => (underWay = undefined));
    // An answer that nobody waits for any more may be an error.
    asked.catch(() => undefined);
    underWay = asked;
    return asked;
  }

  return async () => {
    const tooLate = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => tooLate.reject(new UnansweredError(`no answer within ${timeoutMs} ms`)),
      timeoutMs,
    );
    try {
      return await Promise.race([join(), tooLate.promise]);
    } finally {
      clearTimeout(timer);
    }
  };
}
