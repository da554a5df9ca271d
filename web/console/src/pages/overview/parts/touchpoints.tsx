import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Overview } from '@/api/types';
import { useLabel } from '@/i18n';
import { useFormat } from '@/i18n/format';
import { kindColor, KindIcon } from '@/parts/channel';

/** Where customers are met: one thread through every touchpoint, the busiest first. */
export const Touchpoints = ({ rows }: { rows: Overview['touchpoints'] }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const format = useFormat();
  const sorted = [...rows].sort((a, b) => b.events - a.events);
  const max = Math.max(...sorted.map((r) => r.events), 1);
  return (
    <ol className="touchpoints">
      {sorted.map((row) => (
        <li key={row.source_id}>
          <span className="stop" style={{ borderColor: kindColor(row.kind), color: kindColor(row.kind) }}>
            <KindIcon kind={row.kind} />
          </span>
          <div className="grow">
            <div className="row between">
              <Link to="/sources/$id" params={{ id: row.source_id }} className="ellipsis" style={{ color: 'var(--text)' }}>
                {row.name}
              </Link>
              <span className="num small nowrap">{t('overview.events', { count: row.events, n: format.short(row.events) })}</span>
            </div>
            <div className="row" style={{ gap: 10 }}>
              <span className="share grow">
                <i style={{ width: `${Math.max((row.events / max) * 100, 1)}%`, background: kindColor(row.kind) }} />
              </span>
              <span className="muted small nowrap">
                {label('kind', row.kind)} · {format.ago(row.last_at)}
              </span>
            </div>
          </div>
        </li>
      ))}
    </ol>
  );
};
