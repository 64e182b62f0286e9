import type { Fault } from './plan.ts';

type Colour = 'gone' | 'frozen' | 'restart' | 'error' | 'limit' | 'reset';

/** The class of a fault's bar: kinds that look alike to the relay share one. */
export const COLOURS: Readonly<Record<Fault['kind'], Colour>> = {
  kill: 'gone',
  down: 'gone',
  freeze: 'frozen',
  hang: 'frozen',
  restart: 'restart',
  '500': 'error',
  truncated: 'error',
  '429': 'limit',
  reset: 'reset',
};
/** What the classes of bars mean. */
export const LEGEND: readonly (readonly [Colour, string])[] = [
  ['gone', 'killed, down'],
  ['frozen', 'frozen, no answer'],
  ['restart', 'stopped and started'],
  ['error', 'status 500, truncated'],
  ['limit', 'status 429'],
  ['reset', 'connections reset'],
];

/** What the marks of repeats mean. */
export const MARKS = [
  ['again', 'again: killed or frozen'],
  ['silent', 'again: not answered'],
] as const;

/** Light or dark by the reader's own choice, which an image knows; the page's it does not. */
export const STYLE = `<style>
text { font: 12px ui-sans-serif, system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #424a53; }
.title { font-size: 18px; font-weight: 600; fill: #1f2328; }
.subtitle { font-size: 13px; }
.end { text-anchor: end; } .middle { text-anchor: middle; }
.number { font-size: 11.5px; }
.paper { fill: #ffffff; stroke: #d1d9e0; }
.rule { stroke: #d8dee4; }
.tick { stroke: #eaeef2; }
line.end { stroke: #59636e; stroke-dasharray: 3 3; }
.gone { fill: #cf222e; } .frozen { fill: #0969da; } .restart { fill: #818b98; }
.error { fill: #d4700a; } .limit { fill: #c9a400; } .reset { fill: #a33ea1; }
.delivered { fill: #2da44e; fill-opacity: .55; stroke: #1a7f37; stroke-width: 1; }
.again { fill: #1f2328; } .silent { fill: none; stroke: #818b98; }
@media (prefers-color-scheme: dark) {
  text { fill: #b7bfc8; } .title { fill: #f0f6fc; }
  .paper { fill: #0d1117; stroke: #3d444d; }
  .rule { stroke: #30363d; } .tick { stroke: #1f252c; } line.end { stroke: #9198a1; }
  .gone { fill: #f85149; } .frozen { fill: #4493f8; } .restart { fill: #8b949e; }
  .error { fill: #f0883e; } .limit { fill: #e3c229; } .reset { fill: #d371d0; }
  .delivered { fill: #3fb950; fill-opacity: .45; stroke: #56d364; } 
  .again { fill: #f0f6fc; } .silent { stroke: #8b949e; }
}
</style>`;
