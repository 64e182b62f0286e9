import { VARIABLES, type Variable } from '../../src/config/variables.ts';
import { WEBHOOK_ATTRIBUTES } from '../../src/config/webhook-variables.ts';

const rows: readonly Variable<unknown>[] = [VARIABLES, WEBHOOK_ATTRIBUTES].flatMap((each) =>
  Object.values(each),
);

/** All that marks a value as copied from an example and not filled in. */
export const PLACEHOLDERS: readonly string[] = rows.flatMap(
  ({ placeholders = [] }) => placeholders,
);

/** The text with each placeholder in it changed a little, so that it is none and still valid. */
export function filledIn(text: string): string {
  return PLACEHOLDERS.reduce(
    (filled, part) => filled.replaceAll(part, `${part.slice(0, -1)}X`),
    text,
  );
}
