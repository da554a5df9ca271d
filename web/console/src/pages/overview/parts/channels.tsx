import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Overview } from '@/api/types';
import { useFormat } from '@/i18n/format';
import { ChannelName, useChannels } from '@/parts/channel';

export const TopChannels = ({ data }: { data: Overview }) => {
  const { t } = useTranslation();
  const format = useFormat();
  const channels = useChannels();
  const max = Math.max(...data.top_channels.map((c) => c.revenue_minor), 1);
  if (data.top_channels.length === 0) return <p className="muted small">{t('overview.no_channels')}</p>;
  return (
    <div className="stack" style={{ gap: 11 }}>
      {data.top_channels.map((c) => (
        <Link key={c.key} to="/credit" search={{ key: c.key }} className="channel-bar">
          <span className="row between">
            <ChannelName channel={c.key} channels={channels} />
            <span className="num">{format.money(c.revenue_minor, data.currency)}</span>
          </span>
          <span className="share">
            <i style={{ width: `${Math.max((c.revenue_minor / max) * 100, 0.5)}%`, background: channels.color(c.key) }} />
          </span>
        </Link>
      ))}
    </div>
  );
};
