import { basename } from 'node:path';
import { isFramesName } from '../../codec/frames/file.ts';
import type { Engine } from '../../core/engine.ts';
import { RecordMapper } from '../databento/record-mapper.ts';
import { frameMapperOf } from '../frame-mappers.ts';
import { DbnRecording } from './dbn-recording.ts';
import { FramesRecording } from './frames-recording.ts';
import { MergedRecording } from './merged-recording.ts';
import type { Recording } from './recording.ts';

/** A capture's name: source, day and hour. */
const CAPTURE_NAME = /^(.+)-\d{4}-\d{2}-\d{2}T\d{2}Z\.(dbn|frames)\.zst$/;

/** What was fetched later for the captures of a source: `databento-backfill`, `databento-backfill-2`. */
const BACKFILL_NAME = /^(.+)-backfill(?:-\d+)?$/;

/**
 * The recording that files make up: DBN files and captures of other venues, of one session. Captures of one source are
 * played one after the other in the order of their hours, sources side by side. What was fetched later for a source goes
 * to its place in the stream by its receive times, as if it had never been missing.
 */
export function openRecording(files: readonly string[], engine: Engine): Recording {
  const sources = new Map<string, string[]>();
  for (const file of files) {
    const source = CAPTURE_NAME.exec(basename(file))?.[1] ?? file;
    sources.set(source, [...(sources.get(source) ?? []), file]);
  }
  const mappers = new Map<string, RecordMapper>();
  const recordings = [...sources].map(([source, ofSource]) => {
    const stream = BACKFILL_NAME.exec(source)?.[1] ?? source;
    const mapper = mappers.get(stream) ?? new RecordMapper(engine);
    mappers.set(stream, mapper);
    return recordingOf(ofSource.toSorted(), engine, mapper);
  });
  return recordings.length === 1 ? recordings[0]! : new MergedRecording(recordings);
}

function recordingOf(files: readonly string[], engine: Engine, mapper: RecordMapper): Recording {
  if (isFramesName(files[0]!)) return new FramesRecording(files, engine, frameMapperOf);
  return new DbnRecording(files, engine, mapper);
}
