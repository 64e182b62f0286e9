/**
 * The reference of delay: what one would write without any queue. It polls, and POSTs each new
 * mention to each webhook, one after the other. Its task is a {@link NaiveTask} as JSON.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import got from 'got';

export interface NaiveTask {
  readonly apiUrl: string;
  readonly apiKey: string;
  readonly urls: readonly string[];
  readonly intervalMs: number;
}

interface Answer {
  readonly mentions: readonly { readonly id: string }[];
}

const { apiUrl, apiKey, urls, intervalMs } = JSON.parse(process.argv[2] ?? '') as NaiveTask;
const seen = new Set<string>();

for (;;) {
  const { mentions } = await got
    .post(`${apiUrl}/account/mentions`, { form: { apiKey } })
    .json<Answer>();
  for (const mention of mentions.toReversed()) {
    if (seen.has(mention.id)) continue;
    for (const url of urls) await got.post(url, { json: mention });
    seen.add(mention.id);
  }
  await sleep(intervalMs);
}
