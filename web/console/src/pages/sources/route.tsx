import { PlusOutlined } from '@ant-design/icons';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Source } from '@/api/types';
import { useSession } from '@/app/session';
import { useLabel } from '@/i18n';
import { useFormat } from '@/i18n/format';
import { Ago } from '@/parts/bits';
import { kindColor, KindIcon } from '@/parts/channel';
import { PageHead } from '@/parts/page';
import { Empty, Loaded } from '@/parts/states';
import { NewSource } from './parts/new-source';
import { useSources } from './queries';
import './sources.css';

const HOUR_MS = 3_600_000;

/** Receiving, quiet for long, or switched off. */
const Signal = ({ source }: { source: Source }) => {
  const { t } = useTranslation();
  const last = source.counts.last_at;
  if (source.state === 'disabled') return <span className="chip">{t('source.disabled')}</span>;
  if (!last) return <span className="chip warn">{t('source.waiting')}</span>;
  const quiet = new Date().getTime() - new Date(last).getTime() > 24 * HOUR_MS;
  return (
    <span className="row small muted" style={{ gap: 6 }}>
      <i className={`dot ${quiet ? 'warn' : 'good'}`} />
      <Ago at={last} />
    </span>
  );
};

const Card = ({ source }: { source: Source }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const format = useFormat();
  return (
    <Link to="/sources/$id" params={{ id: source.id }} className="card source-card">
      <div className="row" style={{ gap: 12 }}>
        <span className="stop" style={{ color: kindColor(source.kind), borderColor: kindColor(source.kind) }}>
          <KindIcon kind={source.kind} />
        </span>
        <div className="grow">
          <strong className="ellipsis" style={{ display: 'block' }}>{source.name}</strong>
          <span className="muted small">{label('kind', source.kind)}</span>
        </div>
        <Signal source={source} />
      </div>
      <dl>
        <div>
          <dt>{t('source.events')}</dt>
          <dd>{format.short(source.counts.events)}</dd>
        </div>
        <div>
          <dt>{t('source.people')}</dt>
          <dd>{format.short(source.counts.people)}</dd>
        </div>
        <div>
          <dt>{t('source.quarantined')}</dt>
          <dd className={source.counts.quarantined_open > 0 ? 'down' : ''}>{format.short(source.counts.quarantined_open)}</dd>
        </div>
        <div>
          <dt>{t('source.warnings')}</dt>
          <dd>{format.short(source.counts.warnings_24h)}</dd>
        </div>
      </dl>
    </Link>
  );
};

export const SourcesPage = () => {
  const { t } = useTranslation();
  const { can } = useSession();
  const sources = useSources();
  const search = useSearch({ from: '/shell/sources' });
  const navigate = useNavigate({ from: '/sources' });
  const show = (open: boolean) => void navigate({ search: open ? { new: '1' } : {}, replace: true });
  const add = can('admin') && (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => show(true)}>
      {t('source.add')}
    </Button>
  );
  return (
    <>
      <PageHead title={t('nav.sources')} text={t('source.text')} actions={add} />
      <Loaded query={{ ...sources, data: sources.data?.items }} rows={10} empty={(list) => (list.length === 0 ? <Empty title={t('source.none')} text={t('source.none_text')} action={add} /> : null)}>
        {(list) => (
          <div className="grid source-grid">
            {list.map((source) => (
              <Card key={source.id} source={source} />
            ))}
          </div>
        )}
      </Loaded>
      {search.new && can('admin') && <NewSource hide={() => show(false)} />}
    </>
  );
};
