// What an event is called and what it is about, on one line.
import { useTranslation } from 'react-i18next';
import { useLabel } from '@/i18n';
import { plain } from './bits';

const slug = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]+/g, '_').replace(/^_|_$/g, '');

/** Names of the built-in events are translated; own events keep the name they were sent with. */
export const useEventName = (): ((kind: string, name: string) => string) => {
  const { i18n } = useTranslation();
  const label = useLabel();
  return (kind, name) => {
    if (kind === 'page' || kind === 'screen') return name ? `${label('event_kind', kind)} · ${name}` : label('event_kind', kind);
    if (!name) return label('event_kind', kind);
    return i18n.exists(`event.${slug(name)}`) ? label('event', slug(name)) : name;
  };
};

const list = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? (value as Record<string, unknown>[]) : []);

/** The most telling property: products, what was searched, the page, the store, the coupon. */
export const eventAbout = (properties: Record<string, unknown>): string => {
  const products = list(properties['products']).map((p) => plain(p['name'] ?? p['sku'])).filter((x) => x !== '—');
  if (products.length > 0) return products.slice(0, 2).join(', ') + (products.length > 2 ? ` +${products.length - 2}` : '');
  for (const key of ['name', 'title', 'query', 'subject', 'coupon', 'path', 'store_id', 'campaign', 'order_id']) {
    const value = properties[key];
    if (typeof value === 'string' && value !== '') return value;
  }
  return '';
};
