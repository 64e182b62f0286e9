interface Gathering<Item, Answer> {
  readonly items: Item[];
  readonly answer: Promise<Answer>;
}

/**
 * Makes one call of those that come in the same turn of the event loop for the same key, with all
 * their items in the order in which they came. The first caller gets the answer, the others what
 * `restOf` makes of it; what the call throws, all get.
 */
export function inOneCall<Item, Answer>(
  call: (key: string, items: readonly Item[]) => Promise<Answer>,
  restOf: (answer: Answer) => Answer,
): (key: string, items: readonly Item[]) => Promise<Answer> {
  const gatherings = new Map<string, Gathering<Item, Answer>>();

  return async (key, items) => {
    const gathering = gatherings.get(key);
    if (gathering !== undefined) {
      gathering.items.push(...items);
      return restOf(await gathering.answer);
    }
    const all = [...items];
    const answer = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      gatherings.delete(key);
      return call(key, all);
    });
    gatherings.set(key, { items: all, answer });
    return answer;
  };
}
