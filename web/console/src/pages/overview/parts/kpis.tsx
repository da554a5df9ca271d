import { ArrowDownOutlined, ArrowUpOutlined } from '@ant-design/icons';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Overview } from '@/api/types';
import { useFormat } from '@/i18n/format';

const Delta = ({ now, before }: { now: number; before: number }) => {
  const { t } = useTranslation();
  const format = useFormat();
  if (before <= 0) return <span className="delta muted">{t('overview.no_compare')}</span>;
  const share = (now - before) / before;
  return (
    <span className="delta">
      <span className={share < 0 ? 'down' : 'up'}>
        {share < 0 ? <ArrowDownOutlined /> : <ArrowUpOutlined />} {format.percent(Math.abs(share))}
      </span>
      <span className="muted">{t('overview.compared')}</span>
    </span>
  );
};

export const Kpis = ({ data, from }: { data: Overview | undefined; from: string | undefined }) => {
  const { t } = useTranslation();
  const format = useFormat();
  const rows = [
    { key: 'revenue', name: t('overview.revenue'), value: data && format.money(data.revenue_minor, data.currency), now: data?.revenue_minor, before: data?.compare.revenue_minor, to: '/credit' as const },
    { key: 'orders', name: t('overview.orders'), value: data && format.number(data.orders), now: data?.orders, before: data?.compare.orders, to: '/credit' as const },
    { key: 'buyers', name: t('overview.buyers'), value: data && format.number(data.buyers), now: data?.buyers, before: data?.compare.buyers, to: '/people' as const },
    { key: 'new', name: t('overview.new_people'), value: data && format.number(data.new_people), now: data?.new_people, before: data?.compare.new_people, to: '/people' as const },
  ];
  const search = (key: string) =>
    key === 'buyers' ? { has: 'order' } : key === 'new' ? { sort: 'created' } : { from };
  return (
    <dl className="grid cols-4">
      {rows.map((row) => (
        <div key={row.key} className="card kpi">
          <dt>{row.name}</dt>
          <dd>
            {row.value === undefined ? <span className="muted">…</span> : (
              <Link to={row.to} search={search(row.key)} style={{ color: 'inherit' }}>
                {row.value}
              </Link>
            )}
          </dd>
          <dd className="delta" style={{ fontWeight: 400, letterSpacing: 0 }}>
            {row.now !== undefined && <Delta now={row.now} before={row.before ?? 0} />}
          </dd>
        </div>
      ))}
    </dl>
  );
};
