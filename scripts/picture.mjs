/**
 * `npm run picture`: takes docs/demo.png, the picture of the demo's page in the README, and
 * docs/messages.png and docs/alerts.png, which show the messages of each chat.
 *
 * The page, its server and the formats of the messages are the real ones. The mentions are made up,
 * with a fixed time and (in the first picture) a fixed seed, so that the same code gives the same
 * pictures. Only the fonts differ between machines: the committed pictures were taken
 * with Inter, Noto Sans (also its Arabic, Hebrew and CJK) and Noto Color Emoji.
 */
import { chromium } from 'playwright-core';
import { startInbox } from '../src/demo/inbox.ts';
import { alertKey } from '../src/domain/alert.ts';
import { mentionKey, parseMention } from '../src/domain/mention.ts';
import { parseRecoveredMention } from '../src/domain/recovered-mention.ts';
import { createMentionMaker } from '../src/sandbox/made-up-mentions.ts';
import { webhookTypes } from '../src/webhooks/registry.ts';
import { CHROMIUM_ARGUMENTS, findChromium } from './find-chromium.mjs';

const MENTIONS = 24;
const SPACING_MS = 4_000;
const LAST_AT_MS = Date.UTC(2026, 0, 20, 10, 42, 36);
const SIGNING_SECRET = `whsec_${Buffer.alloc(32, 'picture').toString('base64')}`;

/** Whom the messages of the demo ping. */
const PINGS = {
  slack: ['U0DEMOANA', 'U0DEMOBEN'],
  discord: ['100000000000000001'],
  teams: ['ana@example.com'],
};

/** Mentions of all kinds: short, long, with emoji, from right to left, and in Japanese. */
const SHOWN_MENTIONS = [
  {
    keyword: 'looking for an agent',
    content: 'We are moving to Austin in spring and looking for an agent. Any recommendations?',
    owner: { name: 'Dana R.' },
    group: { id: '1', name: 'Real Estate Referral Network' },
  },
  {
    keyword: 'CRM',
    position: 'comment',
    content: `${'Our team of twelve has outgrown its spreadsheet, and every week a follow-up is forgotten. '.repeat(9)}\n\nWhat we need of a CRM:\n- follow-ups that nobody has to remember\n- *one* place for notes\n- a price below $30 a seat, see https://example.com/our_list\n\n${'If your CRM does that, tell me what you like and what you do not. '.repeat(9)}`,
    owner: { name: 'Sam & Lee' },
    group: { id: '2', name: 'SaaS Founders <Lounge>' },
  },
  {
    keyword: 'bakery',
    content: '🎂👩‍👩‍👧‍👦🇩🇪 ❤️ which bakery has the best birthday cake?! @everyone 🙏🏽',
    owner: { name: 'Zoë 🌻' },
    group: { id: '3', name: 'Foodies 🍕' },
  },
  {
    keyword: 'سمسار',
    content: 'نبحث عن سمسار عقارات موثوق في دبي، هل من توصيات؟ (شقة من غرفتين)',
    owner: { name: 'ليلى' },
    group: { id: '4', name: 'عقارات دبي' },
  },
  {
    keyword: '不動産',
    position: 'comment',
    content:
      '東京で信頼できる不動産屋さんを探しています。おすすめはありますか？予算は月15万円くらいです。',
    owner: { name: '美咲' },
    group: { id: '5', name: '東京の暮らし' },
  },
];

let nowMs = LAST_AT_MS;
const browser = await chromium.launch({
  executablePath: findChromium(),
  args: CHROMIUM_ARGUMENTS,
});
const colorScheme = process.argv.includes('--dark') ? 'dark' : 'light';
const reader = {
  deviceScaleFactor: 1.5,
  colorScheme,
  reducedMotion: 'reduce',
  locale: 'en-US',
  timezoneId: 'UTC',
};

await takePicture(
  'demo.png',
  madeUpMentions().map((mention) => mentionDelivery(mention)),
  async (inbox, path) => {
    const page = await openPage(inbox, { viewport: { width: 1280, height: 832 } });
    await page
      .locator('.message')
      .nth(MENTIONS - 1)
      .waitFor();
    await page.screenshot({ path });
  },
);
await takePicture('messages.png', SHOWN_MENTIONS.map(shownDelivery), takeChats);
await takePicture('alerts.png', shownAlerts(), takeChats);
await browser.close();

/** Sends deliveries to all webhooks of an inbox, each a second after its time, and takes a picture. */
async function takePicture(name, deliveries, take) {
  const inbox = await startInbox({
    host: '127.0.0.1',
    port: 0,
    signingSecret: SIGNING_SECRET,
    stats: () => ({
      spotted: MENTIONS,
      copies: 0,
      teamsClosed: false,
      requestsLastMinute: 20,
      requestBudget: 50,
    }),
    actions: {},
    nowMs: () => nowMs,
  });
  for (const [turn, delivery] of deliveries.entries()) {
    nowMs = (delivery.polledAtMs ?? LAST_AT_MS) + 1_000;
    for (const type of ['slack', 'discord', 'teams', 'http']) {
      await deliver(type, type === 'http' ? inbox.httpUrl : inbox.chatUrls[type], delivery, turn);
    }
  }
  const path = new URL(`../docs/${name}`, import.meta.url).pathname;
  await take(inbox, path);
  await inbox.stop();
  process.stdout.write(`${path}\n`);
}

async function openPage(inbox, options) {
  const page = await browser.newPage({ ...reader, ...options });
  await page.clock.setFixedTime(nowMs);
  await page.goto(inbox.url.href);
  await page.locator('.teams-message').first().waitFor({ state: 'attached' });
  return page;
}

/** Takes a picture of the three chats side by side, as high as their messages. */
async function takeChats(inbox, path) {
  const page = await openPage(inbox, {
    viewport: { width: 1500, height: 900 },
    deviceScaleFactor: 1,
    bypassCSP: true,
  });
  await page.addStyleTag({
    content: `
      .top, .actions-bar, .chats, .switch, .panel.http, .latest { display: none !important }
      body { height: auto; padding: 20px }
      .panels.panels { grid-template: auto / repeat(3, minmax(0, 1fr)) }
      body .panel.panel.panel { display: flex; grid-area: auto }
      .scroll { overflow: visible }
      .chat ol { margin-top: 0 !important }
    `,
  });
  await page.screenshot({ path, fullPage: true });
}

/** Makes up mentions, oldest first, in letters that every machine has, and short enough for one page. */
function madeUpMentions() {
  const makeUp = createMentionMaker(seededRandom(81));
  const found = [];
  while (found.length < MENTIONS) {
    const item = makeUp(LAST_AT_MS - (MENTIONS - 1 - found.length) * SPACING_MS);
    const isPlain = /^[\x20-\x7e]{60,165}$/.test(item.content);
    if (isPlain && item.position === 'post') found.push(parseMention(item).value);
  }
  return found;
}

function mentionDelivery(mention) {
  return {
    kind: 'mention',
    mention,
    key: mentionKey(mention, 'mention'),
    polledAtMs: mention.spottedAtMs,
  };
}

function shownDelivery(item, index) {
  const spotted = LAST_AT_MS / 1000 - (SHOWN_MENTIONS.length - index) * 60;
  const link = `https://facebook.com/groups/1617905175110739/permalink/380513622972094${index}`;
  const owner = {
    ...item.owner,
    link: `https://facebook.com/profile.php?id=10007369504354${index}`,
  };
  return mentionDelivery(
    parseMention({ id: `${index}`, position: 'post', link, spotted, ...item, owner }).value,
  );
}

function shownAlerts() {
  const [item] = SHOWN_MENTIONS;
  const post = {
    ...item,
    link: 'https://facebook.com/groups/1/permalink/2',
    timestamps: { spotted: LAST_AT_MS / 1000 - 4_000 },
  };
  const { value: mention } = parseRecoveredMention(post, { id: '1', name: item.group.name });
  const gap = {
    type: 'gap.detected',
    fromMs: LAST_AT_MS - 7_200_000,
    toMs: LAST_AT_MS - 3_600_000,
    detectedAtMs: LAST_AT_MS,
  };
  const left = {
    type: 'group.coverage_changed',
    groupId: '1',
    groupName: 'Austin Home Owners',
    change: 'left',
    status: 'pending access',
    changedAtMs: LAST_AT_MS,
  };
  const alerts = [gap, left, { ...left, change: 'returned', status: 'tracking' }];
  alerts.push({
    type: 'relay.trouble',
    trouble: 'webhook_held',
    webhook: 'CRM',
    foundAtMs: LAST_AT_MS,
  });
  return [
    ...alerts.map((alert) => ({ kind: 'alert', alert, key: alertKey(alert) })),
    { kind: 'recovered', mention, key: 'recovered', polledAtMs: LAST_AT_MS },
  ];
}

async function deliver(type, url, delivery, pingTurn) {
  const { body, headers } = webhookTypes[type].request([delivery], {
    webhook: {
      headers: {},
      template: null,
      signingSecrets: type === 'http' ? [SIGNING_SECRET] : [],
      pings: (PINGS[type] ?? []).map((id) => ({ text: id, kind: 'user', id })),
    },
    nowMs,
    pingTurn,
    userAgent: 'mention-relay',
  });
  const { status } = await fetch(url, { method: 'POST', body, headers });
  if (status >= 300) throw new Error(`The inbox answered ${status}.`);
}

/** Creates Park and Miller's generator: the same numbers for the same seed. */
function seededRandom(seed) {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}
