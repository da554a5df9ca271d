// How touchpoints look: an icon per kind of source, a colour per channel.
import {
  AndroidOutlined,
  ApiOutlined,
  CloudServerOutlined,
  CommentOutlined,
  CustomerServiceOutlined,
  GlobalOutlined,
  ImportOutlined,
  MailOutlined,
  MessageOutlined,
  NotificationOutlined,
  ShopOutlined,
  ShoppingOutlined,
  WechatOutlined,
} from '@ant-design/icons';
import type { ComponentType } from 'react';
import { $api } from '@/api/client';
import { useLabel, useLanguage } from '@/i18n';

const KIND_ICONS: Record<string, ComponentType> = {
  web: GlobalOutlined,
  app: AndroidOutlined,
  mini_program: WechatOutlined,
  server: CloudServerOutlined,
  pos: ShopOutlined,
  marketplace: ShoppingOutlined,
  ads: NotificationOutlined,
  email: MailOutlined,
  sms: MessageOutlined,
  social: CommentOutlined,
  service: CustomerServiceOutlined,
  webhook: ApiOutlined,
  import: ImportOutlined,
};

export const KindIcon = ({ kind }: { kind: string }) => {
  const Icon = KIND_ICONS[kind] ?? ApiOutlined;
  return <Icon />;
};

/** Told apart by hue and lightness, readable on both schemes as dots, bars and lines. */
export const PALETTE = ['#0f8f88', '#d9593d', '#4a6fb5', '#c08a1e', '#7a5cc0', '#3f9a5c', '#c2517f', '#5b8aa6', '#a0683a', '#6f7f2c', '#8d93a5', '#2f6f9f', '#b0473a'];

const KIND_COLOR: Record<string, number> = { web: 0, app: 4, mini_program: 5, pos: 1, marketplace: 3, ads: 6, email: 2, sms: 7, social: 12, service: 8, webhook: 10, server: 11, import: 9 };
export const kindColor = (kind: string): string => PALETTE[KIND_COLOR[kind] ?? 10] ?? '#8d93a5';

/** Channels that stand side by side in most shops, so that no two of them look alike; relatives share a hue. */
const CHANNEL_COLOR: Record<string, string> = {
  direct: '#8d93a5', paid_search: '#4a6fb5', organic_search: '#85a5dd', display: '#a0683a', affiliate: '#c9976b', referral: '#2f6f9f', influencer: '#d7a13b',
  email: '#c08a1e', sms: '#5b8aa6', push: '#8fb4c8', store: '#6f7f2c', service: '#b0473a',
  mini_program: '#2f9a5c', wechat_oa: '#86b83c', wechat_ads: '#1f7f6d', wecom: '#4fb39a', tencent_ads: '#0f8f88',
  douyin_ads: '#6a4bb8', douyin: '#9a7fdc', douyin_live: '#c0abef', xiaohongshu_ads: '#b93a6d', xiaohongshu: '#e389ab',
  tmall: '#d9593d', taobao: '#eb9a72', jd: '#8f3526', bilibili: '#4fb3c9', weibo: '#e0b64a',
};

export type Channels = { name: (key: string) => string; color: (key: string) => string; options: { value: string; label: string }[] };

/** Channel names in the reader's language, from the touch rules; a colour that stays with the channel. */
export const useChannels = (): Channels => {
  const { language } = useLanguage();
  const label = useLabel();
  const { data } = $api.useQuery('get', '/api/touch/rules', {}, { staleTime: 300_000 });
  const channels = data?.channels ?? [];
  const name = (key: string) => {
    const found = channels.find((c) => c.key === key)?.label;
    return found?.[language] ?? found?.['en'] ?? label('channel', key);
  };
  const color = (key: string) => {
    const fixed = CHANNEL_COLOR[key];
    if (fixed) return fixed;
    const at = channels.findIndex((c) => c.key === key);
    return PALETTE[(at < 0 ? key.length : at) % PALETTE.length] ?? '#8d93a5';
  };
  return { name, color, options: channels.map((c) => ({ value: c.key, label: name(c.key) })) };
};

export const ChannelName = ({ channel, channels }: { channel: string; channels: Channels }) => (
  <span className="row" style={{ gap: 7 }}>
    <i className="swatch" style={{ background: channels.color(channel) }} />
    <span className="ellipsis">{channels.name(channel)}</span>
  </span>
);
