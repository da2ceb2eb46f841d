import { clockText } from '../format/time-text.ts';
import { useTables } from '../stores/tables-store.ts';
import { PaneFrame } from './pane-frame.tsx';

/** One row per specialist of the panel. */
export function AgentsPane() {
  const agents = useTables((state) => state.agents);
  return (
    <PaneFrame name="Agents" market={null} waitsFor="the engine">
      {agents.length === 0 ? (
        <p className="empty">Specialists will argue for and against each proposal here, one row each.</p>
      ) : (
        <div className="scroll">
          <table className="rows">
            <tbody>
              {agents.map((row) => (
                <tr key={row.id}>
                  <td>{row.name}</td>
                  <td className={row.vote === 'buy' ? 'bid' : row.vote === 'sell' ? 'ask' : 'quiet'}>{row.vote}</td>
                  <td className="num">{Math.round(row.confidence * 100)} %</td>
                  <td className="reasons">{row.reasons.join(' · ')}</td>
                  <td className="num quiet">{clockText(row.atUs)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </PaneFrame>
  );
}
