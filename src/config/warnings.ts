/**
 * The positions, as the API's documentation describes them: 'in the body of the post, in a comment of
 * the post, or in a link in the post'. Its example says `post`.
 */
export const POSITIONS = ['post', 'comment', 'link'];

const MAX_NAMES = 20;
const MAX_NAME = 100;

/** Variables that are allowed to be as they are, but probably not meant so. */
export interface ConfigWarning {
  /** Stable, for logs and scripts. */
  readonly code: 'unknown_variables' | 'service_links' | 'repeated_variables' | 'unknown_positions';
  /** Their names, or `line 7` where none can be read. Safe for a terminal and a log. */
  readonly variables: readonly string[];
  /** States what happens to them, as a sentence without its full stop. */
  readonly text: string;
  /** The next step for the operator. */
  readonly todo: string;
}

/** Returns the warnings about variables: one for each kind that has any. */
export function warningsAbout({
  unknown,
  skippedLines,
  links,
  repeated,
  positions,
}: {
  /** Set in `.env`, but not known. */
  readonly unknown: readonly string[];
  /** The numbers of the lines of `.env` that set nothing. */
  readonly skippedLines: readonly number[];
  /** Known, but with a value that describes a service. */
  readonly links: readonly string[];
  /** Set more than once in `.env`. */
  readonly repeated: readonly string[];
  /** Lists with a position that Groouply does not document. */
  readonly positions: readonly string[];
}): readonly ConfigWarning[] {
  const warnings: ConfigWarning[] = [
    {
      code: 'unknown_variables',
      variables: [...namesToShow(unknown), ...linesToShow(skippedLines)],
      text: 'unknown variables and unreadable lines in .env are ignored',
      todo: 'correct or remove them; config/example.env has all names',
    },
    {
      code: 'service_links',
      variables: links,
      text: 'variables with which Kubernetes describes a service are ignored',
      todo: 'set enableServiceLinks to false, rename the service, or remove them from .env',
    },
    {
      code: 'repeated_variables',
      variables: repeated,
      text: 'variables are set more than once in .env; the last value counts',
      todo: 'keep one line each; a second webhook needs a name of its own',
    },
    {
      code: 'unknown_positions',
      variables: positions,
      text: 'variables list positions that Groouply does not document, and may match nothing',
      todo: `use ${POSITIONS.join(', ')}`,
    },
  ];
  return warnings.filter(({ variables }) => variables.length > 0);
}

/**
 * Returns unknown names for people. One that looks unlike a variable's name is only counted: in a file
 * that dotenv misreads it may be a part of a secret.
 */
function namesToShow(names: readonly string[]): readonly string[] {
  const shown = names
    .filter((name) => /^([A-Z][A-Z0-9_]*|[a-z][a-z_]*)$/.test(name) && name.length <= MAX_NAME)
    .slice(0, MAX_NAMES);
  const more = names.length - shown.length;
  return more === 0 ? shown : [...shown, `and ${more} more`];
}

function linesToShow(lines: readonly number[]): readonly string[] {
  return lines.slice(0, MAX_NAMES).map((line) => `line ${line}`);
}
