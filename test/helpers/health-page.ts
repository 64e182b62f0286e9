import type { Daemon } from './daemon.ts';

/** An answer of a relay's health server. */
export interface HealthPage {
  readonly status: number;
  readonly text: string;
}

/** Asks a relay that was started with HEALTH_PORT=0. */
export async function healthPage(daemon: Daemon, path: string): Promise<HealthPage> {
  const { port } = await daemon.waitForEvent('health.listening');
  const answer = await fetch(`http://127.0.0.1:${String(port)}${path}`);
  return { status: answer.status, text: await answer.text() };
}

/** The value of each series of a page of metrics, by its name and labels as they are written. */
export function seriesOf(page: string): Readonly<Record<string, number>> {
  const lines = page.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}
