/** Colours of the token file as the canvases need them, read once from the document. */
const NAMES = [
  'ground',
  'pane',
  'raised',
  'hover',
  'hairline',
  'rule',
  'text',
  'text-strong',
  'text-quiet',
  'mark',
  'bid',
  'bid-strong',
  'bid-fill',
  'bid-wash',
  'ask',
  'ask-strong',
  'ask-fill',
  'ask-wash',
  'focus',
  'caution',
  'fault',
] as const;

type TokenName = (typeof NAMES)[number];

export interface Palette {
  readonly colour: Readonly<Record<TokenName, string>>;
  /** Five stops from quiet to loud, as [red, green, blue]. */
  readonly heatBid: readonly Rgb[];
  readonly heatAsk: readonly Rgb[];
  readonly face: string;
}

export type Rgb = readonly [number, number, number];

const HEAT_STOPS = [0, 1, 2, 3, 4];

let cached: Palette | undefined;

/** The palette of the page; the first call reads the tokens, which are loaded before the first pane draws. */
export function palette(): Palette {
  cached ??= readPalette(getComputedStyle(document.documentElement));
  return cached;
}

function readPalette(style: CSSStyleDeclaration): Palette {
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  const colour = Object.fromEntries(NAMES.map((name) => [name, token(name)])) as Record<TokenName, string>;
  return {
    colour,
    heatBid: HEAT_STOPS.map((stop) => rgbOf(token(`heat-bid-${stop}`))),
    heatAsk: HEAT_STOPS.map((stop) => rgbOf(token(`heat-ask-${stop}`))),
    face: token('face'),
  };
}

/** Parses `#rrggbb`. @throws RangeError for any other notation, since the token file uses no other */
export function rgbOf(hex: string): Rgb {
  const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(hex);
  if (!match) throw new RangeError(`colour token "${hex}" is not of the form #rrggbb`);
  return [Number.parseInt(match[1]!, 16), Number.parseInt(match[2]!, 16), Number.parseInt(match[3]!, 16)];
}
