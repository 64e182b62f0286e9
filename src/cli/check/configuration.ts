import type { Config } from '../../../config/env.ts';
import { webhookVariable } from '../../../config/names.ts';
import type { Webhook } from '../../domain/webhook.ts';
import { printable } from '../../domain/printable.ts';
import { findingsAbout, type Finding } from './finding.ts';

const { ok, warning } = findingsAbout('Configuration');
// As the API's documentation describes them: 'in the body of the post, in a comment of the post, or
// in a link in the post'. Its example says `post`.
const POSITIONS = ['post', 'comment', 'link'];

/** What looks wrong in a configuration that can be read. */
export function checkConfiguration({ webhooks }: Config): Finding[] {
  const names = webhooks.map(({ name, type }) => `${name} (${type})`).join(', ');
  return [
    ok(
      'read',
      `can be read: ${webhooks.length === 1 ? 'one webhook' : `${webhooks.length} webhooks`}, ${names}`,
    ),
    ...sameUrl(webhooks),
    ...webhooks.flatMap(unknownPositions),
  ];
}

function sameUrl(webhooks: readonly Webhook[]): Finding[] {
  const groups = Map.groupBy(webhooks, ({ url }) => url.href);
  return [...groups.values()].flatMap((sharing) => {
    if (sharing.length < 2) return [];
    const names = sharing.map(({ name }) => name).join(' and ');
    return warning(
      'same_url',
      `${names} have the same URL: a mention that both want arrives twice`,
      'take one of them out, or give them filters that do not overlap',
    );
  });
}

function unknownPositions({ name, filter }: Webhook): Finding[] {
  return (filter.positions ?? [])
    .filter((position) => !POSITIONS.includes(position))
    .map((position) =>
      warning(
        'unknown_position',
        `${webhookVariable(name, 'POSITIONS')} has "${printable(position)}", which is no position that Groouply documents`,
        `use ${POSITIONS.join(', ')}`,
      ),
    );
}
