import { readFileSync } from 'node:fs';

/** What a process has used. */
export interface Usage {
  /** User and system time since it began. */
  readonly cpuMs: number;
  readonly rssBytes: number;
  /** The most it ever had. */
  readonly peakRssBytes: number;
}

// Linux counts in hundredths of a second, whatever the kernel's own clock (proc(5), USER_HZ).
const TICK_MS = 10;

/** Reads what the kernel says of a process (proc(5)). Linux only. */
export function readUsage(pid: number): Usage {
  return usageOf(
    readFileSync(`/proc/${pid}/stat`, 'utf8'),
    readFileSync(`/proc/${pid}/status`, 'utf8'),
  );
}

/** From the texts of /proc/PID/stat and /proc/PID/status. Pure. */
export function usageOf(stat: string, status: string): Usage {
  // The program's name stands in brackets and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const kilobytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1024;
  return {
    cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS,
    rssBytes: kilobytes('VmRSS'),
    peakRssBytes: kilobytes('VmHWM'),
  };
}
