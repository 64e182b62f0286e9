import { describe, expect, test } from 'vitest';
import {
  createChoice,
  isSelected,
  resentDelivery,
  type Candidate,
} from '../../../src/cli/resend/choice.ts';
import { startRun, type ResendRun } from '../../../src/cli/resend/resend-run.ts';
import { readReference } from '../../../src/cli/trace/mention-reference.ts';
import { mentionKey, type DedupeBy } from '../../../src/domain/mention.ts';
import { recoveredDeliveryKey } from '../../../src/domain/permalink.ts';
import type { Webhook } from '../../../src/domain/webhook.ts';
import { configOf } from '../../helpers/config-of.ts';
import { mention } from '../../helpers/mentions.ts';
import { recoveredOf } from '../../webhooks/recovered-and-alert-samples.ts';

const DAY_MS = 86_400_000;
const POLLED_AT_MS = 1_699_460_000_000;
const of = (
  number: number,
  overrides: Record<string, unknown> = {},
  about: Partial<Candidate> = {},
): Candidate => ({
  mention: mention(number, overrides),
  recovered: false,
  polledAtMs: POLLED_AT_MS,
  ...about,
});
const webhookWith = (env: Record<string, string>): Webhook => {
  const [webhook] = configOf(
    Object.fromEntries(Object.entries(env).map(([name, value]) => [`WEBHOOK_A_${name}`, value])),
  ).webhooks;
  if (webhook === undefined) throw new Error('no webhook');
  return webhook;
};
const swept = recoveredOf({});
const SWEPT: Candidate = {
  mention: {
    ...swept.mention,
    id: '',
    position: '',
    content: '',
    owner: { ...swept.mention.owner, link: '' },
  },
  recovered: true,
  polledAtMs: POLLED_AT_MS,
};
const SAME_TEXT = { content: 'Who can recommend a good agency for us?', owner: { id: '5' } };
const lead = (number: number, spottedAtMs: number) =>
  of(number, { ...SAME_TEXT, spotted: String(spottedAtMs / 1000) });

describe('a webhook gets', () => {
  test.each<[string, Record<string, string>, DedupeBy, Candidate[][], string[], string[]]>([
    ['all that its rules accept', {}, 'mention', [[of(1), of(2)], [of(3)]], ['1', '2', '3'], []],
    [
      'nothing that its rules refuse',
      { KEYWORDS: 'crm', EXCLUDE: '"(2)"' },
      'mention',
      [[of(1), of(2), of(3, { keyword: 'erp' })]],
      ['1'],
      ['excluded by its _EXCLUDE "(2)"', 'keyword not in its _KEYWORDS'],
    ],
    [
      'nothing if it gets alerts only',
      { EVENTS: 'alerts' },
      'mention',
      [[of(1), SWEPT]],
      [],
      ['it receives alerts only (_EVENTS)', 'it receives alerts only (_EVENTS)'],
    ],
    [
      'a recovered mention, whose position and content are unknown',
      { POSITIONS: 'post', INCLUDE: 'no such word' },
      'mention',
      [[SWEPT]],
      ['recovered'],
      [],
    ],
    [
      'no copy of what a sweep had found',
      {},
      'mention',
      [[of(1, {}, { sweptBefore: true }), of(2)]],
      ['2'],
      ['a sweep found it before a poll did: it counts as recovered'],
    ],
    [
      'one message of a post, over portions too',
      {},
      'post',
      [
        [of(1, { id: '9' }), of(2, { id: '9' })],
        [of(3, { id: '9' }), of(4)],
      ],
      ['1+2', '4'],
      [
        'merged: it gets another mention of the same post (DEDUPE_BY=post)',
        'merged: it gets another mention of the same post (DEDUPE_BY=post)',
      ],
    ],
    [
      'the mention of a post that it accepts, not the first one',
      { KEYWORDS: 'erp' },
      'post',
      [[of(1, { id: '9' })], [of(2, { id: '9', keyword: 'erp' })]],
      ['2'],
      ['keyword not in its _KEYWORDS'],
    ],
    [
      'one message of a lead within 7 days, over portions too',
      {},
      'lead',
      [
        [lead(1, POLLED_AT_MS - 9 * DAY_MS), lead(2, POLLED_AT_MS - 8 * DAY_MS)],
        [lead(3, POLLED_AT_MS - 3 * DAY_MS), lead(4, POLLED_AT_MS - DAY_MS)],
      ],
      ['1+2', '4'],
      [
        'merged: it gets or got another mention of the same lead (DEDUPE_BY=lead)',
        'merged: it gets or got another mention of the same lead (DEDUPE_BY=lead)',
      ],
    ],
  ])('%s', (_, env, dedupeBy, portions, expected, reasons) => {
    const choose = createChoice(webhookWith(env), { dedupeBy });
    const choices = portions.map(choose);
    const shown = choices
      .flatMap(({ chosen }) => chosen)
      .map(({ delivery }) => {
        if (delivery.kind !== 'mention') return delivery.kind;
        return [delivery.mention, ...(delivery.others ?? [])]
          .map(({ owner, link }) => (owner.id === '5' ? link : owner.id).match(/\d$/)?.[0])
          .join('+');
      });
    expect(shown).toEqual(expected);
    expect(choices.flatMap(({ leftOut }) => leftOut)).toEqual(reasons);
  });

  test('resent deliveries with the key of the first ones and the suffix of the run', () => {
    const { chosen } = createChoice(webhookWith({}), { dedupeBy: 'mention' })([of(1), SWEPT]);
    expect(chosen.map((each) => resentDelivery(each, 'abcdefgh').key)).toEqual([
      `${mentionKey(mention(1), 'mention')}_rabcdefgh`,
      `${recoveredDeliveryKey(swept.mention, 'mention')}_rabcdefgh`,
    ]);
  });
});

test.each<[string, Parameters<typeof isSelected>[1], string[]]>([
  ['all without options', { references: [], keywords: [], groups: [] }, ['1', '2', '3']],
  ['those with a keyword', { references: [], keywords: ['ERP', 'x'], groups: [] }, ['2']],
  [
    'those of a group, by its name',
    { references: [], keywords: [], groups: ['leads  & CO'] },
    ['3'],
  ],
  ['those of a group, by its id', { references: [], keywords: [], groups: ['77'] }, ['3']],
  [
    'those with one of the ids',
    {
      references: ['294391', '294393'].flatMap((id) => readReference(id) ?? []),
      keywords: [],
      groups: [],
    },
    ['1', '3'],
  ],
  ['those that match each option', { references: [], keywords: ['erp'], groups: ['77'] }, []],
])('a user selects %s', (_, selection, expected) => {
  const all = [
    of(1),
    of(2, { keyword: 'erp' }),
    of(3, { group: { id: '77', name: 'Leads & Co' } }),
  ];
  const selected = all.filter((each) => isSelected(each, selection));
  expect(selected.map(({ mention: { id } }) => id.at(-1))).toEqual(expected);
});

describe('the command resend', () => {
  const ASKED = { id: 'newrunid', command: 'this', sinceMs: 5, untilMs: 50 };
  const FRESH: ResendRun = { ...ASKED, queuedToMs: null, lastJobId: null, complete: false };
  const last = (overrides: Partial<ResendRun>): ResendRun => ({
    id: 'lastrun1',
    command: 'this',
    sinceMs: 1,
    untilMs: 10,
    queuedToMs: 7,
    lastJobId: 'm-x',
    complete: false,
    ...overrides,
  });
  test.each<[string, ResendRun | null, boolean, object]>([
    ['begins a run if there was none', null, false, { kind: 'begin', run: FRESH }],
    [
      'continues its run if it was interrupted',
      last({}),
      true,
      { kind: 'interrupted', run: last({}) },
    ],
    [
      'queues nothing while its last run is under way',
      last({ complete: true }),
      true,
      { kind: 'under-way' },
    ],
    ['begins another run after it', last({ complete: true }), false, { kind: 'begin', run: FRESH }],
    [
      'begins a run if another one was interrupted',
      last({ command: 'other' }),
      true,
      { kind: 'begin', run: FRESH },
    ],
  ])('%s', (_, known, lastWaits, expected) => {
    expect(startRun(known, ASKED, lastWaits)).toEqual(expected);
  });
});
