/**
 * Draws a Discord message as Discord would: docs.discord.com/developers/resources/message, "Embed
 * Object", and /developers/reference, "Message Formatting". Whatever a message holds becomes text
 * nodes, never markup.
 */
import { avatar, clock, dayName, element, ping, timeElement, timeOfDay, webLink } from './shown.js';

/** Returns one message of the channel as a list item. */
export function discordMessage({ message, atMs }) {
  const item = element('li', 'discord-message');
  const byline = element('p', 'byline');
  byline.append(element('b', '', 'mention-relay'), element('span', 'app', 'APP'), clock(atMs));
  const body = element('div', 'body');
  body.append(byline);
  if (message.content) body.append(markdown(element('p', 'content'), message.content));
  for (const each of Array.isArray(message.embeds) ? message.embeds : []) body.append(embed(each));
  item.append(avatar(), body);
  return item;
}

function embed({ author, title, description, fields, footer, timestamp, color } = {}) {
  const card = element('article', 'embed');
  card.style.setProperty(
    '--bar',
    `#${Number(color ?? 0)
      .toString(16)
      .padStart(6, '0')}`,
  );
  if (author?.name) card.append(element('p', 'embed-author', String(author.name)));
  if (title) card.append(markdown(element('h3', 'embed-title'), title));
  if (description) card.append(markdown(element('p', 'embed-description'), description));
  if (Array.isArray(fields)) card.append(fieldsOf(fields));
  const below = [footer?.text, timestamp && `${capital(dayName(timestamp))}, ${at(timestamp)}`];
  const shown = below.filter(Boolean).join(' • ');
  if (shown !== '') card.append(element('p', 'embed-footer', shown));
  return card;
}

function fieldsOf(fields) {
  const grid = element('dl', 'embed-fields');
  for (const { name, value } of fields) {
    const field = element('div');
    field.append(element('dt', '', String(name)), markdown(element('dd'), String(value)));
    grid.append(field);
  }
  return grid;
}

const MARKS =
  /\\[^A-Za-z0-9\s]|\*\*|\[(?:\\.|[^\]\\])*\]\([^)\s]*\)|<t:\d+:f>|<[@#][^>\s]*>|@(?:everyone|here)/g;

/** Draws the Markdown and the pings that the relay writes. */
function markdown(root, written) {
  const text = String(written);
  let target = root;
  let end = 0;
  for (const { 0: mark, index } of text.matchAll(MARKS)) {
    target.append(text.slice(end, index));
    end = index + mark.length;
    if (mark === '**') {
      target = target === root ? element('b') : root;
      if (target !== root) root.append(target);
    } else target.append(marked(mark));
  }
  target.append(text.slice(end));
  return root;
}

function marked(mark) {
  if (mark.startsWith('\\')) return mark.slice(1);
  if (mark.startsWith('<t:')) {
    const atMs = Number(mark.slice(3, -3)) * 1000;
    return timeElement(atMs, `${longDate(atMs)} ${at(atMs)}`);
  }
  if (/^[<@]/.test(mark)) return ping(mark.replace(/^(?:@|<@?&?)|>$/g, ''));
  const [, label, url] = /^\[((?:\\.|[^\]\\])*)\]\((.*)\)$/.exec(mark);
  return webLink(url, label.replaceAll(/\\([^A-Za-z0-9\s])/g, '$1'));
}

function longDate(atMs) {
  return new Intl.DateTimeFormat(undefined, { dateStyle: 'long' }).format(atMs);
}

function at(time) {
  return timeOfDay(new Date(time));
}

function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
