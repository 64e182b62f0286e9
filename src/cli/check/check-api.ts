import { type GroupDetails, GroouplyError } from '../../groouply/groouply-shapes.ts';
import type { Mention } from '../../domain/mention.ts';
import { printable } from '../../domain/foreign/printable.ts';
import { explainApiError, withApi, type RelayApi } from '../access/relay-api.ts';
import { checkContentFilters, filtersContent } from './check-content-filters.ts';
import { findingsAbout, type Finding, checkClock } from './finding.ts';
import { checkFilters, checkGroups, needsDetails, type AccountGroups } from './check-groups.ts';

const { ok, problem } = findingsAbout('API');
// The rest of the budget stays with the relay.
const MAX_GROUPS_ASKED = 20;

/** Asks the API within the budget, and checks the key, the account's groups and the filters. */
export async function checkApi(
  parts: Pick<RelayApi, 'config' | 'redis' | 'keys'>,
): Promise<Finding[]> {
  const { config } = parts;
  const clocks: Finding[] = [];
  const noteClock = (serverNowMs: number): void => {
    if (clocks.length === 0) clocks.push(...checkClock(Date.now(), serverNowMs, 'the API'));
  };
  try {
    const { account, window } = await withApi(
      parts,
      async (asking) => ({ account: await askAccount(asking), window: await askWindow(asking) }),
      noteClock,
    );
    return [
      ok('accepted', `${config.groouply.apiUrl.host} accepts the key${registered(account)}`),
      ...clocks,
      ...checkGroups(account),
      ...checkFilters(config.webhooks, account),
      ...checkContentFilters(config.webhooks, { keywords: keywordsOf(account), window }),
    ];
  } catch (error) {
    const explained = explainApiError(error);
    if (explained === null) throw error;
    return [problem(codeOf(error), explained.what, explained.todo), ...clocks];
  }
}

async function askAccount({ api, config, signal }: RelayApi): Promise<AccountGroups> {
  const account = await api.account(signal);
  const groups = await api.groups(signal);
  const details = new Map<string, GroupDetails>();
  if (needsDetails(config.webhooks, groups)) {
    const maxGroups = Math.min(MAX_GROUPS_ASKED, Math.floor(config.budget.requestsPerWindow / 2));
    for (const { id } of groups.slice(0, maxGroups)) {
      try {
        details.set(id, await api.group(id, signal));
      } catch (error) {
        // A group that is gone or unreadable must not hide the others.
        if (!(error instanceof GroouplyError) || error.kind !== 'refused') throw error;
      }
    }
  }
  return { account, groups, details };
}

/** Fetches the current window if words and authors have to be checked against it. */
async function askWindow({ api, config, signal }: RelayApi): Promise<readonly Mention[]> {
  if (!config.webhooks.some(filtersContent)) return [];
  return (await api.mentions(signal)).mentions;
}

function keywordsOf({ details }: AccountGroups): readonly string[] {
  return [...details.values()].flatMap(({ keywords }) => keywords.map(({ name }) => name));
}

function registered({ account }: AccountGroups): string {
  return account.registered === '' ? '' : `: account of ${printable(account.registered)}`;
}

function codeOf(error: unknown): string {
  return error instanceof GroouplyError ? error.kind.replace('-', '_') : 'timeout';
}
