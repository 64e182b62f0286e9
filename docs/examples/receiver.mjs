// A receiver of mention-relay's http webhooks, with nothing but Node (20 or newer):
//
//   SIGNING_SECRET=whsec_... PORT=8080 node receiver.mjs
//
// SIGNING_SECRET is the relay's WEBHOOK_<NAME>_SECRET. Separate several with spaces.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';

const toleranceSeconds = 300;
// The longest post that Facebook allows fits. The relay halves a batch that gets a 413.
const longestBodyBytes = 1_000_000;
const mostRemembered = 20_000;

const keys = signingKeys(process.env.SIGNING_SECRET ?? '');
// In memory, so a restart forgets it. Keep it in your database, for a day or two.
const handled = new Set();

/** Your code. The relay waits 15 seconds: store the mention here, and work on it later. */
function handleMention(mention) {
  print({ mention });
}

function handle(event) {
  switch (event.type) {
    case 'mention.created':
    // A recovered mention has no id, position or content.
    case 'mention.recovered':
      handleOnce(event.data);
      break;
    case 'mention.batch':
    case 'mention.digest':
      for (const mention of event.data) handleOnce(mention);
      break;
    case 'test.ping':
      print({ ping: event.data });
      break;
    default:
    // More types may follow. Unknown ones are accepted and ignored.
  }
}

/** Handles a mention once. It may come again in another batch, which has another id. */
function handleOnce(mention) {
  const { id, keyword, position, link, owner } = mention;
  const identity = JSON.stringify([id, keyword, position, link, owner?.id]);
  if (handled.has(identity)) return;
  handleMention(mention);
  remember(identity);
}

function remember(what) {
  handled.add(what);
  if (handled.size > mostRemembered) handled.delete(handled.values().next().value);
}

async function answer(request) {
  if (request.method !== 'POST') return [405, 'Only POST.'];
  const body = await readBody(request);
  if (body === null) return [413, 'The body is too long.'];
  if (!isGenuine(request.headers, body)) return [401, 'The signature is missing, wrong or old.'];

  const messageId = request.headers['webhook-id'];
  if (handled.has(messageId)) return [200, 'Handled before.'];
  const event = parseObject(body);
  if (event === null) return [400, 'The body is no JSON object.'];
  handle(event);
  remember(messageId);
  return [200, 'Handled.'];
}

/** Reads the body's bytes, which are what was signed. Returns null if there are too many. */
async function readBody(request) {
  const chunks = [];
  let bytes = 0;
  // Reads to the end even if it is too long, so that the sender gets the answer.
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes <= longestBodyBytes) chunks.push(chunk);
  }
  return bytes <= longestBodyBytes ? Buffer.concat(chunks) : null;
}

/** Returns true if a signature is by one of the keys, and the time within 5 minutes of now. */
function isGenuine(headers, body) {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': given } = headers;
  if (!id || !given || !/^\d{1,12}$/.test(timestamp ?? '')) return false;
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > toleranceSeconds) return false;

  const expected = keys.map((key) => {
    const hash = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body);
    return Buffer.from(`v1,${hash.digest('base64')}`);
  });
  return given.split(' ').some((text) => {
    const signature = Buffer.from(text);
    return expected.some(
      (each) => each.length === signature.length && timingSafeEqual(each, signature),
    );
  });
}

function signingKeys(secrets) {
  const texts = secrets.split(/\s+/).filter((secret) => secret !== '');
  if (texts.length === 0 || !texts.every((text) => /^whsec_[A-Za-z0-9+/]+=*$/.test(text))) {
    process.stderr.write(
      'SIGNING_SECRET must be whsec_ and base64; several with spaces between.\n',
    );
    process.exit(1);
  }
  return texts.map((text) => Buffer.from(text.slice('whsec_'.length), 'base64'));
}

function parseObject(body) {
  try {
    const value = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

/** Prints one line of plain ASCII: foreign text cannot act on a terminal or break the line. */
function print(value) {
  const json = JSON.stringify(value).replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  process.stdout.write(`${json}\n`);
}

const server = createServer(async (request, response) => {
  // The relay retries if this throws.
  const [status, words] = await answer(request).catch(() => [500, 'Not handled.']);
  response.writeHead(status, { 'content-type': 'text/plain' }).end(`${words}\n`);
});
server.requestTimeout = 30_000;
// Only this machine reaches it: put a reverse proxy with TLS in front.
server.listen(Number(process.env.PORT ?? 8080), '127.0.0.1', () => {
  print({ listening: `http://127.0.0.1:${server.address().port}/` });
});
