import type { SignalRow } from '../../shared/trading.ts';
import { terminal } from '../engine/page-terminal.ts';
import { ageText, zonesText } from '../format/time-text.ts';
import { useSelection, watchOnlyWords } from '../stores/selection.ts';
import { useTables } from '../stores/tables-store.ts';
import { LiveText } from './live-text.tsx';
import { PaneFrame } from './pane-frame.tsx';

const SHOWN = 40;

const OUTCOMES: Readonly<Record<SignalRow['outcome'], string>> = {
  proposed: 'proposed',
  waiting: 'waits beside',
  'no-ticket': 'no ticket',
  expired: 'expired',
};

/** Signals of the link with their age, newest first. */
export function SignalsPane() {
  const { link, signal, watchOnly } = useSelection();
  const signals = useTables((state) => state.signals);
  const shown = signals
    .filter((row) => row.linkId === link?.id)
    .sort((a, b) => b.atUs - a.atUs)
    .slice(0, SHOWN);
  return (
    <PaneFrame name="Signals" market={null} waitsFor="the engine">
      {shown.length === 0 ? (
        <p className="empty">
          {watchOnly
            ? `${watchOnlyWords(signal)} Signals come of a future that leads a quote.`
            : 'No signal yet. One appears when OFI, microprice and queues agree and the spot lags.'}
        </p>
      ) : (
        <div className="scroll">
          <table className="rows signals">
            <thead>
              <tr>
                <th className="num">Age</th>
                <th>Side</th>
                <th className="num">Str. %</th>
                <th className="num">Pips</th>
                <th>Reasons</th>
                <th>Outcome</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((row) => (
                <Row key={row.id} row={row} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </PaneFrame>
  );
}

function Row({ row }: { readonly row: SignalRow }) {
  const tone = row.side === 'buy' ? 'bid' : 'ask';
  return (
    <tr data-outcome={row.outcome} title={`${row.name} · ${zonesText(row.atUs)}`}>
      <td className="num">
        <LiveText read={() => ageText(terminal.replica.clock.nowUs(performance.now()) - row.atUs)} />
      </td>
      <td className={tone}>{row.side === 'buy' ? 'Buy' : 'Sell'}</td>
      <td className="num">{Math.round(row.strength * 100)}</td>
      <td className="num">{row.remainingPips.toFixed(1)}</td>
      <td className="reasons" title={row.reasons.join(' · ')}>
        {row.reasons.join(' · ')}
      </td>
      <td className="quiet">{OUTCOMES[row.outcome]}</td>
    </tr>
  );
}
