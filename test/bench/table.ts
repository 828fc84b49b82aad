// The bench's output: a Markdown table a scenario, and beside it how far each target is reached.
import type { Figure, Figures } from './load/job.ts';
import type { Scenario, Target } from './scenarios/scenario.ts';

interface Column {
  readonly title: string;
  readonly best: 'lowest' | 'highest';
  readonly show: (value: number) => string;
}

const COLUMNS: { readonly [name in Figure]: Column } = {
  cpuPerDelivery: { title: 'CPU a delivery', best: 'lowest', show: microseconds },
  rate: { title: 'a second', best: 'highest', show: grouped },
  p50: { title: 'p50', best: 'lowest', show: (value) => `${value.toFixed(2)} ms` },
  p99: { title: 'p99', best: 'lowest', show: (value) => `${value.toFixed(1)} ms` },
  cpu: { title: 'CPU each', best: 'lowest', show: microseconds },
  total: { title: 'CPU in all', best: 'lowest', show: (value) => `${value.toFixed(2)} s` },
  bytes: { title: 'memory', best: 'lowest', show: memory },
  peak: { title: 'peak', best: 'lowest', show: memory },
  wire: { title: 'on the wire', best: 'lowest', show: memory },
  frames: { title: 'frames', best: 'lowest', show: grouped },
  first: { title: 'first line', best: 'lowest', show: (value) => `${(value * 1000).toFixed(0)} ms` },
  longest: { title: 'longest', best: 'highest', show: (value) => `${(value * 1000).toFixed(0)} ms` },
  seconds: { title: 'time', best: 'lowest', show: (value) => `${(value * 1000).toFixed(1)} ms` },
};

const FIGURES: readonly Figure[] = [
  'cpuPerDelivery',
  'cpu',
  'total',
  'bytes',
  'peak',
  'wire',
  'frames',
  'seconds',
  'longest',
  'first',
  'p50',
  'p99',
  'rate',
];

/** The better of each figure. */
export function best(before: Figures | undefined, now: Figures): Figures {
  const entries = FIGURES.flatMap((name) => {
    const [a, b] = [before?.[name], now[name]];
    const better =
      a === undefined ? b : b === undefined ? a : Math[COLUMNS[name].best === 'lowest' ? 'min' : 'max'](a, b);
    return better === undefined ? [] : [[name, better] as const];
  });
  return Object.fromEntries(entries);
}

export function table(scenario: Scenario, figures: ReadonlyMap<string, Figures>): string {
  const [ours = ''] = scenario.contenders.map(({ name }) => name);
  const own = figures.get(ours) ?? {};
  const shown = FIGURES.filter((name) => [...figures.values()].some((of) => of[name] !== undefined));
  const lines = [
    `### ${scenario.name}: ${scenario.about}`,
    '',
    `| | ${shown.map((name) => COLUMNS[name].title).join(' | ')} |`,
    `|---|${shown.map(() => '---:|').join('')}`,
  ];
  for (const [name, of] of figures) {
    const cells = shown.map((figure) => cell(figure, of[figure], name === ours ? undefined : own[figure]));
    lines.push(`| ${name} | ${cells.join(' | ')} |`);
  }
  const targets = scenario.targets.flatMap((target) => verdict(target, own, figures));
  if (targets.length > 0) lines.push('', ...targets);
  return `${lines.join('\n')}\n`;
}

/** A figure, and for another than ours how many times ours it is. */
function cell(figure: Figure, value: number | undefined, own: number | undefined): string {
  if (value === undefined) return '';
  const text = COLUMNS[figure].show(value);
  return own === undefined || own === 0 ? text : `${text} (×${(value / own).toFixed(2)})`;
}

function verdict(target: Target, own: Figures, figures: ReadonlyMap<string, Figures>): string[] {
  const { whose, figure, times, of } = target;
  const { title, best, show } = COLUMNS[figure];
  const value = (whose === undefined ? own : figures.get(whose))?.[figure];
  const other = of === undefined ? undefined : figures.get(of)?.[figure];
  if (value === undefined || (of !== undefined && other === undefined)) return [];
  const name = whose === undefined ? title : `${title} of ${whose}`;
  const bound = best === 'lowest' ? 'at most' : 'at least';
  const reached = other === undefined ? value : value / other;
  const isReached = best === 'lowest' ? reached <= times : reached >= times;
  const mark = isReached ? 'reached' : 'MISSED';
  if (other === undefined) return [`- ${name}: ${show(reached)}; target ${bound} ${show(times)}: ${mark}`];
  return [`- ${name}: ${reached.toFixed(3)} of ${of}'s; target ${bound} ${times}: ${mark}`];
}

function microseconds(seconds: number): string {
  const value = seconds * 1e6;
  return `${value < 0.01 ? value.toExponential(2) : value.toFixed(value < 10 ? 3 : 1)} µs`;
}

function memory(bytes: number): string {
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(2)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

function grouped(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
