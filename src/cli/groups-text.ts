import { isTracked, type Group, type GroupDetails } from '../adapters/groouply-shapes.ts';
import { parseTimestamp } from '../domain/mention.ts';
import { printable } from '../domain/printable.ts';
import { ownCommand } from './own-command.ts';
import { duration } from './failed-text.ts';
import { table } from './table.ts';

const LONGEST_ID = 24;
const LONGEST_NAME = 24;
const MOST_POSTS = 20;

/** The account's groups as a table no wider than `width`, and what to do next. */
export function groupsTable(
  groups: readonly Group[],
  { width }: { readonly width: number },
): string {
  if (groups.length === 0) {
    return 'The account has no groups: add some at Groouply, and their mentions will come.\n';
  }
  const rows = groups.map(({ id, status, statusString, url }) => [
    printable(id, LONGEST_ID),
    printable(statusString || `status ${status}`, LONGEST_NAME),
    printable(url?.facebook ?? '', Infinity),
  ]);
  const tracked = groups.filter(isTracked).length;
  const first = printable(groups[0]?.id ?? '', LONGEST_ID);
  return [
    ...table([{ head: 'id' }, { head: 'status' }, { head: 'Facebook', fill: true }], rows, width),
    '',
    `${tracked} of ${groups.length} tracked. One group, with its keywords:`,
    `  ${ownCommand(`group ${first}`)}`,
    '',
  ].join('\n');
}

/** One group, safe for a terminal. */
export function groupDetailsText(
  { info, keywords, posts }: GroupDetails,
  { nowMs, width }: { readonly nowMs: number; readonly width: number },
): string {
  const field = (name: string, value: string): string[] =>
    value === '' ? [] : [`  ${name.padEnd(12)}${printable(value, Infinity)}`];
  return [
    `${printable(info.name, Infinity)} (${printable(info.id, LONGEST_ID)})`,
    ...field('status', info.statusString || info.status),
    ...field('privacy', info.privacy),
    ...field('owner', info.owner),
    ...field('description', info.description),
    '',
    keywords.length === 0 ? 'No keywords.' : 'Keywords:',
    ...keywords.map(({ name, type }) => `  ${printable(name, Infinity)} (${printable(type)})`),
    '',
    posts.length === 0 ? 'No mentions.' : `The latest of ${posts.length} mentions:`,
    ...postsTable(newestFirst(posts).slice(0, MOST_POSTS), nowMs, width),
    '',
  ].join('\n');
}

function newestFirst(posts: GroupDetails['posts']): GroupDetails['posts'] {
  const timeOf = (post: GroupDetails['posts'][number]): number =>
    parseTimestamp(post.timestamps?.spotted ?? '') ?? 0;
  return posts.toSorted((one, other) => timeOf(other) - timeOf(one));
}

function postsTable(posts: GroupDetails['posts'], nowMs: number, width: number): string[] {
  if (posts.length === 0) return [];
  const rows = posts.map(({ keyword, link, timestamps }) => {
    const spottedAtMs = parseTimestamp(timestamps?.spotted ?? '');
    return [
      spottedAtMs === null ? 'unknown' : `${duration(nowMs - spottedAtMs)} ago`,
      printable(keyword, LONGEST_NAME),
      printable(link, Infinity),
    ];
  });
  return table(
    [{ head: 'spotted' }, { head: 'keyword' }, { head: 'link', fill: true }],
    rows,
    width,
  );
}
