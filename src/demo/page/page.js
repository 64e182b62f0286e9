import { channel } from './channel.js';
import { discordMessage } from './discord.js';
import { httpRequest } from './http.js';
import { slackMessage } from './slack.js';
import { teamsMessage } from './teams.js';

const MAX_SHOWN = 100;

const find = (id) => document.getElementById(id);
const http = find('http');
const messages = { slack: slackMessage, discord: discordMessage, teams: teamsMessage };
const channels = Object.fromEntries(Object.keys(messages).map((name) => [name, channel(name)]));

const actions = [...document.querySelectorAll('[data-action]')];
const hoursButton = actions.find(({ dataset }) => dataset.action === 'hours');
for (const button of actions) button.addEventListener('click', () => void act(button));

connect();

/** Asks the demo to do what a button says, and shows the chat where people see it. */
async function act(button) {
  const { action, shows } = button.dataset;
  if (shows !== undefined) showChat(shows);
  for (const each of actions) each.disabled = true;
  find('result').textContent = 'One moment …';
  try {
    const answer = await fetch(`actions/${action}`, { method: 'POST' });
    find('result').textContent = await answer.text();
  } catch {
    find('result').textContent = 'The demo does not answer.';
  }
  for (const each of actions) each.disabled = false;
}

function connect() {
  const source = new EventSource('events');
  source.addEventListener('hello', ({ data }) => {
    const { state, posts } = JSON.parse(data);
    startOver();
    for (const post of posts) show(post, false);
    showState(state, false);
    showConnection('live', 'Live');
  });
  source.addEventListener('post', ({ data }) => show(JSON.parse(data), true));
  source.addEventListener('state', ({ data }) => showState(JSON.parse(data), true));
  source.addEventListener('error', () => {
    showConnection('away', 'The demo has ended. This page reconnects when it runs again.');
    // The browser retries by itself unless it has given up.
    if (source.readyState !== EventSource.CLOSED) return;
    setTimeout(connect, 2_000);
  });
}

function startOver() {
  for (const each of Object.values(channels)) each.startOver();
  http.replaceChildren();
}

function showConnection(state, words) {
  const connection = find('connection');
  connection.dataset.state = state;
  if (connection.textContent.trim() !== words) connection.firstElementChild.textContent = words;
  document.body.dataset.connection = state;
}

function show(post, isNew) {
  const item = (messages[post.kind] ?? httpRequest)(post);
  item.dataset.number = post.number;
  if (isNew) item.classList.add('is-new');
  const target = channels[post.kind];
  if (target === undefined) showRequest(item);
  else target.show(item, post.atMs, isNew);
}

function showRequest(item) {
  const before = http.querySelector('details[open]:not([data-kept])');
  // A request that somebody opened or reads stays open.
  if (before !== null && !before.matches(':hover, :focus-within')) before.open = false;
  const details = item.firstElementChild;
  details.open = true;
  details.firstElementChild.addEventListener('click', () => (details.dataset.kept = ''));
  http.prepend(item);
  while (http.childElementCount > MAX_SHOWN) http.lastElementChild.remove();
}

function showState(state, isNew) {
  for (const target of document.querySelectorAll('[data-count]')) {
    const value = Number(state[target.dataset.count]).toLocaleString();
    if (target.textContent === value) continue;
    target.textContent = value;
    if (isNew) bump(target);
  }
  find('copies').textContent = state.copies === 0 ? '' : ` ${state.copies} copies`;
  hoursButton.textContent = state.teamsClosed ? 'Open Teams' : 'Close Teams';
  find('teams-closed').hidden = !state.teamsClosed;
  const waiting = Math.max(0, state.http - state.teams);
  const mentions = waiting === 1 ? '1 mention waits' : `${waiting} mentions wait`;
  const closed = `Closed: ${mentions} until Teams opens.`;
  if (find('teams-closed').textContent !== closed) find('teams-closed').textContent = closed;
  find('repeats').classList.toggle('good', state.repeats === 0);
  find('budget').textContent = ` of ${state.requestBudget} allowed`;
  const used = Math.min(1, state.requestsLastMinute / state.requestBudget);
  find('budget-used').style.setProperty('--used', String(used));
}

function bump(target) {
  target.classList.remove('bump');
  // Reading the size restarts the animation.
  void target.offsetWidth;
  target.classList.add('bump');
}

// A wide screen shows one chat beside the requests, or all chats if they have room.
const chats = [...document.querySelectorAll('.chats button')];
for (const button of chats) button.addEventListener('click', () => showChat(button.dataset.chat));

function showChat(name) {
  document.body.dataset.chat = name;
  for (const each of chats) each.setAttribute('aria-pressed', String(each.dataset.chat === name));
  channels[name].reveal();
}

// On a narrow screen people swipe between the panels.
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
