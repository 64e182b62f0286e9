/** Elements that all panels share. Foreign text becomes text nodes, never markup. */

/** Returns the line between two days. */
export function dayDivider(atMs) {
  const item = element('li', 'day');
  item.append(element('span', '', capitalized(dayName(atMs))));
  return item;
}

/** Returns `today`, `yesterday`, or a date such as `Nov 3, 2025`. */
export function dayName(atMs) {
  const daysAgo = Math.round((midnight(Date.now()) - midnight(atMs)) / 86_400_000);
  if (daysAgo === 0) return 'today';
  if (daysAgo === 1) return 'yesterday';
  return new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' }).format(atMs);
}

function midnight(atMs) {
  return new Date(atMs).setHours(0, 0, 0, 0);
}

/** Returns `4:04 PM`, as the reader's language writes it. */
export function timeOfDay(atMs) {
  return new Intl.DateTimeFormat(undefined, { timeStyle: 'short' }).format(atMs);
}

/** Returns a small time of day whose title is the whole date. */
export function clock(atMs, timeStyle = 'short') {
  const time = element('time', 'clock');
  time.textContent = new Intl.DateTimeFormat(undefined, { timeStyle }).format(atMs);
  time.dateTime = new Date(atMs).toISOString();
  time.title = new Date(atMs).toLocaleString();
  return time;
}

function capitalized(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Creates an element with a class and a text, both optional. */
export function element(name, className = '', text = '') {
  const made = document.createElement(name);
  if (className !== '') made.className = className;
  if (text !== '') made.textContent = text;
  return made;
}

/** Returns a link that opens in a new tab, or its text if it is not a web link. */
export function webLink(target, label, className = '') {
  const url = URL.parse(target);
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') return element('span', '', label);
  const link = element('a', className, label);
  link.href = url.href;
  link.target = '_blank';
  link.rel = 'noopener noreferrer';
  return link;
}

/** Returns a time element with this text. */
export function timeElement(atMs, text) {
  const time = element('time', '', text);
  if (!Number.isNaN(new Date(atMs).getTime())) time.dateTime = new Date(atMs).toISOString();
  return time;
}

/** Returns the page's icon as a chat's avatar. */
export function avatar() {
  const picture = element('img', 'avatar');
  picture.src = 'icon.svg';
  picture.alt = '';
  return picture;
}

// A service shows an id as the name of its person. These are the demo's.
const NAMES = new Map([
  ['U0DEMOANA', 'Ana'],
  ['U0DEMOBEN', 'Ben'],
  ['100000000000000001', 'Ana'],
  ['ana@example.com', 'Ana'],
]);

/** Returns a ping as the services show it. */
export function ping(id, sign = '@') {
  const made = element('mark', '', `${sign}${NAMES.get(id) ?? id}`);
  made.title = id;
  return made;
}
