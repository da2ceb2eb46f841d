/** Currencies that calendars report on. */
const CURRENCIES = new Set(
  'USD EUR JPY GBP AUD CAD CHF NZD CNY CNH SEK NOK DKK PLN CZK HUF TRY ZAR MXN BRL INR KRW SGD HKD TWD THB IDR ILS RUB CLP'.split(
    ' ',
  ),
);

const CURRENCY_OF: Readonly<Record<string, string>> = {
  US: 'USD',
  JP: 'JPY',
  GB: 'GBP',
  UK: 'GBP',
  AU: 'AUD',
  CA: 'CAD',
  CH: 'CHF',
  NZ: 'NZD',
  CN: 'CNY',
  SE: 'SEK',
  NO: 'NOK',
  EU: 'EUR',
  EMU: 'EUR',
  DE: 'EUR',
  FR: 'EUR',
  IT: 'EUR',
  ES: 'EUR',
  NL: 'EUR',
  BE: 'EUR',
  AT: 'EUR',
  PT: 'EUR',
  IE: 'EUR',
  FI: 'EUR',
  GR: 'EUR',
  'UNITED STATES': 'USD',
  JAPAN: 'JPY',
  'UNITED KINGDOM': 'GBP',
  AUSTRALIA: 'AUD',
  CANADA: 'CAD',
  SWITZERLAND: 'CHF',
  'NEW ZEALAND': 'NZD',
  CHINA: 'CNY',
  'EURO AREA': 'EUR',
  EUROZONE: 'EUR',
  'EUROPEAN UNION': 'EUR',
  GERMANY: 'EUR',
  FRANCE: 'EUR',
  ITALY: 'EUR',
  SPAIN: 'EUR',
};

/** Whether a text is the code of a currency that calendars report on. */
export function isCurrency(text: string): boolean {
  return CURRENCIES.has(text);
}

/** Currency of a country by its ISO code or English name; null for one that is not known. */
export function currencyOfCountry(country: string): string | null {
  return CURRENCY_OF[country.toUpperCase()] ?? null;
}
