/**
 * Cuts text from outside and makes it safe for a terminal and a log line: control and format
 * characters (escape sequences, line breaks, bidirectional overrides) and unusual spaces become
 * `\u{...}`.
 */
export function printable(text: string, longest = 40): string {
  const characters = Array.from(text);
  const shown = characters
    .slice(0, longest)
    .join('')
    .replace(UNPRINTABLE, (character) => `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`);
  return characters.length > longest ? `${shown}...` : shown;
}

/** Writes a value as one line of JSON that is safe on a terminal: the same characters are escaped. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value).replace(UNPRINTABLE, (character) =>
    character
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}

const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu;
