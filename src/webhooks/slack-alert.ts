import type { Alert, CoverageAlert, CoverageChange, GapAlert } from '../domain/alert.ts';
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

/** The titles of all alerts: no mention has one of them. */
export const ALERT_TITLES: readonly string[] = [
  GAP_TITLE,
  ...Object.values(CHANGES).map(({ title }) => title),
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
