import { createRoot } from 'react-dom/client';
import 'dockview-react/dist/styles/dockview.css';
import './theme/face.css';
import './theme/tokens.css';
import './theme/base.css';
import './theme/dock.css';
import './theme/chrome.css';
import './theme/bars.css';
import './theme/panes.css';
import './theme/ladder.css';
import './theme/charts.css';
import './theme/tables.css';
import './theme/news.css';
import './theme/ticket.css';
import './theme/proposal.css';
import './theme/dialogs.css';
import './theme/settings.css';
import { Shell } from './chrome/shell.tsx';
import { needsSession, terminal } from './engine/page-terminal.ts';
import { openSession } from './engine/session.ts';
import { useConnection } from './stores/connection-store.ts';

const host = document.getElementById('terminal');
if (!host) throw new Error('The page has no element "terminal" to draw into.');

window.fathomMetrics = terminal.metrics;
terminal.metrics.observeLongTasks();
// Canvases measure text once; they must not do so with a stand-in face.
await document.fonts.load('400 12px "Inter Figures"');
createRoot(host).render(<Shell />);

const outcome = needsSession ? await openSession(location, history) : ({ ok: true } as const);
if (outcome.ok) terminal.start();
else useConnection.setState({ phase: 'refused', sinceMs: performance.now(), words: outcome.words });
