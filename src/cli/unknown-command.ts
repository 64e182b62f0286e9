import { distance } from 'fastest-levenshtein';
import { printable } from '../domain/printable.ts';

const MOST_MISTYPED = 2;

/** What is wrong with a command that is not there, with the one that was meant if one is near. */
export function unknownCommand(word: string, names: readonly string[]): string {
  const [nearest] = names
    .map((name) => ({ name, apart: distance(word, name) }))
    .toSorted((one, other) => one.apart - other.apart);
  const near = nearest !== undefined && nearest.apart <= MOST_MISTYPED;
  return `error: unknown command '${printable(word)}'${near ? `, did you mean ${nearest.name}?` : ''}`;
}
