/** Light or dark by the reader's own choice, which an image knows; the page's it does not. */
const STYLE = `<style>
text { font: 12px ui-sans-serif, system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #424a53; }
.title { font-size: 18px; font-weight: 600; fill: #1f2328; }
.subtitle { font-size: 13px; }
.end { text-anchor: end; } .middle { text-anchor: middle; }
.number { font-size: 11.5px; }
.paper { fill: #ffffff; stroke: #d1d9e0; }
.rule { stroke: #d8dee4; }
.limit { stroke: #cf222e; stroke-dasharray: 4 3; }
.polled { fill: #2da44e; fill-opacity: .75; } .recovered { fill: #0969da; } .missed { fill: #cf222e; }
.arrivals { fill: #818b98; fill-opacity: .45; stroke: #59636e; }
.spacing { fill: none; stroke: #0969da; stroke-width: 1.5; stroke-linejoin: round; }
@media (prefers-color-scheme: dark) {
  text { fill: #b7bfc8; } .title { fill: #f0f6fc; }
  .paper { fill: #0d1117; stroke: #3d444d; }
  .rule { stroke: #30363d; } .limit { stroke: #f85149; }
  .polled { fill: #3fb950; fill-opacity: .7; } .recovered { fill: #4493f8; } .missed { fill: #f85149; }
  .arrivals { fill: #8b949e; fill-opacity: .4; stroke: #b7bfc8; }
  .spacing { stroke: #4493f8; }
}
</style>`;

/** A picture, readable in light and dark. Its title and subtitles stand on top, up to y = 80. */
export function picture(
  size: { readonly width: number; readonly height: number },
  title: string,
  subtitles: readonly string[],
  content: readonly string[],
): string {
  const { width, height } = size;
  const label = escapeXml([title, ...subtitles].join('. '));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">`,
    STYLE,
    `<rect class="paper" width="${width}" height="${height}" rx="8"/>`,
    text(24, 32, title, 'title'),
    ...subtitles.map((line, index) => text(24, 54 + 18 * index, line, 'subtitle')),
    ...content,
    '</svg>',
    '',
  ].join('\n');
}

export function text(x: number, y: number, content: string, className: string): string {
  return `<text class="${className}" x="${round(x)}" y="${round(y)}">${escapeXml(content)}</text>`;
}

/** A bar, with what it says as its title. */
export function bar(
  className: string,
  place: {
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
  },
  title = '',
): string {
  const { x, y, width, height } = place;
  const shape = `<rect class="${className}" x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}"`;
  return title === '' ? `${shape}/>` : `${shape}><title>${escapeXml(title)}</title></rect>`;
}

export function rule(
  className: string,
  [fromX, fromY]: readonly [number, number],
  [toX, toY]: readonly [number, number],
): string {
  return `<line class="${className}" x1="${round(fromX)}" y1="${round(fromY)}" x2="${round(toX)}" y2="${round(toY)}"/>`;
}

/** A coordinate as it is written. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escapeXml(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
