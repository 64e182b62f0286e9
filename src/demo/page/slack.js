import { avatar, clock, dayName, element, ping, timeOfDay, webLink } from './shown.js';

/**
 * Draws a Slack message as Slack would: docs.slack.dev/reference/block-kit/blocks and
 * docs.slack.dev/messaging/formatting-message-text. Whatever a message holds becomes text nodes,
 * never markup.
 */

/** Returns one message of the channel as a list item. */
export function slackMessage({ message, atMs }) {
  const item = element('li', 'message');
  const byline = element('p', 'byline');
  byline.append(element('b', '', 'mention-relay'), element('span', 'app', 'APP'), clock(atMs));
  const body = element('div', 'body');
  body.append(byline, ...blocksOf(message).map(block));
  item.append(avatar(), body);
  return item;
}

function blocksOf({ blocks, text }) {
  if (Array.isArray(blocks) && blocks.length > 0) return blocks;
  return [{ type: 'section', text: { type: 'plain_text', text: String(text ?? '') } }];
}

function block(content) {
  switch (content?.type) {
    case 'header':
      return filled(element('h3', 'header-block'), content.text);
    case 'section':
      return Array.isArray(content.fields)
        ? fieldsOf(content.fields)
        : filled(element('p', 'section-block'), content.text);
    case 'context': {
      const line = element('p', 'context-block');
      for (const part of content.elements ?? []) line.append(filled(element('span'), part));
      return line;
    }
    case 'rich_text':
      return richText(content.elements);
    case 'divider':
      return element('hr');
    default:
      return element('p', 'unknown-block', `(${String(content?.type)} block)`);
  }
}

/** Draws a block in which every text is literal, entities too. */
function richText(sections) {
  const parts = (sections ?? []).flatMap(({ elements }) => elements ?? []);
  const isPing = parts.length > 0 && parts.every((part) => pinged(part) !== undefined);
  const paragraph = element('p', isPing ? 'ping-block' : 'section-block');
  for (const part of parts) {
    const text = String(part?.text ?? '');
    const id = pinged(part);
    if (id !== undefined) paragraph.append(ping(String(id)));
    else if (part?.type === 'link') paragraph.append(webLink(String(part.url), text));
    else paragraph.append(part?.style?.bold === true ? element('b', '', text) : text);
  }
  return paragraph;
}

/** Returns whom an element pings: docs.slack.dev/reference/block-kit/block-elements. */
function pinged(part) {
  return { user: part?.user_id, usergroup: part?.usergroup_id, broadcast: part?.range }[part?.type];
}

/** Draws fields in two columns, as Slack does. */
function fieldsOf(fields) {
  const grid = element('div', 'fields-block');
  for (const field of fields) grid.append(filled(element('p', 'section-block'), field));
  return grid;
}

function filled(target, text) {
  const written = String(text?.text ?? '');
  if (text?.type === 'mrkdwn') target.append(...mrkdwn(written));
  else target.textContent = unescaped(written);
  return target;
}

/** Draws links, dates and *bold*, which the relay writes, and pings, which it must never write. */
function mrkdwn(written) {
  const root = document.createDocumentFragment();
  let target = root;
  for (const part of written.split(/(<[^<>]*>|\*)/)) {
    if (part === '*') {
      if (target === root) {
        target = element('b');
        root.append(target);
      } else target = root;
    } else if (part.startsWith('<')) target.append(bracketed(part.slice(1, -1)));
    else target.append(unescaped(part));
  }
  return root.childNodes;
}

function bracketed(inner) {
  const [target, label] = splitAt(inner, '|');
  if (target.startsWith('!date^')) return date(target, label);
  if (/^[!@#]/.test(target)) return element('mark', '', `@${unescaped(label ?? target.slice(1))}`);
  const url = URL.parse(unescaped(target));
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') return unescaped(`<${inner}>`);
  const link = element('a', '', unescaped(label ?? target));
  link.href = url.href;
  link.target = '_blank';
  link.rel = 'noopener noreferrer';
  return link;
}

/** Draws `!date^<seconds>^<format>`, with the tokens that the relay uses, in the reader's time zone. */
function date(target, fallback) {
  const [, seconds, format] = target.split('^');
  const atMs = Number(seconds) * 1000;
  const time = element('time', '', unescaped(fallback ?? ''));
  if (Number.isNaN(new Date(atMs).getTime())) return time;
  time.dateTime = new Date(atMs).toISOString();
  if (format !== undefined) {
    time.textContent = unescaped(format)
      .replaceAll('{date_short_pretty}', dayName(atMs))
      .replaceAll('{time}', timeOfDay(atMs));
  }
  return time;
}

/** Decodes the three entities that Slack decodes. */
function unescaped(text) {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

function splitAt(text, separator) {
  const index = text.indexOf(separator);
  return index < 0 ? [text] : [text.slice(0, index), text.slice(index + 1)];
}
