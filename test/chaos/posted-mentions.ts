interface Posted {
  readonly data?: { readonly id: string } | readonly { readonly id: string }[];
  readonly blocks?: readonly { readonly elements?: readonly { readonly text: string }[] }[];
}

const POST_LINK = /\/permalink\/(\d+)[^|]*\|Open post>/;

/** The ids of the sandbox's mentions in a POST to a webhook, of whatever type and size. Pure. */
export function mentionsIn(body: string): string[] {
  const { data, blocks } = JSON.parse(body) as Posted;
  if (data !== undefined) return [data].flat().map(({ id }) => id);
  return (blocks ?? []).flatMap(({ elements }) =>
    (elements ?? []).flatMap(({ text }) => POST_LINK.exec(text)?.[1] ?? []),
  );
}
