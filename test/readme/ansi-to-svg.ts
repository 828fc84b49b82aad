// A terminal's screen, as text with colour sequences (SGR), drawn as SVG. Knows what roomchat uses: bold, dim, reverse
// and the 256 colours.

interface Look {
  readonly bold: boolean;
  readonly dim: boolean;
  readonly reverse: boolean;
  readonly colour: string | undefined;
}

interface Run {
  readonly text: string;
  readonly column: number;
  readonly look: Look;
}

const PLAIN: Look = { bold: false, dim: false, reverse: false, colour: undefined };
const FOREGROUND = '#d8dee9';
const BACKGROUND = '#1d2129';
const WIDTH = 8.4;
const HEIGHT = 20;
const PADDING = 16;
const BAR = 28;
const BASIC = ['#3b4252', '#e06c75', '#98c379', '#e5c07b', '#61afef', '#c678dd', '#56b6c2', '#d8dee9'];

/** `screen`: one line a row. */
export function toSvg(screen: string, columns: number): string {
  const rows = screen.trimEnd().split('\n');
  let look = PLAIN;
  const lines = rows.map((row, y) => {
    const runs: Run[] = [];
    look = runsOf(row, look, runs);
    return runs.map((run) => drawn(run, y)).join('');
  });
  const width = Math.ceil(columns * WIDTH + 2 * PADDING);
  const height = rows.length * HEIGHT + 2 * PADDING + BAR;
  const lights = ['#e06c75', '#e5c07b', '#98c379']
    .map((colour, i) => `<circle cx="${PADDING + 6 + i * 18}" cy="${BAR / 2 + 4}" r="5.5" fill="${colour}"/>`)
    .join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="A roomchat session in a terminal">
<rect width="100%" height="100%" rx="8" fill="${BACKGROUND}"/>${lights}
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14" fill="${FOREGROUND}">
${lines.join('\n')}
</g>
</svg>
`;
}

/** Fills `runs` and returns the look that the row ends with. */
function runsOf(row: string, start: Look, runs: Run[]): Look {
  let look = start;
  let column = 0;
  for (const [, sequence, text] of row.matchAll(/\x1b\[([\d;]*)m|([^\x1b]+)/g)) {
    if (text === undefined) {
      look = changed(look, (sequence ?? '').split(';').map(Number));
      continue;
    }
    runs.push({ text, column, look });
    for (const character of text) column += /\p{Emoji_Presentation}/u.test(character) ? 2 : 1;
  }
  return look;
}

function changed(look: Look, codes: readonly number[]): Look {
  const [code = 0, kind, colour = 0] = codes;
  if (code === 38 && kind === 5) return { ...look, colour: colourOf(colour) };
  const next = simple(look, code);
  return codes.length > 1 ? changed(next, codes.slice(1)) : next;
}

function simple(look: Look, code: number): Look {
  if (code === 0) return PLAIN;
  if (code === 1) return { ...look, bold: true };
  if (code === 2) return { ...look, dim: true };
  if (code === 7) return { ...look, reverse: true };
  if (code === 22) return { ...look, bold: false, dim: false };
  if (code === 27) return { ...look, reverse: false };
  if (code >= 30 && code <= 37) return { ...look, colour: colourOf(code - 30) };
  if (code === 39) return { ...look, colour: undefined };
  return look;
}

/** The colour cube and the greys of xterm's 256 colours, lightened a little for the dark ground. */
function colourOf(index: number): string {
  const basic = BASIC[index % 8];
  if (index < 16 && basic !== undefined) return basic;
  if (index >= 232) return grey(8 + (index - 232) * 10);
  const cube = index - 16;
  const channel = (step: number): number => Math.min(255, (step === 0 ? 0 : 55 + step * 40) + 50);
  return `rgb(${channel(Math.floor(cube / 36))},${channel(Math.floor(cube / 6) % 6)},${channel(cube % 6)})`;
}

function grey(level: number): string {
  return `rgb(${level},${level},${level})`;
}

function drawn({ text, column, look }: Run, y: number): string {
  const left = PADDING + column * WIDTH;
  const top = BAR + PADDING + y * HEIGHT;
  const colour = look.colour ?? FOREGROUND;
  const box = look.reverse
    ? `<rect x="${left.toFixed(1)}" y="${top}" width="${(text.length * WIDTH).toFixed(1)}" height="${HEIGHT}" fill="${colour}"/>`
    : '';
  const style = [
    look.reverse ? `fill="${BACKGROUND}"` : look.colour === undefined ? '' : `fill="${colour}"`,
    look.bold ? 'font-weight="bold"' : '',
    look.dim ? 'opacity="0.6"' : '',
  ].filter((part) => part !== '');
  const attributes = [`x="${left.toFixed(1)}"`, `y="${top + 15}"`, ...style].join(' ');
  return `${box}<text ${attributes} textLength="${(widthOf(text) * WIDTH).toFixed(1)}" lengthAdjust="spacingAndGlyphs">${escaped(text)}</text>`;
}

function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += /\p{Emoji_Presentation}/u.test(character) ? 2 : 1;
  return width;
}

/** SVG folds ordinary blanks, also at the beginning of a run. */
function escaped(text: string): string {
  return text.replaceAll(' ', '\u00a0').replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
