import { Link } from '@tanstack/react-router';
import { Table, type TableColumnsType } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Audience } from '@/api/types';
import { useLabel } from '@/i18n';
import { useFormat } from '@/i18n/format';
import { Ago } from '@/parts/bits';
import { Spark } from './spark';

/** Where an audience stands: kept current, being built, waiting for a look, or in trouble. Trouble is loud. */
export const AudienceState = ({ audience }: { audience: Audience }) => {
  const { t } = useTranslation();
  const label = useLabel();
  if (audience.broken || audience.next?.state === 'failed') return <span className="chip bad" role="status">{t('audience.failed')}</span>;
  if (audience.state !== 'active') return <span className="chip">{label('audience_state', audience.state)}</span>;
  if (audience.next?.state === 'ready') return <span className="chip warn">{t('audience.to_apply', { n: audience.next.number })}</span>;
  if (audience.next) return <span className="chip info">{t('audience.building')}</span>;
  return <span className="chip good">{t('audience.current')}</span>;
};

const sizeOf = (a: Audience): number => a.live?.size ?? 0;

export const AudienceTable = ({ rows, people }: { rows: Audience[]; people: number }) => {
  const { t } = useTranslation();
  const format = useFormat();
  const columns: TableColumnsType<Audience> = [
    {
      title: t('audience.name'),
      key: 'name',
      render: (_, a) => (
        <span style={{ display: 'grid' }}>
          <Link to="/audiences/$key" params={{ key: a.key }} className="ellipsis"><strong>{a.name}</strong></Link>
          <span className="muted small ellipsis">{a.description || a.key}</span>
        </span>
      ),
    },
    { title: t('audience.size'), key: 'size', width: 110, align: 'end', sorter: (x, y) => sizeOf(x) - sizeOf(y), render: (_, a) => (a.live ? <Link to="/audiences/$key" params={{ key: a.key }} search={{ tab: 'members' }} className="num">{format.number(a.live.size)}</Link> : '—') },
    { title: t('audience.share'), key: 'share', width: 90, align: 'end', render: (_, a) => (a.live && people > 0 ? format.percent(a.live.size / people) : '—') },
    { title: t('audience.trend'), key: 'trend', width: 150, render: (_, a) => (a.live ? <Spark trend={a.trend} size={a.live.size} /> : null) },
    { title: t('audience.state'), key: 'state', width: 170, render: (_, a) => <AudienceState audience={a} /> },
    { title: t('audience.changed'), key: 'changed', width: 128, align: 'end', render: (_, a) => <Ago at={a.updated_at} /> },
  ];
  return (
    <>
      <div className="only-wide"><Table size="small" rowKey="key" columns={columns} dataSource={rows} pagination={false} tableLayout="fixed" scroll={{ x: 900 }} /></div>
      <div className="only-phone rows">
        {rows.map((a) => (
          <Link key={a.key} to="/audiences/$key" params={{ key: a.key }} className="person-card">
            <div className="grow">
              <div className="row between"><strong className="ellipsis">{a.name}</strong><span className="num">{a.live ? format.number(a.live.size) : '—'}</span></div>
              <div className="row between small"><span className="muted ellipsis">{a.description || a.key}</span><AudienceState audience={a} /></div>
            </div>
          </Link>
        ))}
      </div>
    </>
  );
};
