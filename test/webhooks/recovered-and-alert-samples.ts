import * as fc from 'fast-check';
import {
  alertKey,
  COVERAGE_CHANGES,
  TROUBLES,
  type Alert,
  type CoverageAlert,
  type GapAlert,
  type TroubleAlert,
} from '../../src/domain/alert.ts';
import type { AlertDelivery, RecoveredDelivery } from '../../src/domain/delivery.ts';
import type { JsonObject, MentionKey } from '../../src/domain/mention.ts';
import { parseRecoveredMention } from '../../src/domain/recovered-mention.ts';
import { foreignLink, foreignText, foreignTime } from './delivery-samples.ts';

/** A post as the API's documentation shows it. */
export const DOCUMENTED_POST: JsonObject = {
  owner: { name: 'Post owner name', id: '663928841' },
  keyword: 'your keyword 1',
  link: 'https://facebook.com/groups/965673390154514/permalink/6719635918091537',
  timestamps: {
    spotted: '1699453217',
    sent_email: '1699462865',
    sent_sms: null,
    sent_slack: '1699462863',
    sent: '1699462865',
  },
};

export const GROUP = { id: '965673390154514', name: 'Group name' };

export const GAP: GapAlert = {
  type: 'gap.detected',
  fromMs: Date.parse('2023-11-08T14:00:00.000Z'),
  toMs: Date.parse('2023-11-08T15:30:00.000Z'),
  detectedAtMs: Date.parse('2023-11-08T16:05:00.000Z'),
};

export const LEFT: CoverageAlert = {
  type: 'group.coverage_changed',
  groupId: '2044902829088090',
  groupName: 'Group name',
  change: 'left',
  status: 'pending access',
  changedAtMs: Date.parse('2023-11-08T16:05:00.000Z'),
};

export const REJECTED: TroubleAlert = {
  type: 'relay.trouble',
  trouble: 'key_rejected',
  webhook: null,
  foundAtMs: Date.parse('2023-11-08T16:05:00.000Z'),
};

/** The all-clear of {@link REJECTED}. */
export const ACCEPTED: TroubleAlert = {
  ...REJECTED,
  foundAtMs: Date.parse('2023-11-08T17:05:00.000Z'),
  endsAlertAtMs: REJECTED.foundAtMs,
};

const POLLED_AT_MS = Date.parse('2023-11-08T16:05:00.000Z');

/** A delivery of a recovered post as the API would give it. */
export function recoveredOf(
  post: JsonObject = {},
  group = GROUP,
  polledAtMs = POLLED_AT_MS,
): RecoveredDelivery {
  const parsed = parseRecoveredMention({ ...DOCUMENTED_POST, ...post }, group);
  if (!parsed.ok) throw new Error(parsed.error);
  const key = 'recovered-mention-key0' as MentionKey;
  return { kind: 'recovered', webhook: 'SALES', key, mention: parsed.value, polledAtMs };
}

export function alertOf(alert: Alert = GAP): AlertDelivery {
  return { kind: 'alert', webhook: 'SALES', key: alertKey(alert), alert };
}

/** Any recovered mention that the parser accepts, mostly hostile. */
export const anyRecovered: fc.Arbitrary<RecoveredDelivery> = fc
  .tuple(
    fc.record({
      keyword: foreignText,
      link: foreignLink,
      owner: fc.oneof(fc.record({ id: foreignText, name: foreignText }), fc.constant(null)),
      timestamps: fc.oneof(fc.record({ spotted: foreignTime }), fc.constant(null)),
      unknown: fc.jsonValue(),
    }),
    fc.record({ id: foreignText, name: foreignText }),
  )
  .map(([post, group]) => recoveredOf(post, group));

const spottedMs = fc.option(fc.integer({ min: -8.64e15, max: 8.64e15 }));
const foundAtMs = fc.integer({ min: 0, max: Date.parse('9999-12-31T23:59:59.999Z') });

/** Any alert, its foreign parts mostly hostile. */
export const anyAlert: fc.Arbitrary<AlertDelivery> = fc
  .oneof(
    fc.record({
      type: fc.constant('gap.detected' as const),
      fromMs: spottedMs,
      toMs: spottedMs,
      detectedAtMs: foundAtMs,
    }),
    fc.record({
      type: fc.constant('group.coverage_changed' as const),
      groupId: foreignText,
      groupName: fc.option(foreignText),
      change: fc.constantFrom(...COVERAGE_CHANGES),
      status: foreignText,
      changedAtMs: foundAtMs,
    }),
    fc.record({
      type: fc.constant('relay.trouble' as const),
      trouble: fc.constantFrom(...TROUBLES),
      webhook: fc.option(foreignText),
      foundAtMs,
    }),
    fc.record({
      type: fc.constant('relay.trouble' as const),
      trouble: fc.constantFrom(...TROUBLES),
      webhook: fc.option(foreignText),
      foundAtMs,
      endsAlertAtMs: foundAtMs,
    }),
  )
  .map((alert) => alertOf(alert));
