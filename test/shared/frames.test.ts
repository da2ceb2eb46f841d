import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  FRAME_HEADER_BYTES,
  FRAME_MAGIC,
  FRAME_VERSION,
  FrameError,
  FrameWriter,
  readFrame,
  SECTION,
  SECTION_HEADER_BYTES,
  TRADE_WIDTH,
} from '../../shared/contract/frames.ts';

const WIDTH = 5;

function frame(values: readonly number[]): Uint8Array<ArrayBuffer> {
  const writer = new FrameWriter();
  writer.begin(7, 1_700_000_000_000_000, 42);
  const at = writer.section(SECTION.features, 0, 3, 1, WIDTH, 0, 0);
  for (let i = 0; i < WIDTH; i++) writer.floats[at + i] = values[i] ?? Number.NaN;
  writer.section(SECTION.trades, 1, 4, 0, TRADE_WIDTH, 9, 2);
  return writer.finish();
}

test('what is written is read, every bit of it, by views into the frame', () => {
  fc.assert(
    fc.property(fc.array(fc.double(), { minLength: WIDTH, maxLength: WIDTH }), (values) => {
      const { buffer } = frame(values);
      const seen: string[] = [];
      const head = readFrame(buffer, WIDTH, (section) => {
        seen.push(
          `${section.kind}/${section.market}/${section.rows}/${section.first}/${section.skipped}/${section.snapshot}`,
        );
        if (section.kind === SECTION.features) expect([...section.values]).toEqual(values);
        expect(section.values.buffer).toBe(buffer);
      });
      expect(head).toEqual({ sequence: 7, engineTimeUs: 1_700_000_000_000_000, inputSequence: 42 });
      expect(seen).toEqual(['4/3/1/0/0/false', '3/4/0/9/2/true']);
    }),
  );
});

test('a frame that is cut, foreign, of another version or lying about its lengths is refused, never read beyond', () => {
  const good = frame([1, 2, 3, 4, 5]);
  const altered = (offset: number, value: number) => {
    const copy = good.slice();
    new DataView(copy.buffer).setUint32(offset, value, true);
    return copy.buffer;
  };
  const read = (buffer: ArrayBuffer) => () => readFrame(buffer, WIDTH, () => undefined);
  for (let bytes = 0; bytes < good.length; bytes++) expect(read(good.slice(0, bytes).buffer)).toThrow(FrameError);
  expect(read(altered(0, FRAME_MAGIC + 1))).toThrow(/magic/);
  expect(read(altered(4, FRAME_VERSION + 1))).toThrow(/version/);
  expect(read(altered(FRAME_HEADER_BYTES + 4, 0xffff_ffff))).toThrow(FrameError);
  expect(read(altered(FRAME_HEADER_BYTES, 99))).toThrow(/kind/);
  expect(good.length).toBe(FRAME_HEADER_BYTES + 2 * SECTION_HEADER_BYTES + WIDTH * 8);
});
