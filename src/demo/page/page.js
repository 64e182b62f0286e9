import { httpRequest } from './http.js';
import { dayDivider, dayName, slackMessage } from './slack.js';

const MOST_SHOWN = 100;

const find = (id) => document.getElementById(id);
const slack = find('slack');
const slackScroll = find('slack-scroll');
const http = find('http');
const latest = find('latest');

let lastDay;
let following = true;
let lastTop = 0;

connect();

function connect() {
  const source = new EventSource('events');
  source.addEventListener('hello', ({ data }) => {
    const { state, posts } = JSON.parse(data);
    startOver();
    for (const post of posts) show(post, false);
    showState(state, false);
    tell('live', 'Live');
  });
  source.addEventListener('post', ({ data }) => show(JSON.parse(data), true));
  source.addEventListener('state', ({ data }) => showState(JSON.parse(data), true));
  source.addEventListener('error', () => {
    tell('away', 'The demo has ended. This page comes back with it.');
    // The browser tries again by itself, except where it has given up.
    if (source.readyState !== EventSource.CLOSED) return;
    setTimeout(connect, 2_000);
  });
}

function startOver() {
  lastDay = undefined;
  following = true;
  latest.hidden = true;
  slack.replaceChildren();
  http.replaceChildren();
}

function tell(state, words) {
  const connection = find('connection');
  connection.dataset.state = state;
  if (connection.textContent.trim() !== words) connection.firstElementChild.textContent = words;
  document.body.dataset.connection = state;
}

function show(post, isNew) {
  const item = post.kind === 'slack' ? slackMessage(post) : httpRequest(post);
  item.dataset.number = post.number;
  if (isNew) item.classList.add('is-new');
  if (post.kind === 'slack') showMessage(item, post.atMs, isNew);
  else showRequest(item);
}

function showMessage(item, atMs, isNew) {
  const day = dayName(atMs);
  if (day !== lastDay) slack.append(dayDivider(atMs));
  lastDay = day;
  slack.append(item);
  while (slack.childElementCount > MOST_SHOWN) slack.firstElementChild.remove();
  if (following || !isNew) toEnd(isNew ? 'smooth' : 'instant');
  else latest.hidden = false;
}

function showRequest(item) {
  const before = http.querySelector('details[open]:not([data-kept])');
  // What somebody opened, or is reading, stays open.
  if (before !== null && !before.matches(':hover, :focus-within')) before.open = false;
  const details = item.firstElementChild;
  details.open = true;
  details.firstElementChild.addEventListener('click', () => (details.dataset.kept = ''));
  http.prepend(item);
  while (http.childElementCount > MOST_SHOWN) http.lastElementChild.remove();
}

function isAtEnd() {
  return slackScroll.scrollHeight - slackScroll.scrollTop - slackScroll.clientHeight < 40;
}

function toEnd(behavior) {
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
  slackScroll.scrollTo({ top: slackScroll.scrollHeight, behavior: still ? 'instant' : behavior });
}

latest.addEventListener('click', () => toEnd('smooth'));
slackScroll.addEventListener('scroll', () => {
  const { scrollTop } = slackScroll;
  if (isAtEnd()) {
    following = true;
    latest.hidden = true;
  } else if (scrollTop < lastTop) following = false;
  lastTop = scrollTop;
});

function showState(state, isNew) {
  for (const target of document.querySelectorAll('[data-count]')) {
    const value = Number(state[target.dataset.count]).toLocaleString();
    if (target.textContent === value) continue;
    target.textContent = value;
    if (isNew) bump(target);
  }
  find('repeats').classList.toggle('good', state.repeats === 0);
  find('budget').textContent = ` of ${state.requestBudget} allowed`;
  const used = Math.min(1, state.requestsLastMinute / state.requestBudget);
  find('budget-used').style.setProperty('--used', String(used));
}

function bump(target) {
  target.classList.remove('bump');
  // Reading the size lets the animation begin anew.
  void target.offsetWidth;
  target.classList.add('bump');
}

// On a narrow screen the panels lie side by side and are swiped.
const links = [...document.querySelectorAll('.switch a')];
const panels = links.map((link) => document.querySelector(link.getAttribute('href')));
const watcher = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) links[panels.indexOf(target)].setAttribute('aria-current', 'true');
      else links[panels.indexOf(target)].removeAttribute('aria-current');
    }
  },
  { threshold: 0.6 },
);
for (const panel of panels) watcher.observe(panel);
for (const [index, link] of links.entries()) {
  link.addEventListener('click', (event) => {
    event.preventDefault();
    panels[index].scrollIntoView({ inline: 'start', block: 'nearest' });
  });
}
