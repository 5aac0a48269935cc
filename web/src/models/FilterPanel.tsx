/** What the catalogue can be narrowed by. On a phone it is folded away behind one line. */
import { useState } from "react";
import type { ModelCard } from "../api/types";
import { Button, Check, SelectField, TextField } from "../ui/controls";
import { typedAmount } from "../ui/money";
import {
  type Bound,
  conditions,
  FACET_NAMES,
  FACETS,
  type FacetName,
  type Filters,
  options,
} from "./filters";

interface Props {
  cards: readonly ModelCard[];
  filters: Filters;
  change: (next: Partial<Filters>) => void;
  clear: () => void;
}

const CONTEXTS = [8_192, 32_768, 128_000, 200_000, 1_000_000];

export function FilterPanel({ cards, filters, change, clear }: Props) {
  const [unfolded, setUnfolded] = useState(false);
  const narrowed = conditions(filters);
  return (
    <aside aria-label="Filters" className="filter-panel" data-unfolded={unfolded || undefined}>
      <Button
        aria-expanded={unfolded}
        className="button filter-panel-fold"
        onClick={() => setUnfolded(!unfolded)}
      >
        Filters{narrowed > 0 && ` (${narrowed})`}
      </Button>
      <div className="filter-panel-body">
        <div className="row" data-spread>
          <h2>Filters</h2>
          {narrowed > 0 && (
            <Button kind="quiet" onClick={clear} small>
              Clear {narrowed}
            </Button>
          )}
        </div>
        <div className="stack" data-tight>
          <Check
            checked={filters.callable}
            label="Callable now"
            onChange={(event) => change({ callable: event.target.checked })}
          />
          <Check
            checked={filters.sandbox}
            label="Models for tests too"
            onChange={(event) => change({ sandbox: event.target.checked })}
          />
        </div>
        <SelectField
          label="Context, at least"
          onChange={(event) => change({ contextTokens: Number(event.target.value) || null })}
          value={filters.contextTokens ?? ""}
        >
          <option value="">Any</option>
          {[...new Set([...CONTEXTS, ...(filters.contextTokens ? [filters.contextTokens] : [])])].map(
            (tokens) => (
              <option key={tokens} value={tokens}>
                {tokens.toLocaleString("en-US")} tokens
              </option>
            ),
          )}
        </SelectField>
        <Range change={change} filters={filters} label="Input" least="input_min" most="input_max" />
        <Range change={change} filters={filters} label="Output" least="output_min" most="output_max" />
        {FACET_NAMES.map((name) => (
          <FacetField cards={cards} change={change} filters={filters} key={name} name={name} />
        ))}
      </div>
    </aside>
  );
}

interface RangeProps {
  label: string;
  least: Bound;
  most: Bound;
  filters: Filters;
  change: (next: Partial<Filters>) => void;
}

function Range({ label, least, most, ...rest }: RangeProps) {
  return (
    <fieldset className="facet">
      <legend>{label}, $ per million tokens</legend>
      <div className="range">
        <BoundField label={`${label} from`} name={least} word="from" {...rest} />
        <BoundField label={`${label} to`} name={most} word="to" {...rest} />
      </div>
    </fieldset>
  );
}

interface BoundProps extends Pick<Props, "filters" | "change"> {
  name: Bound;
  label: string;
  word: string;
}

function BoundField({ name, label, word, filters, change }: BoundProps) {
  const value = filters.bounds[name] ?? "";
  return (
    <TextField
      aria-label={`${label}, dollars for a million tokens`}
      error={value === "" ? null : typedAmount(value, { zero: true }).error}
      inputMode="decimal"
      label={word}
      onChange={(event) => change({ bounds: { ...filters.bounds, [name]: event.target.value } })}
      value={value}
    />
  );
}

const FOLDED_ABOVE = 8;

function FacetField({ cards, filters, change, name }: Omit<Props, "clear"> & { name: FacetName }) {
  const found = options(cards, filters, name);
  const chosen = filters.chosen[name] ?? [];
  const toggle = (id: string, on: boolean) =>
    change({
      chosen: { ...filters.chosen, [name]: on ? [...chosen, id] : chosen.filter((each) => each !== id) },
    });
  const [all, setAll] = useState(false);
  const shown = all ? found : found.filter(({ id }, index) => index < FOLDED_ABOVE || chosen.includes(id));
  if (found.length < 2 && chosen.length === 0) return null;
  return (
    <fieldset className="facet">
      <legend>
        {FACETS[name].label}
        {FACETS[name].all && <span className="faint"> (all of)</span>}
      </legend>
      {shown.map(({ id, label, count }) => (
        <Check
          checked={chosen.includes(id)}
          key={id}
          label={
            <>
              {label} <span className="faint">{count}</span>
            </>
          }
          onChange={(event) => toggle(id, event.target.checked)}
        />
      ))}
      {found.length > FOLDED_ABOVE && (
        <Button aria-expanded={all} kind="quiet" onClick={() => setAll(!all)} small>
          {all ? "Fewer" : `All ${found.length}`}
        </Button>
      )}
    </fieldset>
  );
}
