import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { decodeEntry, encodeEntry } from '../../../main/core/journal/journal-entry.ts';
import { JournalFile, readJournal } from '../../../main/core/journal/journal-file.ts';

const CHILD = join(import.meta.dirname, 'journal-writer.ts');

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'journal-'));
  path = join(folder, 'deep', 'paper.journal');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function openJournal(faults: (string | undefined)[] = []) {
  return JournalFile.open({
    path,
    position: () => ({ input: 7, atUs: 1_000 }),
    onFault: (words) => faults.push(words),
  });
}

async function durable(journal: JournalFile): Promise<void> {
  await new Promise<void>((resolve) => journal.whenDurable(resolve));
}

async function written(count: number): Promise<void> {
  const { journal } = await openJournal();
  for (let i = 1; i <= count; i++) journal.append('order-intent', { orderId: `O${i}`, words: 'Fläche €' });
  await journal.close();
}

describe('entries', () => {
  test('come back as they were written, numbered on over reopenings', async () => {
    await written(3);
    const { journal, entries } = await openJournal();
    expect(entries).toHaveLength(3);
    expect(entries[1]).toEqual({
      v: 1,
      n: 2,
      input: 7,
      atUs: 1_000,
      type: 'order-intent',
      data: { orderId: 'O2', words: 'Fläche €' },
    });
    journal.append('day-lock', { reason: '' });
    await journal.close();
    expect((await readJournal(path, { repair: false })).map(({ n }) => n)).toEqual([1, 2, 3, 4]);
  });

  test('a line with one byte changed is none', () => {
    const line = encodeEntry({ v: 1, n: 1, input: 0, atUs: 5, type: 'x', data: { a: 1 } }).trimEnd();
    expect(decodeEntry(line)).toBeDefined();
    fc.assert(
      fc.property(fc.nat(line.length - 1), fc.integer({ min: 32, max: 126 }), (at, code) => {
        const letter = String.fromCharCode(code);
        fc.pre(letter !== line[at]);
        expect(decodeEntry(line.slice(0, at) + letter + line.slice(at + 1))).toBeUndefined();
      }),
    );
  });

  test('of a newer version are refused with words', () => {
    const line = encodeEntry({ v: 99, n: 1, input: 0, atUs: 5, type: 'x', data: {} }).trimEnd();
    expect(() => decodeEntry(line)).toThrow(/version 99.*reads up to 1/);
  });
});

describe('a journal that was cut', () => {
  test('at any byte gives the whole entries before it, is repaired, and is gone on with', async () => {
    await written(4);
    const whole = readFileSync(path);
    const starts = [0];
    for (const [at, byte] of whole.entries()) if (byte === 10) starts.push(at + 1);
    for (let cut = 0; cut <= whole.length; cut += 1 + (cut % 5)) {
      writeFileSync(path, whole.subarray(0, cut));
      const sound = starts.filter((start) => start <= cut).length - 1;
      const { journal, entries } = await openJournal();
      expect(entries.map(({ n }) => n)).toEqual([1, 2, 3, 4].slice(0, sound));
      journal.append('after', {});
      await journal.close();
      const again = await readJournal(path, { repair: false });
      expect(again.map(({ type }) => type)).toEqual([...Array(sound).fill('order-intent'), 'after']);
    }
  });

  test('with zeros where the tail was is repaired too', async () => {
    await written(2);
    appendFileSync(path, Buffer.alloc(100));
    expect((await openJournal()).entries).toHaveLength(2);
  });

  test('damaged before its end is refused, and not touched', async () => {
    await written(3);
    const whole = readFileSync(path);
    whole[20] = whole[20]! ^ 1;
    writeFileSync(path, whole);
    await expect(openJournal()).rejects.toThrow(
      /paper\.journal: the entry after number 0 is damaged; move the file aside/,
    );
    expect(readFileSync(path)).toEqual(whole);
  });

  test('with an entry missing or twice is refused', async () => {
    await written(3);
    const lines = readFileSync(path, 'utf8').split('\n');
    writeFileSync(path, [lines[0], lines[2], ''].join('\n'));
    await expect(openJournal()).rejects.toThrow(/entry 3 follows entry 1/);
    writeFileSync(path, [lines[0], lines[1], lines[1], lines[2], ''].join('\n'));
    await expect(openJournal()).rejects.toThrow(/entry 2 follows entry 2/);
  });
});

describe('durability', () => {
  test('what was appended before is in the file when the callback comes, in order', async () => {
    const { journal } = await openJournal();
    const seen: number[] = [];
    const waits: Promise<void>[] = [];
    for (let i = 1; i <= 50; i++) {
      journal.append('x', { i });
      waits.push(
        durable(journal).then(() => {
          seen.push(i);
          expect(readFileSync(path, 'utf8').split('\n').length - 1).toBeGreaterThanOrEqual(i);
        }),
      );
      if (i % 7 === 0) await durable(journal);
    }
    await Promise.all(waits);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    await journal.close();
  });

  test('an entry that came while others were being written, and that nobody waits for, is written all the same', async () => {
    const { journal } = await openJournal();
    journal.append('first', {});
    const first = durable(journal);
    await Promise.resolve();
    journal.append('second', {});
    await first;
    await expect
      .poll(async () => (await readJournal(path, { repair: false })).map(({ type }) => type), { timeout: 2_000 })
      .toEqual(['first', 'second']);
    await journal.close();
  });

  test('a killed process has lost nothing that it was told to be durable', { timeout: 20_000 }, async () => {
    const child = spawn(process.execPath, [CHILD, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    const told: number[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      told.push(Number(line));
      if (told.length === 400) child.kill('SIGKILL');
    }
    const entries = await readJournal(path, { repair: true });
    expect(told.length).toBeGreaterThanOrEqual(400);
    expect(entries.map(({ n }) => n)).toEqual(entries.map((_, index) => index + 1));
    const kept = new Set(entries.map((entry) => (entry.data as { id: number }).id));
    expect(told.filter((id) => !kept.has(id))).toEqual([]);
  });
});

test('a disk that refuses is told, and once it takes again every entry is there, once and in order', {
  timeout: 30_000,
}, async ({ skip }) => {
  skip(spawnSync('prlimit', ['--version']).status !== 0, 'prlimit is needed to take space away from a process');
  const child = spawn('prlimit', ['--fsize=8192:unlimited', process.execPath, CHILD, path, 'until-full'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (line.startsWith('fault') && lines.filter((other) => other.startsWith('fault')).length === 2) {
      const freed = spawnSync('prlimit', ['--pid', String(child.pid), '--fsize=unlimited:unlimited']);
      expect(freed.status).toBe(0);
    }
  }
  expect(lines.find((line) => line.startsWith('fault'))).toMatch(
    /^fault journal cannot be written \(.+\); orders wait/,
  );
  expect(lines).toContain('well');
  const told = lines.filter((line) => /^\d+$/.test(line)).map(Number);
  const entries = await readJournal(path, { repair: false });
  expect(entries.map((entry) => (entry.data as { id: number }).id)).toEqual(told);
  expect(told).toEqual(told.map((_, index) => index + 1));
  expect(readFileSync(path).length).toBeGreaterThan(8_192);
});

test('nothing is appended after the end', async () => {
  const { journal } = await openJournal();
  await journal.close();
  expect(() => journal.append('x', {})).toThrow(/after the journal was closed/);
});
