import type { ClientRequest } from 'node:http';
import got from 'got';
import type { AttemptResult } from '../domain/delivery.ts';
import type { ProxySettings } from '../domain/proxy.ts';
import { createOutgoing } from '../network/outgoing.io.ts';

/** One POST of a JSON text. Never throws for an error of the network or receiver. */
export type PostJson = (
  url: URL,
  request: {
    readonly body: string;
    readonly headers: Readonly<Record<string, string>>;
    /** GET and HEAD send no body; they only probe. */
    readonly method?: 'GET' | 'HEAD' | 'POST';
  },
  signal: AbortSignal,
) => Promise<AttemptResult>;

type Answered = Extract<AttemptResult, { kind: 'answered' }>;

// Enough for every error body that a service documents; the rest is not read.
const MAX_BODY_BYTES = 16 * 1024;
// Some servers close an idle connection sooner than we do. A reset within this time most likely means
// that, and one more try does not wait for the schedule
// (nodejs.org/api/http.html#requestreusedsocket).
const STALE_WITHIN_MS = 1_000;
// The status has the verdict. Receivers that send no length and keep the connection open would take
// the whole time of an attempt.
const MAX_BODY_MS = 2_000;

/**
 * Creates the only function that sends requests to webhooks. An attempt, from name look-up to the
 * end of the answer, takes `timeoutMs` at most. It follows no redirects and retries nothing: the
 * queue owns retries. Results contain neither the URL nor the request.
 */
export function createPostJson(options: {
  readonly timeoutMs: number;
  readonly proxy?: ProxySettings | undefined;
  readonly monotonicMs: () => number;
}): { readonly post: PostJson; readonly close: () => void } {
  const outgoing = createOutgoing(options);

  // got reads and checks the options that all requests share once.
  const client = got.extend({
    request: outgoing.request,
    retry: { limit: 0 },
    followRedirect: false,
    throwHttpErrors: false,
    // A compressed answer of 16 KB can expand to megabytes.
    decompress: false,
  });

  const postOnce = async (
    url: URL,
    { body, headers, method = 'POST' }: Parameters<PostJson>[1],
    signal: AbortSignal,
  ): Promise<{ readonly result: AttemptResult; readonly stale: boolean }> => {
    const startedMs = options.monotonicMs();
    const durationMs = () => Math.round(options.monotonicMs() - startedMs);
    const sent = method === 'POST' ? Buffer.from(body) : null;
    const stream = client.stream(url, {
      method,
      headers: { ...headers, ...(sent && { 'content-length': String(sent.length) }) },
      signal,
    });
    // In one piece: got sends a body of its options in pieces, and if a receiver answers 413 and closes
    // the connection, the next piece fails before the answer is read.
    if (sent !== null) stream.end(sent);
    // The write may fail after the answer was read, when nobody reads the stream any more.
    stream.on('error', () => undefined);
    const chunks: Buffer[] = [];
    let request: ClientRequest | undefined;
    stream.once('request', (native: ClientRequest) => (request = native));
    let cancelBody = (): void => undefined;
    stream.once('response', () => {
      cancelBody = afterReading(MAX_BODY_MS, () => void stream.destroy());
    });
    let code = 'NO_ANSWER';
    let unparsed: Pick<Answered, 'status' | 'headers' | 'body'> | null = null;
    const cancelTimeout = afterReading(options.timeoutMs, () => {
      code = 'ETIMEDOUT';
      stream.destroy();
    });
    try {
      await readFirstBytes(stream, chunks);
    } catch (error) {
      // got's errors contain the URL and the headers: only the code is kept.
      if (code === 'NO_ANSWER') {
        code = codeOf(error);
        unparsed = readUnparsed(error);
      }
    } finally {
      cancelTimeout();
      cancelBody();
    }
    const { response } = stream;
    if (response === undefined) {
      if (unparsed !== null) {
        return {
          result: { kind: 'answered', ...unparsed, durationMs: durationMs() },
          stale: false,
        };
      }
      const result = { kind: 'unanswered', code, durationMs: durationMs() } as const;
      const soon = code === 'ECONNRESET' && result.durationMs < STALE_WITHIN_MS;
      return { result, stale: soon && request?.reusedSocket === true };
    }
    const proxyCode = outgoing.proxyCode(url, response.statusCode);
    if (proxyCode !== null) {
      const result = { kind: 'unanswered', code: proxyCode, durationMs: durationMs() } as const;
      return { result, stale: false };
    }
    // The status counts even if the body then broke off: the receiver has judged the message.
    const answer: AttemptResult = {
      kind: 'answered',
      status: response.statusCode,
      headers: singleValues(response.headers),
      body: Buffer.concat(chunks).subarray(0, MAX_BODY_BYTES).toString('utf8'),
      durationMs: durationMs(),
    };
    return { result: answer, stale: false };
  };

  const post: PostJson = async (...request) => {
    const first = await postOnce(...request);
    return first.stale ? (await postOnce(...request)).result : first.result;
  };

  return { post, close: outgoing.close };
}

/**
 * Calls back after `durationMs` unless cancelled, once pending socket data is read. Returns the
 * function that cancels. After a process was frozen, got's own time-outs may discard answers that
 * have arrived.
 */
function afterReading(durationMs: number, callBack: () => void): () => void {
  let cancelled = false;
  const read = (then: () => void) => setImmediate(() => cancelled || then());
  // An iteration of the event loop reads the sockets before it runs its immediates
  // (nodejs.org/en/learn/asynchronous-work/event-loop-timers-and-nexttick). The second immediate
  // lets handlers of that data run.
  const timer = setTimeout(() => read(() => read(callBack)), durationMs);
  return () => {
    cancelled = true;
    clearTimeout(timer);
  };
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'UNKNOWN';
}

/**
 * Reads the status and the body of an answer whose headers Node's parser refuses, if its beginning is
 * in one packet. Null if that is not HTTP.
 */
function readUnparsed(error: unknown): Pick<Answered, 'status' | 'headers' | 'body'> | null {
  const { cause } = error as Error;
  // nodejs.org/api/http.html#event-clienterror describes the property of a parse error.
  const packet = cause instanceof Error && 'rawPacket' in cause ? cause.rawPacket : undefined;
  if (!Buffer.isBuffer(packet)) return null;
  const text = packet.subarray(0, MAX_BODY_BYTES).toString('utf8');
  const [, status] = /^HTTP\/\d(?:\.\d)? ([2-5]\d\d)\b/i.exec(text) ?? [];
  if (status === undefined) return null;
  const [, body = ''] = /\r?\n\r?\n([\s\S]*)$/.exec(text) ?? [];
  return { status: Number(status), headers: {}, body };
}

async function readFirstBytes(stream: AsyncIterable<Buffer>, chunks: Buffer[]): Promise<void> {
  let size = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    size += chunk.length;
    // Leaving the loop ends the connection.
    if (size >= MAX_BODY_BYTES) break;
  }
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
