import { describe, expect, test } from 'vitest';
import { DbnError } from '../../../main/codec/dbn/error.ts';
import { mappedInstruments, mappedSymbol } from '../../../main/codec/dbn/instruments.ts';
import { type DbnMetadata, decodeMetadata, encodeMetadata } from '../../../main/codec/dbn/metadata.ts';

const METADATA: DbnMetadata = {
  version: 3,
  dataset: 'GLBX.MDP3',
  schema: 'mbp-10',
  startNs: 1715126400059830547n,
  endNs: 1715126401000000000n,
  limit: 7n,
  stypeIn: 'continuous',
  stypeOut: 'instrument_id',
  tsOut: true,
  symbols: ['6E.v.0', '6B.v.0'],
  partial: ['6B.v.0'],
  notFound: ['6X.v.0'],
  mappings: [
    {
      rawSymbol: '6E.v.0',
      intervals: [
        { startDate: 20240507, endDate: 20240508, symbol: '118' },
        { startDate: 20240508, endDate: 20240601, symbol: '5602' },
      ],
    },
    { rawSymbol: '6B.v.0', intervals: [] },
  ],
};

function faultOf(change: (view: DataView) => void): DbnError {
  const block = encodeMetadata(METADATA);
  change(new DataView(block.buffer));
  try {
    decodeMetadata(block);
  } catch (error) {
    if (error instanceof DbnError) return error;
    throw error;
  }
  throw new Error('The metadata was not refused.');
}

describe('metadata', () => {
  test('written and read again is the same, 8-byte aligned', () => {
    const block = encodeMetadata(METADATA);
    expect(block.length % 8).toBe(0);
    expect(decodeMetadata(block)).toEqual(METADATA);
  });

  test('names instruments by day, and all of them', () => {
    expect(mappedSymbol(METADATA, 118, 20240507)).toBe('6E.v.0');
    expect(mappedSymbol(METADATA, 118, 20240508)).toBeUndefined();
    expect(mappedSymbol(METADATA, 5602, 20240531)).toBe('6E.v.0');
    expect(mappedInstruments(METADATA)).toEqual(
      new Map([
        [118, '6E.v.0'],
        [5602, '6E.v.0'],
      ]),
    );
  });

  test('names them the other way round where ids were asked for', () => {
    const reversed: DbnMetadata = {
      ...METADATA,
      stypeIn: 'instrument_id',
      stypeOut: 'raw_symbol',
      mappings: [{ rawSymbol: '118', intervals: [{ startDate: 20240507, endDate: 20240508, symbol: '6EM4' }] }],
    };
    expect(mappedSymbol(reversed, 118, 20240507)).toBe('6EM4');
    expect(mappedInstruments(reversed)).toEqual(new Map([[118, '6EM4']]));
  });

  test('refuses a count that needs more bytes than there are, without making room for it', () => {
    const fault = faultOf((view) => view.setUint32(112, 0xffffffff, true));
    expect(fault).toMatchObject({ kind: 'corrupt', byteOffset: 112 });
    expect(fault.expected).toMatch(/4294967295 symbols within the \d+ bytes left/);
  });

  test('refuses a schema definition, a mapping count and an interval count that do not fit', () => {
    expect(faultOf((view) => view.setUint32(108, 1_000_000, true))).toMatchObject({ byteOffset: 108 });
    const mappingCount = 112 + 4 + 2 * 71 + 4 + 71 + 4 + 71;
    expect(faultOf((view) => view.setUint32(mappingCount, 99, true))).toMatchObject({ byteOffset: mappingCount });
    const intervalCount = mappingCount + 4 + 71;
    const fault = faultOf((view) => view.setUint32(intervalCount, 1_000_000, true));
    expect(fault.expected).toMatch(/1000000 intervals of "6E.v.0"/);
  });

  test('refuses lengths out of bounds and a symbol width of zero', () => {
    expect(faultOf((view) => view.setUint32(4, 100, true))).toMatchObject({ kind: 'corrupt', byteOffset: 4 });
    expect(faultOf((view) => view.setUint32(4, 0xffffffff, true))).toMatchObject({ kind: 'corrupt', byteOffset: 4 });
    expect(faultOf((view) => view.setUint16(53, 0, true))).toMatchObject({ kind: 'corrupt', byteOffset: 53 });
  });

  test('refuses to write a text that does not fit', () => {
    expect(() => encodeMetadata({ ...METADATA, dataset: 'A.NAME.OF.17.BYTE' })).toThrow(/the field holds 16/);
  });
});
