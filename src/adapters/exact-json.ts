/**
 * JSON.parse that keeps whole numbers exact: one beyond 2^53, such as a long Facebook id that came
 * without quotes, becomes a string of its digits instead of a neighbouring number. Throws
 * SyntaxError as JSON.parse does.
 */
export function parseExactJson(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' &&
    !Number.isSafeInteger(value) &&
    /^-?\d+$/.test(context?.source ?? '')
      ? context?.source
      : value,
  ) as unknown;
}
