import {
  GroouplyError,
  isTracked,
  type Group,
  type GroupDetails,
} from '../groouply/groouply-shapes.ts';
import { printable, printableJson } from '../domain/foreign/printable.ts';
import { ownCommand } from './terminal/own-command.ts';
import { askRelayApi } from './access/relay-api.ts';
import { duration, table, terminalWidth } from './terminal/table.ts';
import { parseTimestamp } from '../domain/foreign/timestamp.ts';

/** Prints the account's groups and which of them are tracked. */
export async function groups(options: { readonly json?: boolean }): Promise<void> {
  await askRelayApi(async ({ api, signal }) => {
    const found = await api.groups(signal);
    process.stdout.write(
      options.json
        ? `${printableJson({ groups: found })}\n`
        : groupsTable(found, { width: terminalWidth() }),
    );
  });
}

/** Prints one group with its details, its keywords and its latest mentions. */
export async function group(id: string, options: { readonly json?: boolean }): Promise<void> {
  await askRelayApi(async ({ api, signal }) => {
    const found = await api.group(id, signal).catch((error: unknown) => {
      if (!(error instanceof GroouplyError) || error.kind !== 'refused') throw error;
      process.exitCode = 1;
      process.stderr.write(
        `This account has no group ${printable(id)}. ${ownCommand('groups')} lists its groups.\n`,
      );
      return null;
    });
    if (found === null) return;
    process.stdout.write(
      options.json
        ? `${printableJson({ group: found })}\n`
        : groupDetailsText(found, { nowMs: Date.now(), width: terminalWidth() }),
    );
  });
}

const MAX_ID = 24;
const MAX_NAME = 24;
const MAX_POSTS = 20;

/** Returns the account's groups as a table of at most `width` columns, and the next step. */
export function groupsTable(
  listed: readonly Group[],
  { width }: { readonly width: number },
): string {
  if (listed.length === 0) {
    return 'The account has no groups. Add groups at Groouply to receive their mentions.\n';
  }
  const rows = listed.map(({ id, status, statusString, url }) => [
    printable(id, MAX_ID),
    printable(statusString || `status ${status}`, MAX_NAME),
    printable(url.facebook, Infinity),
  ]);
  const tracked = listed.filter(isTracked).length;
  const first = printable(listed[0]?.id ?? '', MAX_ID);
  return [
    ...table([{ head: 'id' }, { head: 'status' }, { head: 'Facebook', fill: true }], rows, width),
    '',
    `${tracked} of ${listed.length} tracked. To see a group with its keywords:`,
    `  ${ownCommand(`group ${first}`)}`,
    '',
  ].join('\n');
}

/** Describes one group, safe for a terminal. */
export function groupDetailsText(
  { info, keywords, posts }: GroupDetails,
  { nowMs, width }: { readonly nowMs: number; readonly width: number },
): string {
  const field = (name: string, value: string): string[] =>
    value === '' ? [] : [`  ${name.padEnd(12)}${printable(value, Infinity)}`];
  return [
    `${printable(info.name, Infinity)} (${printable(info.id, MAX_ID)})`,
    ...field('status', info.statusString || info.status),
    ...field('privacy', info.privacy),
    ...field('owner', info.owner),
    ...field('description', info.description),
    '',
    keywords.length === 0 ? 'No keywords.' : 'Keywords:',
    ...keywords.map(({ name, type }) => `  ${printable(name, Infinity)} (${printable(type)})`),
    '',
    posts.length === 0 ? 'No mentions.' : `The latest of ${posts.length} mentions:`,
    ...postsTable(newestFirst(posts).slice(0, MAX_POSTS), nowMs, width),
    '',
  ].join('\n');
}

function newestFirst(posts: GroupDetails['posts']): GroupDetails['posts'] {
  const timeOf = (post: GroupDetails['posts'][number]): number =>
    parseTimestamp(post.timestamps.spotted) ?? 0;
  return posts.toSorted((one, other) => timeOf(other) - timeOf(one));
}

function postsTable(posts: GroupDetails['posts'], nowMs: number, width: number): string[] {
  if (posts.length === 0) return [];
  const rows = posts.map(({ keyword, link, timestamps }) => {
    const spottedAtMs = parseTimestamp(timestamps.spotted);
    return [
      spottedAtMs === null ? 'unknown' : `${duration(nowMs - spottedAtMs)} ago`,
      printable(keyword, MAX_NAME),
      printable(link, Infinity),
    ];
  });
  return table(
    [{ head: 'spotted' }, { head: 'keyword' }, { head: 'link', fill: true }],
    rows,
    width,
  );
}
