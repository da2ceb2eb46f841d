import { basename } from 'node:path';
import { isFramesName } from '../../codec/frames/file.ts';
import type { Engine } from '../../core/engine.ts';
import { frameMapperOf } from '../frame-mappers.ts';
import { DbnRecording } from './dbn-recording.ts';
import { FramesRecording } from './frames-recording.ts';
import { MergedRecording } from './merged-recording.ts';
import type { Recording } from './recording.ts';

/** A capture's name: source, day and hour. */
const CAPTURE_NAME = /^(.+)-\d{4}-\d{2}-\d{2}T\d{2}Z\.(dbn|frames)\.zst$/;

/**
 * The recording that files make up: DBN files and captures of other venues, of one session. Captures of one source are
 * played one after the other in the order of their hours, sources side by side.
 */
export function openRecording(files: readonly string[], engine: Engine): Recording {
  const sources = new Map<string, string[]>();
  for (const file of files) {
    const source = CAPTURE_NAME.exec(basename(file))?.[1] ?? file;
    sources.set(source, [...(sources.get(source) ?? []), file]);
  }
  const recordings = [...sources.values()].map((ofSource) => recordingOf(ofSource.toSorted(), engine));
  return recordings.length === 1 ? recordings[0]! : new MergedRecording(recordings);
}

function recordingOf(files: readonly string[], engine: Engine): Recording {
  return isFramesName(files[0]!) ? new FramesRecording(files, engine, frameMapperOf) : new DbnRecording(files, engine);
}
