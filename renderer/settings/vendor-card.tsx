import { VENDOR_INFO, type Vendor } from '../../shared/vendors.ts';
import { StateIcon } from '../panes/state-icon.tsx';
import { FieldRow } from './field-row.tsx';
import { KeyRow } from './key-row.tsx';
import { VENDOR_FIELDS } from './settings-fields.ts';
import { testConnection, useSetup } from './setup-store.ts';

/** One vendor: whether it is on, what is asked of it, its keys, and what it says when tried. */
export function VendorCard({ vendor }: { readonly vendor: Vendor }) {
  const { label, keys, keysFor } = VENDOR_INFO[vendor];
  const { what, fields, endpoints } = VENDOR_FIELDS[vendor];
  const states = useSetup(({ view }) => view?.keys);
  return (
    <section className="vendor-card" aria-label={label}>
      <header>
        <h3>{label}</h3>
        <span className="quiet">{what}</span>
        <FieldRow field={{ path: `feeds.${vendor}.enabled`, label: 'On', kind: 'switch' }} />
      </header>
      <div className="field-group">
        {fields.map((field) => (
          <FieldRow key={field.path} field={field} />
        ))}
      </div>
      <div className="vendor-keys">
        {states
          ?.filter(({ name }) => keys.includes(name))
          .map((state) => (
            <KeyRow key={state.name} state={state} />
          ))}
        <span className="quiet">
          {keys.length === 0 ? 'No key is needed.' : `${keys.length === 1 ? 'Key' : 'Keys'}: ${keysFor}.`}
        </span>
      </div>
      <details>
        <summary>Endpoints</summary>
        <div className="field-group">
          {endpoints.map((field) => (
            <FieldRow key={field.path} field={field} />
          ))}
        </div>
      </details>
      <TestRow vendor={vendor} label={label} />
    </section>
  );
}

function TestRow({ vendor, label }: { readonly vendor: Vendor; readonly label: string }) {
  const finding = useSetup(({ findings }) => findings.get(vendor));
  const asking = finding === null;
  const tone = finding?.state === 'failing' ? 'fault' : finding?.state === 'not configured' ? 'caution' : 'quiet';
  return (
    <div className="test-row">
      <button
        type="button"
        disabled={asking}
        aria-label={`Test connection to ${label}`}
        onClick={() => void testConnection(vendor)}
      >
        Test connection
      </button>
      <span role="status" className={`test-words tone-${tone}`}>
        {asking && <span className="quiet">asking, up to 8 s</span>}
        {finding && (
          <>
            <StateIcon tone={tone} /> <b>{finding.state}</b> <span>{finding.words}</span>
          </>
        )}
      </span>
    </div>
  );
}
