import { clock, element } from './shown.js';

/** Returns one request with its headers and its body as a list item that can be folded. */
export function httpRequest({ headers, verification, status, text, atMs }) {
  const item = element('li', 'request');
  const details = element('details');
  details.append(summary({ headers, verification, status, text, atMs }));
  details.append(headerTable(headers, verification), json(text));
  item.append(details);
  return item;
}

const VERDICTS = {
  verified: '✓ verified',
  unsigned: '✗ unsigned',
  wrong: '✗ wrong signature',
  'too-old': '✗ too old',
};

function summary({ headers, verification, status, text, atMs }) {
  const line = element('summary');
  const answer = element('span', 'answer', String(status));
  answer.dataset.ok = String(status < 300);
  const what = element('span', 'what');
  what.append(element('b', '', eventType(text)));
  const id = headers.find(([name]) => name === 'webhook-id');
  if (id !== undefined) what.append(' ', element('span', 'id', id[1]));
  line.append(answer, what, verdict(verification), clock(atMs, 'medium'));
  return line;
}

function eventType(text) {
  const type = JSON.parse(text)?.type;
  return typeof type === 'string' ? type : 'no type';
}

function verdict(verification) {
  const badge = element('span', 'verdict', VERDICTS[verification] ?? verification);
  badge.dataset.ok = String(verification === 'verified');
  return badge;
}

function headerTable(headers, verification) {
  const table = element('dl', 'headers');
  for (const [name, value] of headers) {
    const row = element('div');
    const shown = element('dd', '', value);
    row.append(element('dt', '', name), shown);
    if (name === 'webhook-signature') row.append(verdict(verification));
    table.append(row);
  }
  return table;
}

/**
 * Draws valid JSON on several lines, coloured. Numbers and escapes stay as they were written, so that
 * people who copy it get the same JSON.
 */
function json(text) {
  const code = element('code', 'json');
  for (const { depth, tokens } of jsonLines(text.match(TOKENS) ?? [])) {
    const line = element('span', `line depth-${Math.min(depth, 6)}`);
    for (const [kind, written] of tokens) line.append(element('span', kind, written));
    code.append(line);
  }
  return code;
}

const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*|true|false|null|[{}[\],:]/g;

function jsonLines(written) {
  const lines = [{ depth: 0, tokens: [] }];
  const put = (kind, token) => lines.at(-1).tokens.push([kind, token]);
  const breakLine = () => lines.push({ depth, tokens: [] });
  let depth = 0;
  for (const [index, token] of written.entries()) {
    const previous = written[index - 1];
    const next = written[index + 1];
    if (token === '{' || token === '[') {
      put('mark', token);
      if (next === '}' || next === ']') continue;
      depth += 1;
      breakLine();
    } else if (token === '}' || token === ']') {
      if (previous !== '{' && previous !== '[') {
        depth -= 1;
        breakLine();
      }
      put('mark', token);
    } else if (token === ',') {
      put('mark', token);
      breakLine();
    } else if (token === ':') put('colon', token);
    else if (token.startsWith('"')) put(next === ':' ? 'key' : 'string', token);
    else put(/^[-\d]/.test(token) ? 'number' : 'word', token);
  }
  return lines;
}
