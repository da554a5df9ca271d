import type { Key } from '@/i18n';

export type Place = { to: '/' | '/live' | '/people' | '/identity' | '/audiences' | '/traits' | '/predictions' | '/destinations' | '/credit' | '/sources' | '/plan' | '/imports' | '/settings'; text: Key; icon: IconName; gap?: boolean };
export type IconName = 'overview' | 'live' | 'people' | 'identity' | 'audiences' | 'traits' | 'predictions' | 'destinations' | 'credit' | 'sources' | 'plan' | 'imports' | 'settings';

export const PLACES: Place[] = [
  { to: '/', text: 'nav.overview', icon: 'overview' },
  { to: '/live', text: 'nav.live', icon: 'live' },
  { to: '/people', text: 'nav.people', icon: 'people', gap: true },
  { to: '/identity', text: 'nav.identity', icon: 'identity' },
  { to: '/audiences', text: 'nav.audiences', icon: 'audiences', gap: true },
  { to: '/traits', text: 'nav.traits', icon: 'traits' },
  { to: '/predictions', text: 'nav.predictions', icon: 'predictions' },
  { to: '/destinations', text: 'nav.destinations', icon: 'destinations' },
  { to: '/credit', text: 'nav.credit', icon: 'credit', gap: true },
  { to: '/sources', text: 'nav.sources', icon: 'sources', gap: true },
  { to: '/plan', text: 'nav.plan', icon: 'plan' },
  { to: '/imports', text: 'nav.imports', icon: 'imports' },
  { to: '/settings', text: 'nav.settings', icon: 'settings', gap: true },
];

/** The places of the bottom bar on a phone; the rest is behind "more". */
export const PHONE: Place['to'][] = ['/', '/people', '/live', '/credit'];
