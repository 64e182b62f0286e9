import { onTestFinished } from 'vitest';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/sandbox.ts';

/** A sandbox on a free loopback port that is stopped when the test ends. */
export async function runningSandbox(options?: SandboxOptions): Promise<Sandbox> {
  const sandbox = await startSandbox(options);
  onTestFinished(() => sandbox.stop());
  return sandbox;
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** Posts a form to an endpoint, with the sandbox's default key unless another is given. */
export async function post(
  sandbox: Sandbox,
  endpoint: string,
  parameters: Readonly<Record<string, string>> = {},
): Promise<Reply> {
  return send(`${sandbox.url.href}${endpoint}`, {
    method: 'POST',
    body: new URLSearchParams({ apiKey: 'sandbox-key', ...parameters }),
  });
}

export async function send(url: string, init: RequestInit): Promise<Reply> {
  const response = await fetch(url, init);
  return { status: response.status, headers: response.headers, body: await response.text() };
}

/** The window as the sandbox answers it. */
export async function fetchWindow(sandbox: Sandbox): Promise<readonly unknown[]> {
  const { body } = await post(sandbox, '/account/mentions');
  return (JSON.parse(body) as { mentions: unknown[] }).mentions;
}

/** Mulberry32: the same numbers for the same seed. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
