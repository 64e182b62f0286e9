/** What went wrong and what to do about it, each a sentence without its full stop. */
export interface Explanation {
  readonly what: string;
  readonly todo?: string;
}

/** The same for people, as one or two sentences. */
export function inSentences({ what, todo }: Explanation): string {
  return [what, ...(todo === undefined ? [] : [todo])]
    .map((text) => `${capitalised(text)}.`)
    .join(' ');
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Something that the operator can mend: its message says what and how, and holds no secret. */
export class MendableError extends Error {
  readonly explanation: Explanation;

  constructor(explanation: Explanation) {
    const { what, todo } = explanation;
    super(todo === undefined ? what : `${what}. ${capitalised(todo)}`);
    this.explanation = explanation;
  }
}
