import { VENDOR_INFO } from '../../shared/vendors.ts';
import { StateIcon } from '../panes/state-icon.tsx';
import { FieldGroup } from './field-row.tsx';
import { shownValue, valueAt } from './setting-edits.ts';
import { type SettingField, SIMULATED_FIELDS, VENDOR_FIELDS, VENDOR_ORDER } from './settings-fields.ts';
import { editSetting, type SetupState, useSetup } from './setup-store.ts';
import { VendorCard } from './vendor-card.tsx';

const KIND: SettingField = {
  path: 'source.kind',
  label: 'Market data',
  kind: 'choice',
  options: ['simulated', 'live'],
};

const SOURCES = [
  ['simulated', 'Simulated', 'A made-up market: no network, no key. Everything is marked SIMULATED.'],
  ['live', 'Live venues', 'The venues that are on below. Orders go to a paper account of their own.'],
] as const;

/** Where market data come from: the simulated market, or the venues that are on. */
export function MarketDataSection() {
  const kind = useSetup((state) => shownAt(state, KIND));
  const keysRefused = useSetup(({ view }) => view?.keysRefused);
  return (
    <>
      <fieldset className="source-choice">
        <legend>Market data</legend>
        {SOURCES.map(([value, label, words]) => (
          <label key={value} data-chosen={kind === value}>
            <input
              type="radio"
              name="source"
              value={value}
              checked={kind === value}
              onChange={() => editSetting(KIND, value)}
            />
            <b>{label}</b>
            <span className="quiet">{words}</span>
          </label>
        ))}
      </fieldset>
      {kind === 'simulated' ? <FieldGroup fields={SIMULATED_FIELDS} /> : <WhatHappens />}
      {keysRefused !== '' && (
        <p className="setup-note">
          <StateIcon tone="caution" /> {keysRefused}
        </p>
      )}
      <div className="vendor-cards">
        {VENDOR_ORDER.map((vendor) => (
          <VendorCard key={vendor} vendor={vendor} />
        ))}
      </div>
    </>
  );
}

/** What saving does when data come from venues. */
function WhatHappens() {
  const words = useSetup(liveWords);
  const none = useSetup((state) => enabledVendors(state).length === 0);
  return (
    <p className="setup-note" role="status">
      <StateIcon tone={none ? 'fault' : 'caution'} /> {words}
    </p>
  );
}

function liveWords(state: SetupState): string {
  const vendors = enabledVendors(state);
  if (vendors.length === 0) return 'No venue is on: there would be no market data. Switch one on below.';
  const asked = vendors.map((vendor) => {
    const symbols = VENDOR_FIELDS[vendor].fields.find(({ kind }) => kind === 'list');
    return symbols ? `${VENDOR_INFO[vendor].label} (${String(shownAt(state, symbols))})` : VENDOR_INFO[vendor].label;
  });
  return (
    `Saving connects this computer to ${asked.join(', ')}. Live data have a paper account of their own; ` +
    'the simulated account stays as it is. No order reaches a venue.'
  );
}

function enabledVendors(state: SetupState) {
  return VENDOR_ORDER.filter(
    (vendor) => shownAt(state, { path: `feeds.${vendor}.enabled`, label: '', kind: 'switch' }) === true,
  );
}

function shownAt({ edits, view }: SetupState, field: SettingField): string | boolean {
  return edits.get(field.path)?.shown ?? shownValue(field, valueAt(view?.settings, field.path));
}
