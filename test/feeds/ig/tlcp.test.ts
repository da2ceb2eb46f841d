import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LightstreamerLine } from '../../../main/feeds/ig/lightstreamer.ts';
import { haveFixtures, readFixture } from '../../fixtures.ts';
import { TlcpServer } from '../../venues/tlcp-server.ts';
import { encodeValues } from '../../venues/tlcp-session.ts';

/** One field of an expected update. */
interface FieldVector {
  readonly changed?: string | null;
  readonly unchanged?: true;
}
interface Vectors {
  readonly decode_U_lines: readonly { readonly line: string; readonly fields: Readonly<Record<string, FieldVector>> }[];
  readonly unquote: readonly { readonly in: string; readonly out: string }[];
}
interface Step {
  readonly dir: string;
  readonly text: string;
}
interface Transcript {
  readonly suite: string;
  readonly test: string;
  readonly steps: readonly Step[];
}

type Update = readonly [values: readonly (string | null)[], changed: readonly boolean[]];

let server: TlcpServer;
let line: LightstreamerLine;
const updates = new Map<string, Update[]>();
const told: string[] = [];

beforeEach(async () => {
  server = await TlcpServer.start({ admit: () => undefined, adapter: 'Pricing' });
  updates.clear();
  told.length = 0;
});
afterEach(async () => {
  await line.end();
  await server.close();
});

/** The vendor's client with some items of some fields, subscribed. */
async function subscribed(items: readonly string[], fields: readonly string[]): Promise<void> {
  line = new LightstreamerLine({
    items,
    fields,
    adapter: 'Pricing',
    listener: {
      onStatus: (status) => told.push(status),
      onRefused: (code) => told.push(`refused ${code}`),
      onUpdate: (index, values, changed) => {
        const item = items[index]!;
        updates.set(item, [...(updates.get(item) ?? []), [values, changed]]);
      },
      onSubscriptionRefused: (index, code) => told.push(`${items[index]} refused ${code}`),
      onLost: (index, count) => told.push(`${items[index]} lost ${count}`),
    },
  });
  line.connect({ endpoint: server.url, user: 'u', password: 'p' });
  await expect.poll(() => server.subscribed.length, { interval: 5 }).toBe(items.length);
}

const fieldsOf = (count: number) => Array.from({ length: count }, (_, i) => `F${i + 1}`);

async function updatesOf(item: string, count: number): Promise<readonly Update[]> {
  await expect.poll(() => updates.get(item)?.length ?? 0, { interval: 5 }).toBe(count);
  return updates.get(item)!;
}

describe.runIf(haveFixtures)("the vendor's own test-suite", () => {
  const json = (name: string): unknown => JSON.parse(Buffer.from(readFixture(`tlcp/${name}`)).toString());

  test('has update lines, which the client here decodes alike', async () => {
    const { decode_U_lines: vectors } = json('tlcp_decode_vectors.json') as Vectors;
    const widths = [...new Set(vectors.map(({ fields }) => Object.keys(fields).length))];
    for (const width of widths) {
      const some = vectors.filter(({ fields }) => Object.keys(fields).length === width);
      await subscribed(['item'], fieldsOf(width));
      // A first update to which the others are changes; each vector is told apart from it.
      const first = fieldsOf(width).map((field) => `first-${field}`);
      server.line(`U,$sub,1,${first.join('|')}`, 'item');
      for (const { line: text } of some) server.line(text.replace(/^U,3,/, 'U,$sub,'), 'item');
      const seen = await updatesOf('item', some.length + 1);
      let before: readonly (string | null)[] = first;
      for (const [i, { fields }] of some.entries()) {
        const [values, changed] = seen[i + 1]!;
        const wanted = before.map((old, at) => {
          const { changed: value, unchanged } = fields[String(at + 1)]!;
          return unchanged ? old : (value ?? null);
        });
        expect(values).toEqual(wanted);
        expect(changed).toEqual(wanted.map((value, at) => value !== before[at]));
        before = wanted;
      }
      updates.clear();
      await line.end();
      server.forget();
    }
    expect(vectors.length).toBeGreaterThan(6);
  });

  test('has texts to be unquoted, which come through', async () => {
    const { unquote } = json('tlcp_decode_vectors.json') as Vectors;
    // Empty text means "unchanged" on the wire, and a line end would be the end of the update.
    const usable = unquote.filter(({ in: text }) => text !== '' && !/[\r\n\0]/.test(text));
    await subscribed(['item'], ['A', 'B']);
    for (const [i, { in: text }] of usable.entries()) server.line(`U,$sub,1,${i}|${text}`, 'item');
    const seen = await updatesOf('item', usable.length);
    expect(seen.map(([values]) => values)).toEqual(usable.map(({ out }, i) => [String(i), out]));
    expect(usable.length).toBeGreaterThan(9);
  });

  test('has sessions whose updates come out as they are told', async () => {
    const transcripts = (json('tlcp_transcripts_public.json') as { transcripts: readonly Transcript[] }).transcripts;
    let compared = 0;
    for (const { steps } of transcripts) {
      const lines = steps.filter(({ dir }) => dir === 'server->client').flatMap(({ text }) => text.split('\r\n'));
      const width = Number(lines.find((text) => text.startsWith('SUBOK,1,'))?.split(',')[3]);
      const told = lines.filter((text) => text.startsWith('U,1,'));
      if (Number.isNaN(width) || told.length === 0) continue;
      await subscribed(['i1', 'i2'], fieldsOf(width));
      for (const text of told) {
        server.line(text.replace(/^U,1,\d/, 'U,$sub,1'), `i${text.split(',')[2]}`);
      }
      for (const item of ['1', '2']) {
        const own = told.filter((text) => text.startsWith(`U,1,${item},`));
        const wanted = folded(own.map((text) => text.slice(`U,1,${item},`.length)));
        const seen = own.length === 0 ? [] : await updatesOf(`i${item}`, own.length);
        expect(seen.map(([values]) => values)).toEqual(wanted);
        compared += own.length;
      }
      updates.clear();
      await line.end();
      server.forget();
    }
    expect(compared).toBeGreaterThan(15);
  });

  test('has the kinds of line that the stand-in sends, in the same shape', () => {
    const transcripts = (json('tlcp_transcripts_public.json') as { transcripts: readonly Transcript[] }).transcripts;
    const shapes = new Set(
      transcripts
        .flatMap(({ steps }) => steps.filter(({ dir }) => dir === 'server->client'))
        .flatMap(({ text }) => text.split('\r\n').map(shapeOf)),
    );
    const sent = [
      'CONOK,S1,50000,5000,*',
      'LOOP,0',
      'REQOK,1',
      'REQERR,1,-5,not allowed',
      'SUBOK,1,1,6',
      'CONF,1,unlimited,filtered',
    ];
    for (const text of [...sent, 'UNSUB,1', 'OV,1,1,33', 'U,1,1,a|b']) expect(shapes).toContain(shapeOf(text));
  });
});

test('what the stand-in encodes is what the client reads, whatever the values', async () => {
  const values = [null, '', '#', '$', '^3', '|', '%', '%7C', 'a|b', 'ü☃😀', '1.15587', 'x,y', ' ', '$$', '#null'];
  await subscribed(['item'], fieldsOf(6));
  let seed = 99;
  const next = (most: number) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (seed >> 8) % most;
  };
  const wanted: (string | null)[][] = [];
  let current: (string | null)[] = new Array<string | null>(6).fill(null);
  for (let i = 0; i < 2_000; i++) {
    current = current.map((value) => (next(3) === 0 ? values[next(values.length)]! : value));
    wanted.push(current);
    server.set('item', Object.fromEntries(current.map((value, at) => [`F${at + 1}`, value])));
  }
  const seen = await updatesOf('item', wanted.length);
  expect(seen.map(([row]) => row)).toEqual(wanted);
});

test('unchanged values are left empty, or counted in a row', () => {
  expect(encodeValues(undefined, ['a', null, ''])).toBe('a|#|$');
  expect(encodeValues(['a', 'b', 'c', 'd'], ['a', 'b', 'c', 'x'])).toBe('^3|x');
  expect(encodeValues(['a', 'b', 'c', 'd'], ['a', 'x', 'c', 'd'])).toBe('|x||');
});

test('updates that the server left out are told', async () => {
  await subscribed(['a', 'b'], ['F1']);
  server.line('OV,$sub,1,33', 'b');
  await expect.poll(() => told).toContain('b lost 33');
});

test('a process in which nothing else runs ends, though the client of the vendor never does', async () => {
  await subscribed(['a'], ['F1']);
  const module = new URL('../../../main/feeds/ig/lightstreamer.ts', import.meta.url).href;
  const script = `
    const { LightstreamerLine } = await import(${JSON.stringify(module)});
    const nothing = () => undefined;
    const listener = { onStatus: nothing, onRefused: nothing, onUpdate: nothing, onSubscriptionRefused: nothing, onLost: nothing };
    const line = new LightstreamerLine({ items: ['a'], fields: ['F1'], adapter: 'Pricing', listener });
    line.connect({ endpoint: ${JSON.stringify(server.url)}, user: 'u', password: 'p' });
    await line.end();`;
  const run = promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { timeout: 20_000 });
  await expect(run).resolves.toMatchObject({ stdout: '' });
});

/** Values after each of some update lines, by the rules of the protocol. */
function folded(lines: readonly string[]): (string | null)[][] {
  const rows: (string | null)[][] = [];
  for (const text of lines) {
    const before = rows.at(-1);
    rows.push(
      text.split('|').map((token, at) => {
        if (token === '') return before?.[at] ?? null;
        if (token === '#') return null;
        return token === '$' ? '' : token;
      }),
    );
  }
  return rows;
}

/** Kind of a line, and how many fields it has. */
function shapeOf(text: string): string {
  return `${text.split(',')[0]} ${text.split(',').length}`;
}
