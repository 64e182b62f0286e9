import type {
  Alert,
  CoverageAlert,
  CoverageChange,
  GapAlert,
  Trouble,
  TroubleAlert,
} from '../domain/alert.ts';
import {
  mrkdwn,
  plainSection,
  plainText,
  slackDate,
  utcText,
  type SlackBlock,
} from './slack-blocks.ts';
import { escapeToFit, readableLine } from './slack-text.ts';

/*
 * How an alert looks in Slack: a sign and a title by which nobody takes it for a mention, what is
 * known, and what follows from it. A group's name and its status are foreign text, as in a mention.
 */

const GAP_TITLE = '⚠️ Mentions may be missing';
const GAP_NEXT =
  "More mentions came than one answer of Groouply's API holds. The relay looks for the others in each group, and sends what it finds marked as recovered, without its text.";

const CHANGES: Readonly<Record<CoverageChange, { readonly title: string; readonly next: string }>> =
  {
    left: {
      title: '⚠️ A group is no longer tracked',
      next: 'No mention comes from it until Groouply tracks it again. See its status at Groouply.',
    },
    returned: {
      title: '✅ A group is tracked now',
      next: 'Mentions come from it from now on. What was posted before may be missing.',
    },
    appeared: {
      title: 'ℹ️ A group is new in the account',
      next: 'Mentions come from it while Groouply tracks it.',
    },
    vanished: {
      title: '⚠️ A group is gone from the account',
      next: 'No more mentions come from it. If nobody took it out, see the account at Groouply.',
    },
  };

const TROUBLES: Readonly<Record<Trouble, { readonly title: string; readonly next: string }>> = {
  key_rejected: {
    title: '⛔ Groouply rejects the API key',
    next: 'Nothing is polled. Correct GROOUPLY_API_KEY and restart the relay; mentions that come meanwhile may be missing.',
  },
  webhook_held: {
    title: '⚠️ A webhook keeps failing',
    next: 'What is for it waits in order and is not lost. See the log of the relay for the reason.',
  },
  state_emptied: {
    title: '⛔ The state of the relay is gone',
    next: 'Redis was emptied. What waited to be delivered is lost, and some mentions may come a second time.',
  },
};

/** The titles of all alerts: no mention has one of them. */
export const ALERT_TITLES: readonly string[] = [
  GAP_TITLE,
  ...[...Object.values(CHANGES), ...Object.values(TROUBLES)].map(({ title }) => title),
];

const GROUP_LIMIT = 150;
const STATUS_LIMIT = 80;

/** An alert's blocks: its title, what is known, what follows, and when it was found. */
export function alertBlocks(alert: Alert): readonly SlackBlock[] {
  switch (alert.type) {
    case 'gap.detected':
      return gapBlocks(alert);
    case 'group.coverage_changed':
      return coverageBlocks(alert);
    case 'relay.trouble':
      return troubleBlocks(alert);
  }
}

/** The same in a line or two of literal text, escaped: for notifications, and where blocks can't be. */
export function alertLines(alert: Alert): readonly string[] {
  switch (alert.type) {
    case 'gap.detected':
      return [`${GAP_TITLE}: spotted ${interval(alert)}`, GAP_NEXT];
    case 'group.coverage_changed': {
      const { title, next } = CHANGES[alert.change];
      return [`${title}: ${[groupOf(alert), ...statusOf(alert)].join(', ')}`, next];
    }
    case 'relay.trouble': {
      const { title, next } = TROUBLES[alert.trouble];
      return [[title, ...subjectOf(alert)].join(': '), next];
    }
  }
}

function gapBlocks({ fromMs, toMs, detectedAtMs }: GapAlert): readonly SlackBlock[] {
  const time = (timeMs: number | null): string =>
    timeMs === null ? 'not known' : slackDate(timeMs);
  return [
    { type: 'header', text: plainText(GAP_TITLE) },
    {
      type: 'section',
      fields: [mrkdwn(`*Spotted after*\n${time(fromMs)}`), mrkdwn(`*and before*\n${time(toMs)}`)],
    },
    plainSection(GAP_NEXT),
    { type: 'context', elements: [mrkdwn(`found ${slackDate(detectedAtMs)}`)] },
  ];
}

function coverageBlocks(alert: CoverageAlert): readonly SlackBlock[] {
  const { title, next } = CHANGES[alert.change];
  return [
    { type: 'header', text: plainText(title) },
    plainSection(groupOf(alert)),
    plainSection(next),
    {
      type: 'context',
      elements: [
        ...statusOf(alert).map(plainText),
        mrkdwn(`found ${slackDate(alert.changedAtMs)}`),
      ],
    },
  ];
}

function troubleBlocks(alert: TroubleAlert): readonly SlackBlock[] {
  const { title, next } = TROUBLES[alert.trouble];
  return [
    { type: 'header', text: plainText(title) },
    ...subjectOf(alert).map(plainSection),
    plainSection(next),
    { type: 'context', elements: [mrkdwn(`found ${slackDate(alert.foundAtMs)}`)] },
  ];
}

/** The webhook that it is about. Its name is the operator's own, but was kept: escaped all the same. */
function subjectOf({ webhook }: TroubleAlert): readonly string[] {
  const name = escapeToFit(readableLine(webhook ?? ''), GROUP_LIMIT);
  return name === '' ? [] : [name];
}

function interval({ fromMs, toMs }: GapAlert): string {
  if (fromMs === null && toMs === null) return 'at a time that is not known';
  const from = fromMs === null ? [] : [`after ${utcText(fromMs)}`];
  const to = toMs === null ? [] : [`before ${utcText(toMs)}`];
  return [...from, ...to].join(' and ');
}

/** The group's name, or else its id; escaped, on one line, never empty. */
function groupOf({ groupId, groupName }: CoverageAlert): string {
  const name = escapeToFit(readableLine(groupName ?? ''), GROUP_LIMIT);
  if (name !== '') return name;
  const id = escapeToFit(readableLine(groupId), GROUP_LIMIT);
  return id === '' ? 'a group without a name' : `group ${id}`;
}

function statusOf({ status }: CoverageAlert): readonly string[] {
  const text = escapeToFit(readableLine(status), STATUS_LIMIT);
  return text === '' ? [] : [`status: ${text}`];
}
