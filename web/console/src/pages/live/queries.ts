// The stream of arrivals. It is server-sent events, which the generated client does not cover; the shape of a message
// is read off the page's own needs and checked when it arrives.
import { useEffect, useReducer } from 'react';

export type Arrival = {
  n: number;
  at: string;
  source_name: string;
  source_id: string;
  kind: string;
  name: string;
  verdict: string;
  reason?: string;
  person_id?: string;
  identifiers: { namespace: string; value: string }[];
  ms: number;
};
export type Tick = { events_per_s: number; quarantined_per_s: number };
export type LiveState = { rows: Arrival[]; held: Arrival[]; rates: Tick[]; link: 'opening' | 'open' | 'lost'; paused: boolean };

const KEPT = 200;
const RATES = 90;

type Action = { type: 'event'; event: Omit<Arrival, 'n'> } | { type: 'tick'; tick: Tick } | { type: 'link'; link: LiveState['link'] } | { type: 'pause' } | { type: 'clear' };

let count = 0;

const reduce = (state: LiveState, action: Action): LiveState => {
  switch (action.type) {
    case 'event': {
      const row = { ...action.event, n: (count += 1) };
      return state.paused ? { ...state, held: [row, ...state.held].slice(0, KEPT) } : { ...state, rows: [row, ...state.rows].slice(0, KEPT) };
    }
    case 'tick':
      return { ...state, rates: [...state.rates, action.tick].slice(-RATES) };
    case 'link':
      return { ...state, link: action.link };
    case 'pause':
      return state.paused ? { ...state, paused: false, rows: [...state.held, ...state.rows].slice(0, KEPT), held: [] } : { ...state, paused: true };
    case 'clear':
      return { ...state, rows: [], held: [] };
  }
};

const isArrival = (x: unknown): x is Omit<Arrival, 'n'> => typeof x === 'object' && x !== null && 'verdict' in x && 'identifiers' in x && Array.isArray(x.identifiers);
const isTick = (x: unknown): x is Tick => typeof x === 'object' && x !== null && 'events_per_s' in x;

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

export type LiveFilter = { source?: string; verdict?: string; name?: string; person?: string };

export const useLive = (filter: LiveFilter) => {
  const [state, send] = useReducer(reduce, { rows: [], held: [], rates: [], link: 'opening', paused: false });
  const { source, verdict, name, person } = filter;
  useEffect(() => {
    const query = new URLSearchParams(Object.entries({ source_id: source, verdict, name, person_id: person }).filter((e): e is [string, string] => Boolean(e[1])));
    const stream = new EventSource(`/api/live?${query.toString()}`);
    send({ type: 'clear' });
    stream.onopen = () => send({ type: 'link', link: 'open' });
    stream.onerror = () => send({ type: 'link', link: 'lost' });
    stream.addEventListener('event', (message: MessageEvent<string>) => {
      const event = parse(message.data);
      if (isArrival(event)) send({ type: 'event', event });
    });
    stream.addEventListener('tick', (message: MessageEvent<string>) => {
      const tick = parse(message.data);
      if (isTick(tick)) send({ type: 'tick', tick });
    });
    return () => stream.close();
  }, [source, verdict, name, person]);
  return { ...state, pause: () => send({ type: 'pause' }), clear: () => send({ type: 'clear' }) };
};
