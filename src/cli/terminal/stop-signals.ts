// The terminal tells npm and its script alike, and npm tells the script once more: where npm's shell
// is bash, one Ctrl-C comes twice, milliseconds apart. Nobody presses that fast.
const ECHO_MS = 300;
const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Calls `stop` at the first signal that asks this process to end (Ctrl-C, SIGTERM, a terminal that
 * closes), and `stopAtOnce` at a second one. Returns how to leave the signals to the system again.
 */
export function onStopSignals(
  stop: (signal: NodeJS.Signals) => void,
  stopAtOnce: () => void,
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
  for (const signal of STOP_SIGNALS) process.on(signal, onSignal);
  return () => {
    for (const signal of STOP_SIGNALS) process.off(signal, onSignal);
  };
}
