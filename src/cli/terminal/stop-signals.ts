// One Ctrl-C may arrive twice, milliseconds apart: the terminal signals npm and its script, and npm
// signals the script again if its shell is bash. Nobody presses that fast.
const ECHO_MS = 300;
const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Calls `stop` on the first of the signals (by default Ctrl-C, SIGTERM and a closed terminal), and
 * `stopAtOnce` on a second one. Returns a function that removes the handlers.
 */
export function onStopSignals(
  stop: (signal: NodeJS.Signals) => void,
  stopAtOnce: () => void,
  signals: readonly NodeJS.Signals[] = STOP_SIGNALS,
): () => void {
  let firstAtMs: number | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (firstAtMs === undefined) {
      firstAtMs = performance.now();
      stop(signal);
    } else if (performance.now() - firstAtMs > ECHO_MS) {
      stopAtOnce();
    }
  };
  for (const signal of signals) process.on(signal, onSignal);
  return () => {
    for (const signal of signals) process.off(signal, onSignal);
  };
}
