import type { IncomingMessage } from 'node:http';

/**
 * Reads a request's body as UTF-8. Null if it is longer than `mostBytes`; even then it is read to
 * its end, so that an answer can follow. Rejects when the client goes away.
 */
export async function readBody(
  request: IncomingMessage,
  mostBytes: number,
): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= mostBytes) chunks.push(chunk);
  }
  return bytes <= mostBytes ? Buffer.concat(chunks).toString('utf8') : null;
}

/** The parameters of a urlencoded form; null where the body is something else. No body is an empty form. */
export function parseForm(
  contentType: string | undefined,
  body: string | null,
): URLSearchParams | null {
  if (body === '') return new URLSearchParams();
  const mediaType = contentType?.split(';', 1)[0]?.trim().toLowerCase();
  if (body === null || mediaType !== 'application/x-www-form-urlencoded') return null;
  return new URLSearchParams(body);
}
