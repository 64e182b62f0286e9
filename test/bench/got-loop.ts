/**
 * The reference of all speed: `got.post` in a loop, so many at once, and nothing else. Its task is
 * a {@link GotLoopTask} as JSON.
 */
import got from 'got';

export interface GotLoopTask {
  readonly urls: readonly string[];
  /** POSTs under way to each URL at the same time. */
  readonly concurrency: number;
  /** POSTs to each URL. */
  readonly posts: number;
  readonly body: string;
}

const { urls, concurrency, posts, body } = JSON.parse(process.argv[2] ?? '') as GotLoopTask;
const headers = { 'content-type': 'application/json' };

async function loop(url: string, left: { posts: number }): Promise<void> {
  while (left.posts > 0) {
    left.posts -= 1;
    await got.post(url, { body, headers });
  }
}

await Promise.all(
  urls.flatMap((url) => {
    const left = { posts };
    return Array.from({ length: concurrency }, () => loop(url, left));
  }),
);

// Whoever measures still wants to read what it has used.
process.on('SIGTERM', () => process.exit());
setInterval(() => undefined, 1_000);
