import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Duplex } from 'node:stream';
import got, { RequestError } from 'got';
import type { AttemptResult } from '../domain/delivery.ts';

/** One POST of a JSON text. Never throws for what the network or the receiver does. */
export type PostJson = (
  url: URL,
  request: {
    readonly body: string;
    readonly headers: Readonly<Record<string, string>>;
    /** GET and HEAD leave the body out: a question whether somebody answers. */
    readonly method?: 'GET' | 'HEAD' | 'POST';
  },
  signal: AbortSignal,
) => Promise<AttemptResult>;

// Enough for every error body a service documents; what comes beyond is not read.
const MAX_BODY_BYTES = 16 * 1024;
// Many servers close a connection after 5 idle seconds: one that is used at that very moment is reset,
// and looks like a failure. Of a request under way, this is no limit.
const MAX_IDLE_MS = 2_000;

/**
 * The one place where a webhook's URL meets the network. A whole attempt, from name look-up to
 * the end of the answer, takes `timeoutMs` at most. Redirects are not followed and nothing is
 * tried again here: the queue owns retries. Results hold neither the URL nor the request.
 */
export function createPostJson(options: {
  readonly timeoutMs: number;
  readonly monotonicMs: () => number;
}): { readonly post: PostJson; readonly close: () => void } {
  const agent = {
    http: new HttpAgent({ keepAlive: true, timeout: MAX_IDLE_MS }),
    https: new HttpsAgent({ keepAlive: true, timeout: MAX_IDLE_MS }),
  };

  // What is the same for all requests is read and checked once.
  const client = got.extend({
    agent,
    retry: { limit: 0 },
    followRedirect: false,
    throwHttpErrors: false,
    // A compressed answer of 16 KB can unfold to megabytes.
    decompress: false,
  });

  const post: PostJson = async (url, { body, headers, method = 'POST' }, signal) => {
    const startedMs = options.monotonicMs();
    const durationMs = () => Math.round(options.monotonicMs() - startedMs);
    const stream = client.stream(url, {
      method,
      ...(method === 'POST' && { body }),
      headers,
      signal,
    });
    const chunks: Buffer[] = [];
    let code = 'NO_ANSWER';
    const cancelTimeout = afterReading(options.timeoutMs, () => {
      code = 'ETIMEDOUT';
      stream.destroy();
    });
    try {
      await readFirstBytes(stream, chunks);
    } catch (error) {
      // got's errors carry the URL and the headers: only the code goes on.
      code = error instanceof RequestError ? error.code : 'UNKNOWN';
    } finally {
      cancelTimeout();
    }
    const { response } = stream;
    if (response === undefined) return { kind: 'unanswered', code, durationMs: durationMs() };
    // The status counts even if the body then broke off: the receiver has judged the message.
    return {
      kind: 'answered',
      status: response.statusCode,
      headers: singleValues(response.headers),
      body: Buffer.concat(chunks).subarray(0, MAX_BODY_BYTES).toString('utf8'),
      durationMs: durationMs(),
    };
  };

  return {
    post,
    close() {
      agent.http.destroy();
      agent.https.destroy();
    },
  };
}

/**
 * Calls back after so long, unless it is cancelled, but first lets the event loop read what has come
 * by then. After a process was frozen, got's own time-outs may throw away answers that are there.
 */
function afterReading(durationMs: number, callBack: () => void): () => void {
  let cancelled = false;
  const read = (then: () => void) => setImmediate(() => cancelled || then());
  // A turn of the loop reads the sockets before it comes to its immediates
  // (nodejs.org/en/learn/asynchronous-work/event-loop-timers-and-nexttick); the second one is for what
  // follows from what was read.
  const timer = setTimeout(() => read(() => read(callBack)), durationMs);
  return () => {
    cancelled = true;
    clearTimeout(timer);
  };
}

// By events, and not by `for await`, whose machinery costs as much as a tenth of the request.
function readFirstBytes(stream: Duplex, chunks: Buffer[]): Promise<void> {
  return new Promise((resolve, reject) => {
    let size = 0;
    stream.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size < MAX_BODY_BYTES) return;
      resolve();
      // Ends the connection.
      stream.destroy();
    });
    stream.once('end', resolve);
    stream.once('error', reject);
    // A stream that is destroyed without an error says no more than this.
    stream.once('close', resolve);
  });
}

function singleValues(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : value,
    ]),
  );
}
