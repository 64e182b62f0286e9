import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { alertAtMs, alertCause, alertKey, parseAlert, type Alert } from '../../src/domain/alert.ts';
import {
  ACCEPTED,
  anyAlert,
  GAP,
  LEFT,
  REJECTED,
} from '../webhooks/recovered-and-alert-samples.ts';

describe('the key of an alert', () => {
  test('has the form of a mention key, and is the same in every release', () => {
    expect(alertKey(GAP)).toBe('rBq7jNp0Rh8L8Jq31UFCjB');
    expect(alertKey(LEFT)).toBe('CKRnpi5LQRbaXGM-4GV_Cs');
  });

  const unknown: Alert = { ...GAP, fromMs: null, toMs: null };
  test.each<[string, Alert, Alert]>([
    ['a gap found again later', GAP, { ...GAP, detectedAtMs: GAP.detectedAtMs + 3_600_000 }],
    [
      'a gap of which no end is known, found again within its ten minutes',
      unknown,
      { ...unknown, detectedAtMs: GAP.detectedAtMs + 30_000 },
    ],
    [
      'a change of a group whose name or status was not known at first',
      { ...LEFT, groupName: null, status: '' },
      LEFT,
    ],
    ['an end that two replicas find', ACCEPTED, { ...ACCEPTED, foundAtMs: 1 }],
  ])('is the same for %s', (_, first, second) => {
    expect(alertKey(second)).toBe(alertKey(first));
  });

  test.each<[string, Alert, Alert]>([
    ['gaps that begin at another time', GAP, { ...GAP, fromMs: 1 }],
    ['gaps that end at another time', GAP, { ...GAP, toMs: null }],
    [
      'gaps of which no end is known, an hour apart',
      unknown,
      { ...unknown, detectedAtMs: GAP.detectedAtMs + 3_600_000 },
    ],
    ['different groups', LEFT, { ...LEFT, groupId: '1' }],
    ['different changes', LEFT, { ...LEFT, change: 'returned' }],
    ['an alert and its all-clear', REJECTED, ACCEPTED],
    [
      'an all-clear and an alert of its time',
      ACCEPTED,
      { ...REJECTED, foundAtMs: ACCEPTED.foundAtMs },
    ],
    ['the ends of two alerts', ACCEPTED, { ...ACCEPTED, endsAlertAtMs: 1 }],
    ['a change that came again', LEFT, { ...LEFT, changedAtMs: LEFT.changedAtMs + 1 }],
  ])('differs for %s', (_, first, second) => {
    expect(alertKey(second)).not.toBe(alertKey(first));
  });
});

describe('a kept alert', () => {
  test('is read as it was written, whatever its content', () => {
    fc.assert(
      fc.property(anyAlert, ({ alert }) => {
        expect(parseAlert(JSON.parse(JSON.stringify(alert)))).toEqual({
          ok: true,
          value: JSON.parse(JSON.stringify(alert)),
        });
        expect(() => new Date(alertAtMs(alert)).toISOString()).not.toThrow();
      }),
    );
  });

  test.each([
    ['of no kind', {}, /type/],
    ['of another kind', { ...GAP, type: 'relay.trouble words' }, /type/],
    ['that is none', 'words', /the item/],
    ['without its time', { ...GAP, detectedAtMs: undefined }, /^detectedAtMs: /],
    ['with a time that nobody can write', { ...GAP, detectedAtMs: 8.64e15 }, /^detectedAtMs: /],
    ['with a change that nobody knows', { ...LEFT, change: 'words' }, /^change: /],
  ])('is refused %s, in our own words', (_, kept, reason) => {
    const parsed = parseAlert(kept);
    expect(parsed).toEqual({ ok: false, error: expect.stringMatching(reason) });
    expect(JSON.stringify(parsed)).not.toContain('words');
  });
});

describe('the cause of an alert', () => {
  test.each<[string, Alert, Alert, boolean]>([
    ['two gaps', GAP, { ...GAP, fromMs: 1, toMs: 2 }, true],
    ['the same change of a group again', LEFT, { ...LEFT, changedAtMs: 1, status: '' }, true],
    ['two changes of a group', LEFT, { ...LEFT, change: 'returned' }, false],
    ['changes of two groups', LEFT, { ...LEFT, groupId: '1' }, false],
    ['a trouble that goes on', REJECTED, { ...REJECTED, foundAtMs: 1 }, true],
    ['two troubles', REJECTED, { ...REJECTED, trouble: 'state_emptied' }, false],
    [
      'two webhooks',
      { ...REJECTED, trouble: 'webhook_held', webhook: 'A' },
      { ...REJECTED, trouble: 'webhook_held', webhook: 'B' },
      false,
    ],
    ['a gap and a trouble', GAP, REJECTED, false],
  ])('of %s', (_, one, other, same) => {
    expect(alertCause(one) === alertCause(other)).toBe(same);
  });
});
