/** The text that a service shows for HTML, and the elements in it, outer ones after inner ones. */
export interface ShownHtml {
  readonly text: string;
  readonly elements: readonly ShownElement[];
}

export interface ShownElement {
  readonly tag: string;
  readonly attributes: string;
  readonly text: string;
  /** The tags around it. */
  readonly within: readonly string[];
}

const TOKEN = /<(\/?)([a-z-]+)((?: [a-z]+="[^"<>]*")*)>|&(amp|lt|gt|quot);|[^<>&]+/gs;
const CHARACTERS: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' };

/**
 * Reads HTML more strictly than any service: every `<`, `>` and `&` is part of a tag or an escape, tags
 * are closed in order, and each is one of those that are allowed, with its attributes. Throws if not.
 */
export function readHtml(html: string, allowed: Readonly<Record<string, RegExp>>): ShownHtml {
  const open: { tag: string; attributes: string; start: number }[] = [];
  const elements: ShownElement[] = [];
  let [text, read] = ['', 0];
  for (const token of html.matchAll(TOKEN)) {
    if (token.index !== read) break;
    read += token[0].length;
    const [all, slash, tag, attributes = '', escape] = token;
    if (tag === undefined) {
      text += escape === undefined ? all : CHARACTERS[escape];
    } else if (slash === '/') {
      const last = open.pop();
      if (last?.tag !== tag) throw new Error(`${all} closes ${last?.tag} in ${html}`);
      const within = open.map((outer) => outer.tag);
      elements.push({ tag, attributes: last.attributes, text: text.slice(last.start), within });
    } else if (allowed[tag]?.test(attributes) !== true) {
      throw new Error(`${all} is not allowed in ${html}`);
    } else if (tag === 'br') {
      text += '\n';
    } else {
      open.push({ tag, attributes, start: text.length });
    }
  }
  if (read !== html.length) throw new Error(`not escaped: ${html.slice(read)}`);
  if (open.length > 0) throw new Error(`not closed: ${html}`);
  return { text, elements };
}

/** Returns the link of an element's `href`. */
export function linkOf({ attributes }: ShownElement): string {
  return readHtml(/^ href="(.*)"$/s.exec(attributes)?.[1] ?? '', {}).text;
}
