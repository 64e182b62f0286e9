/**
 * Draws a message with an Adaptive Card as Teams would: adaptivecards.io/explorer. Whatever a card
 * holds becomes text nodes, never markup.
 */
import { clock, element, ping, timeOfDay, webLink } from './shown.js';

/** Returns one message of the channel as a list item. */
export function teamsMessage({ message, atMs }) {
  const item = element('li', 'teams-message');
  const byline = element('p', 'byline');
  byline.append(element('b', '', 'Workflows'), clock(atMs));
  item.append(byline);
  for (const { content } of Array.isArray(message.attachments) ? message.attachments : []) {
    const card = element('article', 'card');
    const entities = content?.msteams?.entities ?? [];
    for (const each of Array.isArray(content?.body) ? content.body : []) {
      const entity = entities.find(({ text }) => each?.type === 'TextBlock' && text === each.text);
      card.append(entity === undefined ? shown(each) : mentioned(entity));
    }
    item.append(card);
  }
  return item;
}

/** Draws a text that an entity makes a mention: without one, `<at>` is text. */
function mentioned(entity) {
  const line = element('p', 'text');
  line.append(ping(String(entity.mentioned?.name), ''));
  return line;
}

function shown(part) {
  const target = kindOf(part);
  for (const name of ['size', 'weight', 'color', 'spacing', 'style']) {
    const value = part?.[name];
    if (typeof value === 'string') target.dataset[name] = value.toLowerCase();
  }
  if (part?.isSubtle === true) target.dataset.subtle = '';
  if (part?.separator === true) target.dataset.separator = '';
  return target;
}

function kindOf(part) {
  switch (part?.type) {
    case 'TextBlock':
      return element('p', 'text', withTimes(String(part.text ?? '')));
    case 'RichTextBlock': {
      const line = element('p', 'text');
      for (const run of Array.isArray(part.inlines) ? part.inlines : []) {
        line.append(shown({ ...run, type: 'TextRun' }));
      }
      return line;
    }
    case 'TextRun':
      return part.selectAction === undefined
        ? element('span', '', String(part.text ?? ''))
        : webLink(String(part.selectAction?.url), String(part.text ?? ''));
    case 'Container': {
      const group = element('div', 'group');
      for (const each of Array.isArray(part.items) ? part.items : []) group.append(shown(each));
      return group;
    }
    case 'FactSet': {
      const facts = element('dl', 'facts');
      for (const { title, value } of Array.isArray(part.facts) ? part.facts : []) {
        facts.append(element('dt', '', String(title)), element('dd', '', withTimes(String(value))));
      }
      return facts;
    }
    case 'ActionSet': {
      const actions = element('p', 'actions');
      for (const { url, title } of Array.isArray(part.actions) ? part.actions : []) {
        actions.append(webLink(String(url), String(title), 'action'));
      }
      return actions;
    }
    default:
      return element('p', 'unknown-block', `(${String(part?.type)})`);
  }
}

/** Replaces `{{DATE(...)}}` and `{{TIME(...)}}` by times in the reader's time zone. */
function withTimes(text) {
  return text
    .replaceAll(/\{\{DATE\(([^,)]*), SHORT\)\}\}/g, (_, time) => shortDate(new Date(time)))
    .replaceAll(/\{\{TIME\(([^)]*)\)\}\}/g, (_, time) => timeOfDay(new Date(time)));
}

function shortDate(date) {
  const parts = { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' };
  return new Intl.DateTimeFormat(undefined, parts).format(date);
}
