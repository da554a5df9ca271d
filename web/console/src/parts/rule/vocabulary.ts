// What a rule can name here: events with their properties, traits, tags, audiences. Offered while typing; anything else may
// be typed too.
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/client';
import { useLabel } from '@/i18n';
import { useEventName } from '@/parts/event';
import { useChannels } from '@/parts/channel';
import { STAGES } from '@/parts/codes';
import { useKindName } from '@/parts/prediction';

export type Option = { value: string; label: string };

const TRAITS = ['name', 'gender', 'birthday', 'city', 'province', 'member_tier', 'points', 'favorite_category', 'skin_type', 'email', 'phone'];
export const PURPOSES = ['marketing', 'service', 'personalisation', 'analytics'] as const;
export const CONTACT_CHANNELS = ['sms', 'email', 'phone', 'push', 'wechat'] as const;
const NAMESPACES = ['phone', 'email', 'user_id', 'member_no', 'unionid', 'openid', 'device_id', 'push_token', 'anonymous_id'];

/** Fields of an event besides its properties. */
export const EVENT_FIELDS = ['value', 'currency', 'order_id', 'channel', 'campaign', 'touchpoint', 'source', 'source_kind', 'page', 'hour', 'weekday'] as const;

export const useVocabulary = () => {
  const { t } = useTranslation();
  const label = useLabel();
  const eventName = useEventName();
  const channels = useChannels();
  const plan = $api.useQuery('get', '/api/plan', {}, { staleTime: 300_000 });
  const tags = $api.useQuery('get', '/api/tags', {}, { staleTime: 60_000 });
  const audiences = $api.useQuery('get', '/api/audiences', {}, { staleTime: 30_000 });
  const computed = $api.useQuery('get', '/api/computed-traits', {}, { staleTime: 30_000 });
  const predictions = $api.useQuery('get', '/api/predictions', {}, { staleTime: 60_000 });
  const lists = $api.useQuery('get', '/api/audience-lists', {}, { staleTime: 30_000 });
  const kindName = useKindName();
  const known = plan.data?.events ?? [];
  const unplanned = plan.data?.unplanned ?? [];
  const codes = (family: string, list: readonly string[]): Option[] => list.map((value) => ({ value, label: label(family, value) }));
  // Seen ones first: what never happened matches nobody.
  const events: Option[] = [...known]
    .sort((a, b) => b.seen_30d - a.seen_30d)
    .map((e) => e.name)
    .concat(unplanned.map((e) => e.name))
    .filter((name) => !name.startsWith('$'))
    .map((value) => {
      const words = eventName('track', value);
      return { value, label: words === value ? value : `${words} · ${value}` };
    });
  const properties = (event: string): string[] => {
    const schema = known.find((e) => e.name === event)?.schema as { properties?: Record<string, unknown> } | undefined;
    return Object.keys(schema?.properties ?? {});
  };
  return {
    events: [{ value: '*', label: t('rule.any_event') }, { value: '$page', label: label('event_kind', 'page') }, { value: '$screen', label: label('event_kind', 'screen') }, ...events],
    fields: (event: string): Option[] => [
      ...codes('rule_field', EVENT_FIELDS),
      ...properties(event).filter((p) => p !== 'products').map((p) => ({ value: `properties.${p}`, label: `properties.${p}` })),
    ],
    productFields: codes('rule_product', ['product_id', 'sku', 'category', 'name', 'brand', 'price', 'quantity']),
    traits: codes('trait', TRAITS),
    tags: (tags.data ?? []).map((x): Option => ({ value: x.name, label: x.name })),
    stages: codes('stage', STAGES),
    audiences: (audiences.data ?? []).map((x): Option => ({ value: x.key, label: x.name })),
    computed: [...(computed.data ?? []).map((x): Option => ({ value: x.key, label: x.name })), ...(predictions.data ?? []).map((x): Option => ({ value: x.kind, label: kindName(x.kind) }))],
    lists: (lists.data ?? []).map((x): Option => ({ value: x.key, label: x.name })),
    channels: channels.options,
    namespaces: codes('namespace', NAMESPACES),
    purposes: codes('purpose', PURPOSES),
    contact: codes('channel', [...CONTACT_CHANNELS, 'any']),
  };
};

export type Vocabulary = ReturnType<typeof useVocabulary>;
