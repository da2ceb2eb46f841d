import { FEATURE } from '../../shared/features.ts';
import { formatMoney } from '../../shared/money.ts';
import type { Settings } from '../../shared/settings.ts';
import type { Gate } from '../../shared/trading.ts';
import type { Market } from '../core/market.ts';
import type { RiskDesk, RiskQuestion } from '../core/trading-ports.ts';
import type { CurrencyRates } from './currency-rates.ts';
import { lotsForRisk, moneyOfTicks, stopDistanceTicks } from './position-sizing.ts';

/** A rate may move a little between sizing and confirming: that much of the risk budget is let pass. */
const RATE_DRIFT = 1.01;

/**
 * Sizing and pre-trade checks after the settings. Every check answers with words, also when it passes; orders that only
 * close are held back by none of the gates that exist to limit new risk.
 */
export class PreTradeDesk implements RiskDesk {
  readonly #settings: Settings;
  readonly #rates: CurrencyRates;

  constructor(settings: Settings, rates: CurrencyRates) {
    this.#settings = settings;
    this.#rates = rates;
  }

  stopDistance(market: Market): { readonly ticks: number } | { readonly missing: string } {
    const volatility = market.features[FEATURE.volatility1m]!;
    const mid = market.features[FEATURE.mid]!;
    if (Number.isNaN(mid)) return { missing: `no two-sided quote of ${market.instrument.label}` };
    if (Number.isNaN(volatility)) {
      return { missing: `one minute of ${market.instrument.label} quotes is needed to place a stop` };
    }
    const { proposal } = this.#settings;
    const unit = market.instrument.tickNano / 1e9;
    const ticks = stopDistanceTicks({
      volatilityTicks: (volatility * mid) / unit,
      spreadTicks: market.depth.askPrice[0]! - market.depth.bidPrice[0]!,
      brokerMinimumTicks: (proposal.brokerMinimumStopPips * market.instrument.pipNano) / market.instrument.tickNano,
      volatilityFactor: proposal.stopVolatilityFactor,
      spreadFactor: proposal.stopSpreadFactor,
    });
    return { ticks };
  }

  size(market: Market, stopTicks: number, balanceMinor: number): number {
    const rate = this.#rates.rate(market.instrument.quoteCurrency);
    if (rate === null) return 0;
    const budget = (balanceMinor * this.#settings.risk.riskPerTradePercent) / 100;
    const lots = lotsForRisk(market.instrument, stopTicks, budget, rate, this.#settings.account.currency);
    return Math.min(lots, this.#settings.risk.maxOrderLots);
  }

  money(market: Market, ticks: number, lots: number): number | null {
    const rate = this.#rates.rate(market.instrument.quoteCurrency);
    return rate === null ? null : moneyOfTicks(market.instrument, ticks, lots, rate, this.#settings.account.currency);
  }

  check(question: RiskQuestion): readonly Gate[] {
    const { market } = question;
    const closesOnly = question.opensLots === 0 && question.closesLots > 0;
    const gates = [this.#data(question), this.#session(question), this.#rate(market)];
    if (closesOnly) return gates;
    return [
      this.#arming(question),
      ...gates,
      this.#price(question),
      this.#spread(market),
      this.#size(question),
      this.#position(question),
      this.#day(question),
    ];
  }

  #arming(question: RiskQuestion): Gate {
    return question.armed ? pass('arming', 'armed') : fail('arming', 'disarmed: nothing that adds risk is sent');
  }

  #data(question: RiskQuestion): Gate {
    const { market, nowUs } = question;
    if (market.gapped) return fail('data', `${market.instrument.label} has a gap`);
    if (!market.depth.twoSided) return fail('data', `${market.instrument.label} has no two-sided quote`);
    if (market.depth.crossed) return fail('data', `${market.instrument.label} is crossed`);
    const ageUs = nowUs - market.engineUs;
    const ageMs = Math.ceil(ageUs / 1000);
    if (ageUs > this.#settings.risk.staleAfterMs * 1000) return fail('data', `quote is ${ageMs} ms old`);
    return pass('data', `quote ${ageMs} ms old`);
  }

  #session(question: RiskQuestion): Gate {
    return question.open ? pass('session', question.sessionWords) : fail('session', question.sessionWords);
  }

  #rate(market: Market): Gate {
    const currency = market.instrument.quoteCurrency;
    return this.#rates.rate(currency) === null
      ? fail('rate', `no current ${currency} to ${this.#settings.account.currency} rate`)
      : pass('rate', `${currency} converts`);
  }

  /**
   * Stop and target lie on their sides of the price that the position would be closed at, so that neither fires at once; and
   * a market order is filled near the entry on its ticket: what it risks was computed from there.
   */
  #price(question: RiskQuestion): Gate {
    const { market, side, type, entryTicks, stopTicks, targetTicks } = question;
    const sign = side === 'buy' ? 1 : -1;
    const exit = side === 'buy' ? market.depth.bidPrice[0]! : market.depth.askPrice[0]!;
    const from = type === 'limit' ? entryTicks : exit;
    if ((from - stopTicks) * sign <= 0) return fail('price', 'the price has moved past the stop');
    if ((targetTicks - from) * sign <= 0) return fail('price', 'the price has moved past the target');
    if (type === 'market') {
      const taken = side === 'buy' ? market.depth.askPrice[0]! : market.depth.bidPrice[0]!;
      const worse = (taken - entryTicks) * sign;
      const most = (Math.abs(entryTicks - stopTicks) * this.#settings.risk.maxEntryDriftPercent) / 100;
      if (worse > most) {
        const [now, limit] = [worse, most].map((ticks) => pips(market, ticks).toFixed(1));
        return fail('price', `the price is ${now} pips worse than on the ticket, of at most ${limit}`);
      }
    }
    return pass('price', 'the price lies between stop and target');
  }

  #spread(market: Market): Gate {
    const spread = pips(market, market.depth.askPrice[0]! - market.depth.bidPrice[0]!);
    const limit = this.#settings.risk.maxSpreadPips;
    const words = `spread ${spread.toFixed(1)} of at most ${limit.toFixed(1)} pips`;
    return spread <= limit ? pass('spread', words) : fail('spread', words);
  }

  #size(question: RiskQuestion): Gate {
    const limit = this.#settings.risk.maxOrderLots;
    const words = `size ${question.opensLots} of at most ${limit}`;
    if (question.opensLots <= 0) return fail('size', 'the risk budget does not carry one lot at this stop');
    const balanceMinor = question.balanceAtStartMinor + question.realisedTodayMinor;
    const budgetMinor = (balanceMinor * this.#settings.risk.riskPerTradePercent) / 100;
    if (question.riskMinor !== null && question.riskMinor > budgetMinor * RATE_DRIFT) {
      const { currency } = this.#settings.account;
      const [risk, budget] = [question.riskMinor, Math.floor(budgetMinor)].map((minor) =>
        formatMoney({ minor, currency }),
      );
      return fail('size', `risk ${risk} of at most ${budget} ${currency}`);
    }
    return question.opensLots <= limit ? pass('size', words) : fail('size', words);
  }

  #position(question: RiskQuestion): Gate {
    const sign = question.side === 'buy' ? 1 : -1;
    const after = question.netLots + sign * (question.opensLots + question.closesLots + question.pendingLots);
    const limit = this.#settings.risk.maxPositionLots;
    if (question.netLots * sign < 0 && question.closesLots < Math.abs(question.netLots)) {
      return fail('position', 'would oppose an open position: close it first or ask for a reversal');
    }
    if (question.opposingLots > 0) {
      return fail('position', 'an entry on the other side is working: cancel it first');
    }
    const words = `position ${after} of at most ${limit}`;
    return Math.abs(after) <= limit ? pass('position', words) : fail('position', words);
  }

  #day(question: RiskQuestion): Gate {
    if (question.locked) return fail('day', `locked for the day: ${question.lockReason}`);
    const limitMinor = (question.balanceAtStartMinor * this.#settings.risk.dayLossPercent) / 100;
    if (-question.realisedTodayMinor >= limitMinor) return fail('day', 'the day loss limit is reached');
    return pass('day', 'within the day loss limit');
  }
}

function pips(market: Market, ticks: number): number {
  return (ticks * market.instrument.tickNano) / market.instrument.pipNano;
}

function pass(name: Gate['name'], words: string): Gate {
  return { name, passed: true, words };
}

function fail(name: Gate['name'], words: string): Gate {
  return { name, passed: false, words };
}
