import { FrameError } from '../../core/feed-port.ts';

/** What the venue says of a product, as it writes it. */
export interface ProductInfo {
  readonly product: string;
  /** Price increment: `0.01`. */
  readonly priceIncrement: string;
  /** Size increment: `0.00000001`. */
  readonly sizeIncrement: string;
  readonly quoteCurrency: string;
}

/** More than nine decimals can't be held. */
const INCREMENT = /^(?=.*[1-9])\d+(\.\d{1,9}0*)?$/;

/**
 * The body of `GET /api/v3/brokerage/market/products/{product_id}`. Prices are told to step by `price_increment`, or by
 * `quote_increment` where a body has none.
 * @param product as it was asked for
 * @throws FrameError when it is not such a body
 */
export function productInfoOf(product: string, bytes: Uint8Array): ProductInfo {
  const where = `Coinbase product ${product}`;
  let body: unknown;
  try {
    body = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw new FrameError(where, 'the body is not JSON');
  }
  const text = (name: string) => {
    const value = typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined;
    return typeof value === 'string' ? value : undefined;
  };
  const priceIncrement = text('price_increment') ?? text('quote_increment') ?? '';
  const sizeIncrement = text('base_increment') ?? '';
  if (!INCREMENT.test(priceIncrement) || !INCREMENT.test(sizeIncrement))
    throw new FrameError(where, 'quote_increment and base_increment are expected as decimals above 0');
  return {
    product,
    priceIncrement,
    sizeIncrement,
    quoteCurrency: text('quote_currency_id') ?? quoteCurrencyOf(product),
  };
}

/** `BTC-USD` is quoted in USD. */
export function quoteCurrencyOf(product: string): string {
  return product.slice(product.lastIndexOf('-') + 1);
}
