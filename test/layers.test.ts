// The layers of the design, as a test: who may import whom, and that nothing imports itself through others.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { describe, expect, it } from 'vitest';

const SRC = resolve(import.meta.dirname, '../src');

const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  websocket: [],
  protocol: [],
  log: [],
  server: ['websocket', 'protocol', 'log'],
  cluster: ['log', 'protocol'],
  client: ['protocol'],
  library: ['client', 'protocol', 'websocket'],
  view: ['protocol'],
  terminal: ['protocol', 'view'],
  page: ['client', 'protocol', 'view'],
  cli: ['server', 'client', 'cluster', 'library', 'terminal', 'protocol', 'websocket'],
};

/** The same of the server's folders. What puts them together stands beside them, and may import all. */
const SERVER_MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  common: [],
  addresses: [],
  reporting: ['common'],
  http: ['addresses', 'common'],
  budget: ['addresses', 'common', 'reporting'],
  room: ['common', 'reporting'],
  access: ['addresses', 'common', 'http', 'reporting'],
  session: ['access', 'addresses', 'budget', 'common', 'reporting', 'room'],
  admin: ['access', 'addresses', 'common', 'reporting', 'room', 'session'],
  doors: ['access', 'addresses', 'common', 'http', 'reporting'],
  plain: ['access', 'addresses', 'common', 'doors', 'http', 'session'],
  pages: ['addresses', 'doors', 'http', 'reporting', 'room', 'session'],
};

/** What a layer may import beside Node's modules: a package, or by its scope several. */
const MAY_USE: Readonly<Record<string, string>> = { cli: 'commander', cluster: '@nats-io/' };

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => join(SRC, name));

const IMPORT = /^(?:import|export)\s+(type\s)?[^;]*?from\s+'([^']+)'|import\('([^']+)'\)/gm;

const imports: Import[] = files.flatMap((from) =>
  [...readFileSync(from, 'utf8').matchAll(IMPORT)].map((match) => ({
    from,
    to: match[2] ?? match[3] ?? '',
    typeOnly: match[1] !== undefined,
  })),
);

const layerOf = (path: string): string => relative(SRC, path).split(sep)[0] ?? '';
const mayUse = (layer: string, name: string): boolean => {
  const what = MAY_USE[layer];
  return what !== undefined && (what.endsWith('/') ? name.startsWith(what) : name === what);
};
const isOwn = ({ to }: Import): boolean => to.startsWith('.') && to.endsWith('.ts');
const target = ({ from, to }: Import): string => resolve(dirname(from), to);

describe('the layers', () => {
  it('finds the imports at all', () => {
    expect(files.length).toBeGreaterThan(50);
    expect(imports.length).toBeGreaterThan(200);
  });

  it('import only what they may', () => {
    const strays = imports
      .filter(isOwn)
      .map((one) => [one, layerOf(one.from), layerOf(target(one))] as const)
      .filter(([, from, to]) => from !== to && !MAY_IMPORT[from]?.includes(to))
      .map(([{ from, to }]) => `${relative(SRC, from)} imports ${to}`);
    expect(strays).toEqual([]);
  });

  it("enter another layer by its index only, so that a layer's inside is its own", () => {
    const strays = imports
      .filter(isOwn)
      .filter((one) => layerOf(one.from) !== layerOf(target(one)) && !target(one).endsWith(`${sep}index.ts`))
      .map(({ from, to }) => `${relative(SRC, from)} imports ${to}`);
    expect(strays).toEqual([]);
  });

  it.each([
    ['cli', 'commander', true],
    ['cli', '@nats-io/jetstream', false],
    ['cluster', '@nats-io/jetstream', true],
    ['cluster', '@nats-io/nats-core/internal', true],
    ['cluster', '@nats-io', false],
    ['cluster', 'commander', false],
    ['server', '@nats-io/kv', false],
    ['server', 'ws', false],
  ])('%s may use the package %s: %s', (layer, name, may) => {
    expect(mayUse(layer, name)).toBe(may);
  });

  it("use Node's own modules, commander on the command line alone, and the client of NATS in the cluster alone", () => {
    const strays = imports
      .filter(({ to }) => !to.startsWith('.') && !to.startsWith('node:'))
      .filter(({ from, to }) => !mayUse(layerOf(from), to))
      .map(({ from, to }) => `${relative(SRC, from)} imports ${to}`);
    expect(strays).toEqual([]);
  });

  it('touch sockets in their outermost files only', () => {
    const sockets = imports
      .filter(
        ({ from, to, typeOnly }) => !typeOnly && layerOf(from) === 'websocket' && /^node:(net|tls|https?)$/.test(to),
      )
      .map(({ from }) => relative(SRC, from));
    expect([...new Set(sockets)].sort()).toEqual(
      ['websocket/accept.ts', 'websocket/dial.ts'].map((path) => path.replace('/', sep)),
    );
  });

  it('send frames to clients by one file alone, which cuts them', () => {
    const senders = files
      .filter(
        (path) => layerOf(path) === 'server' && /new PreparedMessage\(|socket\.send\(/.test(readFileSync(path, 'utf8')),
      )
      .map((path) => relative(SRC, path));
    // An export sends its chunks of the log as they were read, of at most 64 KiB.
    expect(senders.sort()).toEqual(
      ['server/admin/admin-session.ts', 'server/room/line-frames.ts'].map((p) => p.replaceAll('/', sep)),
    );
  });

  it('have no import cycle, types included', () => {
    const graph = new Map<string, string[]>();
    for (const one of imports) if (isOwn(one)) graph.set(one.from, [...(graph.get(one.from) ?? []), target(one)]);
    expect(cyclesOf(graph).map((path) => path.map((file) => relative(SRC, file)).join(' → '))).toEqual([]);
  });

  it('write private members as the language does', () => {
    const strays = files.filter((path) =>
      /^\s*(private|protected|public) (?!constructor\b)/m.test(readFileSync(path, 'utf8')),
    );
    expect(strays.map((path) => relative(SRC, path))).toEqual([]);
  });
});

describe("the server's folders", () => {
  const SERVER = join(SRC, 'server');
  const folderOf = (path: string): string => relative(SERVER, dirname(path));
  const between = imports
    .filter((one) => isOwn(one) && layerOf(one.from) === 'server' && layerOf(target(one)) === 'server')
    .map((one) => ({ from: one.from, to: target(one), folders: [folderOf(one.from), folderOf(target(one))] as const }))
    .filter(({ folders: [from, to] }) => from !== to && from !== '');

  it('import only what they may, and what they may they do', () => {
    const imported = new Map<string, Set<string>>(Object.keys(SERVER_MAY_IMPORT).map((folder) => [folder, new Set()]));
    for (const { from, to, folders } of between) {
      const [folder, other] = folders;
      const names = imported.get(folder);
      if (names === undefined) throw new Error(`${relative(SRC, from)}: the table has no folder ${folder}`);
      names.add(other === '' ? relative(SERVER, to) : other);
    }
    const found = [...imported].map(([folder, others]) => [folder, [...others].sort()]);
    expect(Object.fromEntries(found)).toEqual(SERVER_MAY_IMPORT);
  });

  it('never lead back to where one came from', () => {
    expect(cyclesOf(new Map(Object.entries(SERVER_MAY_IMPORT)))).toEqual([]);
  });
});

/** Every path that leads back to where it was, found by depth-first search. */
function cyclesOf(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const cycles: string[][] = [];
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file);
    if (at !== -1) {
      cycles.push([...path.slice(at), file]);
      return;
    }
    if (done.has(file)) return;
    for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
  return cycles;
}
