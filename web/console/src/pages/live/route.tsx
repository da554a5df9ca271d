import { CaretRightOutlined, ClearOutlined, PauseOutlined } from '@ant-design/icons';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { Button, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/client';
import { useLabel } from '@/i18n';
import { useFormat } from '@/i18n/format';
import { useTyped, VerdictChip } from '@/parts/bits';
import { VERDICTS } from '@/parts/codes';
import { useEventName } from '@/parts/event';
import { IdentifierTag } from '@/parts/identifier';
import { Spark } from '@/parts/line';
import { PageHead } from '@/parts/page';
import { Empty } from '@/parts/states';
import { useLive, type Arrival } from './queries';
import './live.css';

const Row = ({ row }: { row: Arrival }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const format = useFormat();
  const eventName = useEventName();
  return (
    <li className={`arrival ${row.verdict}`}>
      <time className="num muted" dateTime={row.at}>{format.seconds(row.at)}</time>
      <VerdictChip verdict={row.verdict} />
      <span className="ellipsis">
        <strong>{eventName(row.kind, row.name)}</strong>
        {row.reason && <span className="muted small"> {label('reason', row.reason)}</span>}
      </span>
      <span className="muted small ellipsis">{row.source_name}</span>
      <span className="who row">
        {row.identifiers.slice(0, 2).map((x) => (
          <IdentifierTag key={x.namespace} {...x} />
        ))}
      </span>
      <span className="small end">
        {row.person_id ? <Link to="/people/$id" params={{ id: row.person_id }}>{t('live.person')}</Link> : null}
      </span>
      <span className="muted small num end">{t('live.ms', { ms: format.decimal(row.ms) })}</span>
    </li>
  );
};

export const LivePage = () => {
  const { t } = useTranslation();
  const label = useLabel();
  const format = useFormat();
  const search = useSearch({ from: '/shell/live' });
  const navigate = useNavigate({ from: '/live' });
  const sources = $api.useQuery('get', '/api/sources');
  const live = useLive(search);
  const set = (key: 'source' | 'verdict' | 'name', value?: string) => void navigate({ search: (old) => ({ ...old, [key]: value || undefined }), replace: true });
  const typed = useTyped(search.name ?? '', (name) => set('name', name.trim()), 500);
  const now = live.rates.at(-1);
  return (
    <>
      <PageHead
        title={t('nav.live')}
        text={t('live.text')}
        actions={
          <>
            <Button icon={<ClearOutlined />} onClick={live.clear}>{t('action.clear')}</Button>
            <Button type={live.paused ? 'primary' : 'default'} icon={live.paused ? <CaretRightOutlined /> : <PauseOutlined />} onClick={live.pause} aria-pressed={live.paused}>
              {live.paused ? t('live.resume', { held: format.number(live.held.length) }) : t('live.pause')}
            </Button>
          </>
        }
      />
      <div className="row wrap" style={{ marginBottom: 12 }}>
        <Select allowClear showSearch={{ optionFilterProp: 'label' }} placeholder={t('line.source')} aria-label={t('line.source')} value={search.source} onChange={(v?: string) => set('source', v)} options={(sources.data?.items ?? []).map((s) => ({ value: s.id, label: s.name }))} style={{ width: 180 }} popupMatchSelectWidth={false} />
        <Select allowClear placeholder={t('live.verdict')} aria-label={t('live.verdict')} value={search.verdict} onChange={(v?: string) => set('verdict', v)} options={VERDICTS.map((v) => ({ value: v, label: label('verdict', v) }))} style={{ width: 132 }} />
        <Input allowClear placeholder={t('live.name')} aria-label={t('live.name')} value={typed.text} onChange={(e) => typed.change(e.target.value)} style={{ width: 200 }} />
        <div className="rates">
          <span className="row small" style={{ gap: 6 }} role="status">
            <i className={`dot ${live.link === 'open' ? 'good' : live.link === 'lost' ? 'bad' : ''}`} />
            {label('link', live.link)}
          </span>
          <b className="num">{t('pulse.rate', { rate: format.decimal(now?.events_per_s ?? 0) })}</b>
          <span style={{ width: 120 }}><Spark values={live.rates.map((r) => r.events_per_s)} label={t('live.rate')} height={26} /></span>
        </div>
      </div>
      <section className="card live" aria-busy={live.link === 'opening'}>
        {live.rows.length === 0 ? (
          <Empty title={t('live.none')} text={t('live.none_text')} />
        ) : (
          <ol className="rows">
            {live.rows.map((row) => (
              <Row key={row.n} row={row} />
            ))}
          </ol>
        )}
      </section>
    </>
  );
};
