import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openPaperJournal, openReplayJournal } from '../../main/entry/journal-of-day.ts';

const watched = { position: () => ({ input: 1, atUs: 2 }), onFault: () => undefined };

test('a day goes on with its own entries, a new day with those of the latest day before', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fathom-journal-'));
  const first = await openPaperJournal(folder, '2026-11-19', watched);
  expect(first.entries).toEqual([]);
  first.journal.append('command', { what: 'first' });
  await first.close();

  const again = await openPaperJournal(folder, '2026-11-19', watched);
  expect(again.entries.map((entry) => entry.data)).toEqual([{ what: 'first' }]);
  again.journal.append('command', { what: 'second' });
  await again.close();

  const next = await openPaperJournal(folder, '2026-11-20', watched);
  expect(next.entries.map((entry) => entry.data)).toEqual([{ what: 'first' }, { what: 'second' }]);
  next.journal.append('checkpoint', {});
  await next.close();

  const later = await openPaperJournal(folder, '2026-11-20', watched);
  expect(later.entries.map((entry) => entry.type)).toEqual(['checkpoint']);
  await later.close();
  rmSync(folder, { recursive: true });
});

test("a replay's journal is its own and leaves nothing behind", async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fathom-journal-'));
  const one = await openReplayJournal(folder, 'one', watched);
  const two = await openReplayJournal(folder, 'two', watched);
  one.journal.append('command', {});
  expect(readdirSync(folder).sort()).toEqual(['replay-one.journal', 'replay-two.journal']);
  await one.close();
  await two.close();
  expect(readdirSync(folder)).toEqual([]);
  rmSync(folder, { recursive: true });
});
