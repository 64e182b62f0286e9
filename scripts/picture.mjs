/**
 * `npm run picture`: takes docs/demo.png, the picture of the demo's page in the README.
 *
 * The page, its server and the formats of the messages are the real ones; the mentions are made up
 * from a fixed seed at a fixed time, so that the same code gives the same picture. What differs
 * between machines are their fonts: the committed picture was taken with Inter.
 */
import { chromium } from 'playwright-core';
import { startInbox } from '../dist/src/demo/inbox.js';
import { mentionKey, parseMention } from '../dist/src/domain/mention.js';
import { createMentionMaker } from '../dist/src/sandbox/made-up-mentions.js';
import { webhookTypes } from '../dist/src/webhooks/registry.js';
import { CHROMIUM_ARGUMENTS, findChromium } from './find-chromium.mjs';

const PICTURE = new URL('../docs/demo.png', import.meta.url).pathname;
const MENTIONS = 24;
const SPACING_MS = 4_000;
const LAST_AT_MS = Date.UTC(2026, 0, 20, 10, 42, 36);
const SIGNING_SECRET = `whsec_${Buffer.alloc(32, 'picture').toString('base64')}`;

let nowMs = 0;
const inbox = await startInbox({
  host: '127.0.0.1',
  port: 0,
  signingSecret: SIGNING_SECRET,
  stats: () => ({ spotted: MENTIONS, requestsLastMinute: 20, requestBudget: 50 }),
  nowMs: () => nowMs,
});
for (const mention of madeUpMentions()) {
  nowMs = mention.spottedAtMs + 1_000;
  await deliver('slack', inbox.slackUrl, mention);
  await deliver('http', inbox.httpUrl, mention);
}

const browser = await chromium.launch({
  executablePath: findChromium(),
  args: CHROMIUM_ARGUMENTS,
});
const page = await browser.newPage({
  viewport: { width: 1280, height: 832 },
  deviceScaleFactor: 1.5,
  colorScheme: process.argv.includes('--dark') ? 'dark' : 'light',
  reducedMotion: 'reduce',
  locale: 'en-US',
  timezoneId: 'UTC',
});
await page.clock.setFixedTime(nowMs);
await page.goto(inbox.url.href);
await page
  .locator('.message')
  .nth(MENTIONS - 1)
  .waitFor();
await page.screenshot({ path: PICTURE });
await browser.close();
await inbox.stop();
process.stdout.write(`${PICTURE}\n`);

/** Oldest first. Only what every machine has letters for, and short enough to show several. */
function madeUpMentions() {
  const makeUp = createMentionMaker(seededRandom(81));
  const found = [];
  while (found.length < MENTIONS) {
    const item = makeUp(LAST_AT_MS - (MENTIONS - 1 - found.length) * SPACING_MS);
    const isPlain = /^[\x20-\x7e]{60,165}$/.test(item.content);
    if (isPlain && item.position === 'post') found.push(parseMention(item).mention);
  }
  return found;
}

async function deliver(type, url, mention) {
  const { body, headers } = webhookTypes[type].request(
    [{ mention, key: mentionKey(mention, 'mention'), polledAtMs: nowMs }],
    {
      webhook: { headers: {}, signingSecrets: type === 'http' ? [SIGNING_SECRET] : [] },
      nowMs,
      userAgent: 'mention-relay',
    },
  );
  const { status } = await fetch(url, { method: 'POST', body, headers });
  if (status !== 200) throw new Error(`The inbox answered ${status}.`);
}

/** Park and Miller's generator: the same numbers for the same seed. */
function seededRandom(seed) {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}
