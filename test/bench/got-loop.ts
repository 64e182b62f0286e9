/** The reference for speed: `got.post` in a loop. Its task is a {@link GotLoopTask} as JSON. */
import got from 'got';

export interface GotLoopTask {
  readonly urls: readonly string[];
  /** Simultaneous POSTs to each URL. */
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

// The bench still reads the usage of this process, then kills it.
setInterval(() => undefined, 1_000);
