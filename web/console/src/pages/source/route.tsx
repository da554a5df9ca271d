import { LeftOutlined } from '@ant-design/icons';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { Tabs } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Source } from '@/api/types';
import { useLabel } from '@/i18n';
import { useFormat } from '@/i18n/format';
import { Ago } from '@/parts/bits';
import { PageHead, Panel } from '@/parts/page';
import { Loaded } from '@/parts/states';
import { Guide } from './parts/guide';
import { Keys } from './parts/keys';
import { Settings } from './parts/settings';
import { Warnings } from './parts/warnings';
import { Webhook } from './parts/webhook';
import { useSource } from './queries';
import './source.css';

const Counts = ({ source }: { source: Source }) => {
  const { t } = useTranslation();
  const format = useFormat();
  const { counts } = source;
  return (
    <Panel title={t('source.counts')}>
      <dl className="kv">
        <dt>{t('source.events')}</dt>
        <dd className="num"><Link to="/live" search={{ source: source.id }}>{format.number(counts.events)}</Link></dd>
        <dt>{t('source.people')}</dt>
        <dd className="num">{format.number(counts.people)}</dd>
        <dt>{t('source.quarantined')}</dt>
        <dd className="num"><Link to="/plan" search={{ tab: 'quarantine', source: source.id }}>{format.number(counts.quarantined_open)}</Link></dd>
        <dt>{t('source.last')}</dt>
        <dd>{counts.last_at ? <Ago at={counts.last_at} /> : t('source.waiting')}</dd>
        <dt>{t('line.id')}</dt>
        <dd className="mono">{source.id}</dd>
      </dl>
    </Panel>
  );
};

export const SourcePage = () => {
  const { t } = useTranslation();
  const label = useLabel();
  const { id } = useParams({ from: '/shell/sources/$id' });
  const { tab } = useSearch({ from: '/shell/sources/$id' });
  const navigate = useNavigate({ from: '/sources/$id' });
  const source = useSource(id);
  return (
    <Loaded query={source} rows={12}>
      {(data) => (
        <>
          <PageHead
            title={data.name}
            text={label('kind', data.kind)}
            before={
              <Link to="/sources" className="tl-iconbtn" aria-label={t('source.back')} style={{ color: 'var(--muted)' }}>
                <LeftOutlined />
              </Link>
            }
          />
          <Tabs activeKey={tab ?? 'connect'} onChange={(key) => void navigate({ search: { tab: key }, replace: true })} items={[{ key: 'connect', label: t('source.tab_connect') }, { key: 'warnings', label: t('source.warnings') }, { key: 'settings', label: t('nav.settings') }]} />
          {(tab ?? 'connect') === 'connect' && (
            <div className="grid wide-left">
              <Panel title={t('source.guide')}><Guide source={data} /></Panel>
              <div className="stack">
                <Keys source={data} />
                <Counts source={data} />
              </div>
            </div>
          )}
          {tab === 'warnings' && <Warnings source={data} />}
          {tab === 'settings' && (
            <div className="stack">
              {data.settings.webhook && <Webhook key={data.id} source={data} hook={data.settings.webhook} />}
              <Settings key={data.id} source={data} />
            </div>
          )}
        </>
      )}
    </Loaded>
  );
};
