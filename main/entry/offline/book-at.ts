import { capturesIn } from '../../storage/capture/capture-folder.ts';
import { SourceTimeline } from '../../storage/capture/source-timeline.ts';
import { type BookAt, type BookAtRequest, none, timeText } from './book-answer.ts';
import { framesBookAt } from './frames-book-at.ts';
import { recordBookAt } from './record-book-at.ts';

/**
 * The book of an instrument at any time of its captures: read from the last place before it at which the book is known whole
 * up to that time, through the mappers that the live engine uses. What is wrong with captures is a value; throws what the
 * file system throws otherwise.
 */
export async function bookAt(request: BookAtRequest): Promise<BookAt> {
  const { folder, source } = request;
  const all = await capturesIn(folder);
  const captures = all.filter((capture) => capture.source === source);
  if (captures.length === 0) {
    const sources = [...new Set(all.map((capture) => capture.source))];
    const there = sources.length === 0 ? 'no captures at all' : `captures of ${sources.join(', ')}`;
    return none('not-recorded', `There are no captures of ${source} in ${folder}; it has ${there}.`);
  }
  const { kind } = captures[0]!;
  const timeline = new SourceTimeline(captures.filter((capture) => capture.kind === kind));
  const place = await timeline.placeAt(request.atUs);
  if (place === undefined) return none('not-recorded', `The captures of ${source} begin later.`);
  const book = await (kind === 'dbn' ? recordBookAt : framesBookAt)(request, timeline, place);
  const hole = book.kind === 'book' ? await timeline.holeAt(request.atUs) : undefined;
  if (hole === undefined) return book;
  const [last, next] = [timeText(hole.lastUs), timeText(hole.nextUs)];
  return none('not-recorded', `Nothing of ${source} was recorded between ${last} and ${next}.`);
}
