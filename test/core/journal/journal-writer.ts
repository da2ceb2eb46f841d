import { JournalFile } from '../../../main/core/journal/journal-file.ts';

/**
 * A process for the tests to kill, or to run out of disk: appends entries and prints the id of each one of whose durability
 * it was told. With `until-full` it goes on until the disk refuses, appends three more and ends when all are durable.
 */
const [path = '', mode] = process.argv.slice(2);
let faulty = false;
const { journal } = await JournalFile.open({
  path,
  position: () => ({ input: 0, atUs: 0 }),
  onFault: (words) => {
    faulty = words !== undefined;
    console.log(words === undefined ? 'well' : `fault ${words}`);
  },
});
let id = 0;

function appendOne(): Promise<void> {
  const mine = ++id;
  journal.append('entry', { id: mine, filling: 'x'.repeat(mine % 700) });
  return new Promise((resolve) => {
    journal.whenDurable(() => {
      console.log(String(mine));
      resolve();
    });
  });
}

if (mode !== 'until-full') {
  for (;;) {
    void appendOne();
    await appendOne();
  }
}
const all: Promise<void>[] = [];
while (!faulty) {
  all.push(appendOne());
  const turn = Promise.withResolvers<void>();
  setImmediate(turn.resolve);
  await turn.promise;
}
for (let more = 0; more < 3; more++) all.push(appendOne());
await Promise.all(all);
await journal.close();
