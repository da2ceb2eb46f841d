import { crc32 } from 'node:zlib';
import { coinInstrument, type Instrument } from '../../../shared/instruments.ts';
import { OffTickError } from '../../core/ports.ts';

/** How prices and sizes of a pair are written. */
export interface PairDigits {
  /** Digits after the point of a price: `price_precision`. */
  readonly priceDecimals: number;
  /** Digits after the point of a size: `qty_precision`. */
  readonly qtyDecimals: number;
  /** Smallest price step, counted in the last digit of a price: 5 where prices step by 0.5 and have one decimal. */
  readonly tickUnits: number;
  /** Said by the venue's `instrument` channel; else learned from the first numbers seen. */
  readonly defined: boolean;
}

const POWERS = Float64Array.from({ length: 16 }, (_, exponent) => 10 ** exponent);

/** Turns the decimal numbers of a pair into ticks and lots, exactly. */
export class PairForm {
  readonly symbol: string;
  readonly digits: PairDigits;
  readonly priceDecimals: number;
  readonly qtyDecimals: number;
  readonly tickUnits: number;

  constructor(symbol: string, digits: PairDigits) {
    this.symbol = symbol;
    this.digits = digits;
    this.priceDecimals = digits.priceDecimals;
    this.qtyDecimals = digits.qtyDecimals;
    this.tickUnits = digits.tickUnits;
  }

  /**
   * Ticks of a price given as all its digits and the count of those after the point. NaN when the form was learned and the
   * price is finer than it: the form has to be widened.
   * @throws OffTickError when the venue's own step does not divide the price
   */
  ticks(digits: number, decimals: number): number {
    const units = decimals === this.priceDecimals ? digits : rescaled(digits, decimals, this.priceDecimals);
    const ticks = this.tickUnits === 1 ? units : units / this.tickUnits;
    if (Number.isInteger(ticks)) return ticks;
    if (!this.digits.defined) return Number.NaN;
    throw new OffTickError(this.symbol, rescaled(digits, decimals, 9), this.tickNano, 'Kraken');
  }

  /** Lots of a size. NaN when it is finer than the form: the form has to be widened. */
  lots(digits: number, decimals: number): number {
    if (decimals === this.qtyDecimals) return digits;
    const lots = rescaled(digits, decimals, this.qtyDecimals);
    return Number.isInteger(lots) ? lots : Number.NaN;
  }

  /** Smallest price step in nano price units; a fraction for coins whose prices have more than nine decimals. */
  get tickNano(): number {
    return rescaled(this.tickUnits, this.priceDecimals, 9);
  }

  instrument(): Instrument {
    return coinInstrument({
      venue: 'KRAKEN',
      symbol: this.symbol,
      venueId: crc32(this.symbol),
      quoteCurrency: this.symbol.slice(this.symbol.indexOf('/') + 1),
      tickNano: this.tickNano,
      lotDecimals: this.qtyDecimals,
    });
  }

  sameAs(other: PairDigits): boolean {
    return (
      other.priceDecimals === this.priceDecimals &&
      other.qtyDecimals === this.qtyDecimals &&
      other.tickUnits === this.tickUnits
    );
  }
}

/** Integer of a decimal number in other decimals; a fraction where it has more than those. */
function rescaled(digits: number, decimals: number, wanted: number): number {
  return wanted >= decimals ? digits * POWERS[wanted - decimals]! : digits / POWERS[decimals - wanted]!;
}
