/**
 * Runs each of them so many times, by turns, so that what else the machine does meets all of them: A B C,
 * then B C A, then C A B. What comes of each is in the order of the rounds.
 */
export async function byTurns<T>(
  contestants: readonly { readonly run: () => Promise<T> }[],
  rounds: number,
): Promise<T[][]> {
  const outcomes: T[][] = contestants.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < contestants.length; turn++) {
      const index = (round + turn) % contestants.length;
      const outcome = await contestants[index]?.run();
      if (outcome !== undefined) outcomes[index]?.push(outcome);
    }
  }
  return outcomes;
}
