import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { CHROMIUM_ARGUMENTS, findChromium } from '../../scripts/find-chromium.mjs';
import { startInbox } from '../../src/demo/inbox.ts';
import { formatSlack } from '../../src/webhooks/slack/slack-message.ts';
import { startDemo, type RunningDemo } from '../helpers/demo.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { alertOf } from '../webhooks/recovered-and-alert-samples.ts';

// Slack gets `<` and `&` of it escaped; people must see all of it as it is.
const HOSTILE =
  '<img src=x onerror="document.title=1"><script>document.title=2</script> *bold* <!channel> &lt;b&gt; <https://evil.example|Open post> \u202Eevil';

/** The same as the API sends it: its entities are decoded once. */
const AS_SENT = HOSTILE.replaceAll('&', '&amp;');

let browser: Browser;
/** A demo with a steady stream of mentions. */
let busy: RunningDemo;
/** A demo with six mentions, and later those of each test. */
let quiet: RunningDemo;

beforeAll(async () => {
  browser = await chromium.launch({ executablePath: findChromium(), args: CHROMIUM_ARGUMENTS });
  busy = await startDemo(['--rate', '60']);
  quiet = await startDemo(['--rate', '0']);
});

afterAll(async () => {
  await browser?.close();
  await busy?.dispose();
  await quiet?.dispose();
});

/** Opens a page of a demo, waits for six mentions, and collects its errors. */
async function openPage(
  demo: RunningDemo,
  options: Parameters<Browser['newPage']>[0] = {},
): Promise<{ readonly page: Page; readonly troubles: readonly string[] }> {
  const page = await browser.newPage({ locale: 'en-US', ...options });
  onTestFinished(() => page.close());
  const troubles: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) troubles.push(message.text());
  });
  page.on('pageerror', (error) => troubles.push(String(error)));
  page.on('request', (request) => {
    if (!request.url().startsWith(demo.inboxUrl)) troubles.push(`left for ${request.url()}`);
  });
  await page.goto(demo.inboxUrl);
  await mentions(page).nth(5).waitFor();
  await page.locator('#http .request').nth(5).waitFor();
  return { page, troubles };
}

/** Finds the mentions in the Slack column: a message may hold several. */
const mentions = (page: Page) => page.locator('#slack .header-block');

const post = (url: string, body: unknown): Promise<Response> =>
  fetch(url, { method: 'POST', body: JSON.stringify(body) });

function counter(page: Page, name: string): Promise<number> {
  return page
    .locator(`[data-count=${name}]`)
    .textContent()
    .then((text) => Number(text?.replaceAll(',', '')));
}

test('mentions arrive live in both columns, without errors or requests to other hosts', async () => {
  const { page, troubles } = await openPage(busy);
  const requests = page.locator('#http .request');
  const before = await mentions(page).count();
  const requestsBefore = await requests.count();

  await mentions(page)
    .nth(before + 1)
    .waitFor();
  await requests.nth(requestsBefore + 1).waitFor();

  await page.locator('#connection[data-state=live]').waitFor();
  expect(await page.locator('.verdict[data-ok=false]').count()).toBe(0);
  expect(troubles).toEqual([]);
});

test('a message looks like in Slack', async () => {
  const { page } = await openPage(quiet);
  await post(`${quiet.controlUrl}/mentions`, [
    {
      keyword: 'CRM & more',
      content: 'Which one? <1% of CRM & More are good & cheap',
      owner: { name: 'Ana P.', link: 'https://facebook.com/profile.php?id=1' },
      group: { name: 'SaaS Lounge' },
      position: 'post',
      link: 'https://facebook.com/groups/1/permalink/2?a=1&b=2',
    },
  ]);
  const message = page.locator('.message', { hasText: 'CRM & more' });
  await message.waitFor();

  expect(await message.locator('h3').textContent()).toBe('CRM & more in SaaS Lounge');
  expect(await message.locator('.section-block').textContent()).toBe(
    '“Which one? <1% of CRM & More are good & cheap”\n— Ana P.',
  );
  expect(await message.locator('.section-block b').allTextContents()).toEqual(['CRM & More']);
  const author = message.getByRole('link', { name: 'Ana P.' });
  expect(await author.getAttribute('href')).toBe('https://facebook.com/profile.php?id=1');
  expect(await message.locator('.byline').textContent()).toMatch(/^mention-relayAPP\d/);
  expect(await message.locator('.context-block').textContent()).toMatch(
    /^in the postspotted (today|yesterday) at \d{1,2}:\d\d [AP]MOpen post$/u,
  );
  const link = message.getByRole('link', { name: 'Open post' });
  expect(await link.getAttribute('href')).toBe('https://facebook.com/groups/1/permalink/2?a=1&b=2');
  expect(await link.getAttribute('rel')).toBe('noopener noreferrer');
});

test('foreign text is shown as text, in both columns', async () => {
  const { page, troubles } = await openPage(quiet);
  await post(`${quiet.controlUrl}/mentions`, [
    {
      keyword: 'hostile',
      content: AS_SENT,
      owner: { name: '<b>Ana</b> <!here>' },
      link: 'javascript:document.title=3',
    },
  ]);
  const message = page.locator('.message', { hasText: 'hostile in' });
  const request = page.locator('.request', { hasText: '"hostile"' });
  await message.waitFor();
  await request.waitFor();

  expect(await message.locator('.section-block').textContent()).toBe(
    `“${HOSTILE.replace('\u202E', '')}”\n— <b>Ana</b> <!here>`,
  );
  expect(await message.locator('.section-block *').count()).toBe(0);
  expect(await message.locator('a, img:not(.avatar), script').count()).toBe(0);
  // The configured ping, and nobody whom the text names.
  expect(await message.locator('mark').allTextContents()).toEqual([
    expect.stringMatching(/^@(Ana|Ben)$/),
  ]);
  const shown = (await request.locator('.json').textContent()) ?? '';
  expect((JSON.parse(shown) as { data: { content: string } }).data.content).toBe(AS_SENT);
  expect(await request.locator('img, script, a').count()).toBe(0);
  expect(await page.title()).toBe('mention-relay demo');
  expect(troubles).toEqual([]);
});

test('an alert shows its title and its times side by side', async () => {
  const { page, troubles } = await openPage(quiet);
  await fetch(new URL('/hooks/slack', quiet.inboxUrl), {
    method: 'POST',
    body: formatSlack([alertOf()]),
  });
  const message = page.locator('.message', { hasText: 'Mentions may be missing' });
  await message.waitFor();

  const fields = message.locator('.fields-block .section-block');
  // Measured together: a message that arrives above moves both.
  const [from, to] = await fields.evaluateAll((both) =>
    both.map((each) => ({ x: each.getBoundingClientRect().x, y: each.getBoundingClientRect().y })),
  );
  expect(from?.y).toBe(to?.y);
  expect(from?.x).toBeLessThan(to?.x ?? 0);
  expect(await fields.allTextContents()).toEqual([
    expect.stringMatching(/^Spotted after\nNov 8, 2023 at \d{1,2}:\d\d [AP]M$/u),
    expect.stringMatching(/^and before\nNov 8, 2023 at \d{1,2}:\d\d [AP]M$/u),
  ]);
  expect(await message.locator('.fields-block b').allTextContents()).toEqual([
    'Spotted after',
    'and before',
  ]);
  expect(troubles).toEqual([]);
});

test('messages that the relay never writes do no harm either', async () => {
  const { page, troubles } = await openPage(quiet);
  const mrkdwn = (text: string) => ({ type: 'mrkdwn', text });
  const answer = await post(new URL('/hooks/slack', quiet.inboxUrl).href, {
    text: 'fallback',
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: 'Odd one' } },
      {
        type: 'context',
        elements: [
          mrkdwn('<javascript:document.title=4|click>'),
          mrkdwn('<!channel> <@U1>'),
          mrkdwn('<!date^nonsense^{time}|some day>'),
          null,
        ],
      },
      { type: 'image', image_url: 'https://evil.example/x.png' },
      null,
    ],
  });
  expect(await answer.text()).toBe('ok');
  const message = page.locator('.message', { hasText: 'Odd one' });
  await message.waitFor();

  const context = message.locator('.context-block');
  expect(await context.textContent()).toContain('<javascript:document.title=4|click>');
  // Pings are highlighted, so that people would notice one.
  expect(await context.locator('mark').allTextContents()).toEqual(['@channel', '@U1']);
  expect(await context.textContent()).toContain('some day');
  expect(await message.locator('a, img:not(.avatar)').count()).toBe(0);
  expect(await page.title()).toBe('mention-relay demo');
  expect(troubles).toEqual([]);
});

test.each([
  ['Discord', '#discord-panel', '.embed-description', '@Ana'],
  ['Teams', '#teams-panel', '.card [data-style=emphasis]', 'Ana'],
])('%s shows mentions, with foreign text as text', async (label, panel, quote, pinged) => {
  const { page, troubles } = await openPage(quiet);
  await post(`${quiet.controlUrl}/mentions`, [
    {
      keyword: `hostile ${label}`,
      content: `${AS_SENT} @everyone [Open post](https://evil.example) HOSTILE ${label}`,
      owner: { name: 'A_na *P*', link: 'https://facebook.com/profile.php?id=1' },
    },
  ]);
  expect(await page.locator(panel).isVisible()).toBe(false);
  await page.getByRole('button', { name: label, exact: true }).click();
  const message = page.locator(`${panel} li`, { hasText: `hostile ${label}` });
  await message.waitFor();

  expect(await message.locator(quote).textContent()).toContain(
    `“${HOSTILE.replace('\u202E', '')} @everyone [Open post](https://evil.example) HOSTILE ${label}”`,
  );
  const bold = message.locator(`${quote} b, ${quote} [data-weight=bolder]`);
  expect(await bold.first().textContent()).toBe(`HOSTILE ${label}`);
  const author = message.getByRole('link', { name: 'A_na *P*' });
  expect(await author.getAttribute('href')).toBe('https://facebook.com/profile.php?id=1');
  expect(await message.locator('script, img:not(.avatar)').count()).toBe(0);
  // The configured ping, and nobody whom the text names.
  expect(await message.locator('mark').allTextContents()).toEqual([pinged]);
  const links = await message
    .locator('a')
    .evaluateAll((found) => found.map((a) => a.getAttribute('href')));
  expect(links).toHaveLength(2);
  for (const link of links) expect(link).toMatch(/^https:\/\/facebook\.com\//);
  expect(await page.locator('#slack-panel').isVisible()).toBe(false);
  expect(await page.title()).toBe('mention-relay demo');
  expect(troubles).toEqual([]);
});

test('a request with a wrong signature is shown as refused, with every digit of its body', async () => {
  const { page } = await openPage(quiet);
  const answer = await fetch(new URL('/hooks/http', quiet.inboxUrl), {
    method: 'POST',
    body: '{"type":"forged","data":{"big":12345678901234567890}}',
    headers: {
      'webhook-id': 'msg_forged',
      'webhook-timestamp': String(Math.floor(Date.now() / 1000)),
      'webhook-signature': 'v1,Zm9yZ2Vk',
    },
  });
  expect(answer.status).toBe(401);
  const request = page.locator('.request', { hasText: 'msg_forged' });
  await request.waitFor();
  expect(await request.locator('.answer').textContent()).toBe('401');
  expect(await request.locator('.verdict').first().textContent()).toBe('✗ wrong signature');
  expect(await request.locator('.json').textContent()).toContain('12345678901234567890');
});

test('the counters agree with each other', async () => {
  const { page } = await openPage(busy);
  await waitUntil('the counters to agree', async () => {
    const [spotted = 0, ...others] = await Promise.all(
      ['spotted', 'slack', 'discord', 'teams', 'http'].map((name) => counter(page, name)),
    );
    return spotted > 6 && others.every((each) => each === spotted);
  });
  expect(await counter(page, 'repeats')).toBe(0);
  const requests = await counter(page, 'requestsLastMinute');
  expect(requests).toBeGreaterThan(0);
  expect(requests).toBeLessThanOrEqual(50);
  expect(await page.locator('#budget').textContent()).toBe(' of 50 allowed');
});

test('a reader of older messages stays where they are', async () => {
  const { page } = await openPage(busy, { viewport: { width: 1280, height: 500 } });
  const scroll = page.locator('#slack-scroll');
  await scroll.hover();
  await page.mouse.wheel(0, -400);
  await waitUntil('the list to be scrolled', () =>
    scroll.evaluate((list) => list.scrollTop < list.scrollHeight - list.clientHeight - 100),
  );
  const before = await scroll.evaluate((list) => list.scrollTop);
  const latest = page.getByRole('button', { name: 'New messages' });
  await latest.waitFor();
  expect(await scroll.evaluate((list) => list.scrollTop)).toBe(before);

  await latest.click();
  await latest.waitFor({ state: 'hidden' });
});

test('a digest, one lead from three groups, and a channel that closes and opens', async () => {
  const { page, troubles } = await openPage(quiet);
  await page.getByRole('button', { name: 'Send digest' }).click();
  const digest = page.locator('.message', { hasText: /\d+ new mentions/ });
  await digest.waitFor();
  expect(await digest.getByRole('link', { name: 'Open post' }).count()).toBeGreaterThanOrEqual(6);
  expect(await digest.locator('mark').count()).toBe(0);

  await page.getByRole('button', { name: 'Close Teams' }).click();
  await page.getByText('Teams is closed.').waitFor();
  await page.getByRole('button', { name: 'Post in 3 groups' }).click();
  await page.locator('#teams-closed', { hasText: 'Closed: 1 mention waits' }).waitFor();
  const teams = page.locator('.teams-message', { hasText: 'Also found' });
  expect(await teams.count()).toBe(0);
  const lead = page.locator('.message', { hasText: 'Also found' });
  // Another panel is in front now.
  await lead.waitFor({ state: 'attached' });
  expect(await lead.count()).toBe(1);
  expect(await lead.locator('.section-block').textContent()).toMatch(/Also found: in .+ · in .+/);
  expect(await lead.locator('mark').textContent()).toMatch(/^@(Ana|Ben)$/);

  await page.getByRole('button', { name: 'Open Teams' }).click();
  await teams.waitFor();
  expect(await page.locator('#teams-closed').isVisible()).toBe(false);
  await waitUntil(
    'the counters to agree',
    async () => (await counter(page, 'teams')) === (await counter(page, 'http')),
  );
  expect(await page.locator('#copies').textContent()).toBe(' 2 copies');
  expect(await counter(page, 'repeats')).toBe(0);
  expect(troubles).toEqual([]);
});

test('a narrow screen shows one panel at a time, and does not scroll sideways', async () => {
  const { page } = await openPage(busy, { viewport: { width: 390, height: 844 } });
  const inView = (id: string): Promise<boolean> =>
    page.locator(id).evaluate((panel) => {
      const { left, right } = panel.getBoundingClientRect();
      return left >= 0 && right <= 390;
    });
  expect(await inView('#slack-panel')).toBe(true);

  await page.getByRole('link', { name: 'HTTP' }).click();

  await waitUntil('the other panel', () => inView('#http-panel'));
  await page.locator('.switch a[aria-current]', { hasText: 'HTTP' }).waitFor();
  expect(await page.locator('html').evaluate((root) => root.scrollWidth)).toBe(390);
});

test('an empty inbox shows that nothing has arrived', async () => {
  const inbox = await startInbox({
    host: '127.0.0.1',
    port: 0,
    signingSecret: `whsec_${Buffer.alloc(32).toString('base64')}`,
    stats: () => ({
      spotted: 0,
      copies: 0,
      teamsClosed: false,
      requestsLastMinute: 0,
      requestBudget: 50,
    }),
    actions: { lead: async () => '', digest: async () => '', hours: async () => '' },
  });
  onTestFinished(() => inbox.stop());
  const page = await browser.newPage();
  onTestFinished(() => page.close());
  await page.goto(inbox.url.href);
  await page.locator('#connection[data-state=live]').waitFor();
  const empty = page.locator('.empty');
  expect(await empty.first().isVisible()).toBe(true);
  expect(await empty.last().isVisible()).toBe(true);

  await post(inbox.chatUrls.slack.href, { text: 'the first' });

  await empty.first().waitFor({ state: 'hidden' });
  expect(await empty.last().isVisible()).toBe(true);
});

test('a page reports the end of the demo, and starts over with the next one', async () => {
  const first = await startDemo(['--rate', '0']);
  onTestFinished(() => first.dispose());
  const page = await browser.newPage();
  onTestFinished(() => page.close());
  const links = (): Promise<(string | null)[]> =>
    page
      .getByRole('link', { name: 'Open post' })
      .evaluateAll((found) => found.map((link) => link.getAttribute('href')));
  await page.goto(first.inboxUrl);
  await mentions(page).nth(5).waitFor();

  first.kill('SIGTERM');
  await page.locator('#connection[data-state=away]').waitFor();
  await first.ended;
  const before = await links();
  expect(before).toHaveLength(6);

  const next = await startDemo(['--rate', '0', '--port', new URL(first.inboxUrl).port]);
  onTestFinished(() => next.dispose());
  await page.locator('#connection[data-state=live]').waitFor();
  const after = await waitUntil('the next demo’s messages alone', async () => {
    const found = await links();
    return found.length === 6 && !found.some((link) => before.includes(link)) && found;
  });
  expect(after).toHaveLength(6);
});
