import { describe, expect, test } from 'vitest';

/** Tests the checker of a service's limits: it accepts these messages and refuses those, by name. */
export function describeChecker(
  check: (body: string) => unknown,
  accepted: Readonly<Record<string, unknown>>,
  refused: Readonly<Record<string, unknown>>,
): void {
  describe('the checker', () => {
    test.each(Object.entries(accepted))('accepts %s', (_, message) => {
      expect(() => check(JSON.stringify(message))).not.toThrow();
    });
    test.each(Object.entries(refused))('refuses %s', (_, message) => {
      expect(() => check(JSON.stringify(message))).toThrow();
    });
  });
}
