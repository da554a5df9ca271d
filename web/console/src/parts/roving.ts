// A row of controls as one Tab stop (ARIA's toolbar pattern): left and right go along the row, up and down to the same
// control of the next row, Home and End to the ends. A long table is passed with one Tab a row.
import { useState, type FocusEvent, type KeyboardEvent } from 'react';

const STEP: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1 };
const ROW: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };

const stopsOf = (row: Element): HTMLElement[] => [...row.querySelectorAll<HTMLElement>('[data-stop]:not(:disabled)')];

/** The control of this name in a row, or the nearest there is: some cannot be used in the first and the last row. */
export const stopFocus = (row: Element | null | undefined, name: string | undefined): void => {
  const stops = row ? stopsOf(row) : [];
  (stops.find((stop) => stop.dataset['stop'] === name) ?? stops[0])?.focus();
};

const next = (row: HTMLElement, from: HTMLElement, key: string): void => {
  const stops = stopsOf(row);
  const at = stops.indexOf(from);
  if (key in STEP) stops[(at + (STEP[key] ?? 0) + stops.length) % stops.length]?.focus();
  else if (key in ROW) {
    const rows = [...(row.closest('ol, ul')?.querySelectorAll('[role=toolbar]') ?? [])];
    stopFocus(rows[rows.indexOf(row) + (ROW[key] ?? 0)], from.dataset['stop']);
  } else stops.at(key === 'Home' ? 0 : -1)?.focus();
};

/** `names`: the controls of a row that can be used now, in their order. */
export const useRoving = (names: readonly string[]) => {
  const [last, setLast] = useState<string>();
  const here = last !== undefined && names.includes(last) ? last : names[0];
  return {
    row: {
      role: 'toolbar',
      onFocus: (event: FocusEvent<HTMLElement>) => {
        // What a row opens is its child for React, but not in the page.
        if (event.currentTarget.contains(event.target)) setLast(event.target.dataset['stop']);
      },
      onKeyDown: (event: KeyboardEvent<HTMLElement>) => {
        const from = event.target as HTMLElement;
        if (!event.currentTarget.contains(from) || from.dataset['stop'] === undefined) return;
        if (!(event.key in STEP || event.key in ROW || event.key === 'Home' || event.key === 'End')) return;
        event.preventDefault();
        next(event.currentTarget, from, event.key);
      },
    },
    stop: (name: string) => ({ 'data-stop': name, tabIndex: name === here ? 0 : -1 }),
  };
};
