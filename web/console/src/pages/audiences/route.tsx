import { PlusOutlined } from '@ant-design/icons';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Button, Input, Tabs } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/client';
import { useSession } from '@/app/session';
import { PageHead } from '@/parts/page';
import { Empty, Loaded } from '@/parts/states';
import { Compare } from './parts/compare';
import { AudienceTable } from './parts/list';
import { Lists } from './parts/lists';
import { Personas } from './parts/personas';
import { useAudiences } from './queries';
import './audiences.css';

const TABS = ['audiences', 'lists', 'compare', 'personas'] as const;

const All = () => {
  const { t } = useTranslation();
  const { can } = useSession();
  const navigate = useNavigate();
  const audiences = useAudiences();
  const status = $api.useQuery('get', '/api/status');
  const [filter, setFilter] = useState('');
  const add = can('write') && <Button type="primary" icon={<PlusOutlined />} onClick={() => void navigate({ to: '/audiences/$key', params: { key: 'new' } })}>{t('audiences.add')}</Button>;
  return (
    <Loaded query={audiences} rows={10} empty={(rows) => (rows.length === 0 ? <section className="card"><Empty title={t('audiences.none')} text={t('audiences.none_text')} action={add} /></section> : null)}>
      {(rows) => (
        <div className="stack" style={{ gap: 12 }}>
          <div className="row between wrap">
            <Input allowClear placeholder={t('audiences.filter')} aria-label={t('audiences.filter')} value={filter} onChange={(e) => setFilter(e.target.value)} style={{ width: 280, maxWidth: '100%' }} />
            {add}
          </div>
          <section className="card" style={{ overflow: 'hidden' }}>
            <AudienceTable rows={rows.filter((a) => `${a.name} ${a.key} ${a.description}`.toLowerCase().includes(filter.toLowerCase()))} people={status.data?.people ?? 0} />
          </section>
        </div>
      )}
    </Loaded>
  );
};

export const AudiencesPage = () => {
  const { t } = useTranslation();
  const search = useSearch({ from: '/shell/audiences' });
  const navigate = useNavigate({ from: '/audiences' });
  const tab = TABS.find((x) => x === search.tab) ?? 'audiences';
  return (
    <>
      <PageHead title={t('nav.audiences')} text={t('audiences.text')} />
      <Tabs activeKey={tab} onChange={(key) => void navigate({ search: { tab: key === 'audiences' ? undefined : key }, replace: true })} items={TABS.map((key) => ({ key, label: t(`audiences_tab.${key}`) }))} />
      {tab === 'audiences' && <All />}
      {tab === 'lists' && <Lists />}
      {tab === 'compare' && <Compare />}
      {tab === 'personas' && <Personas />}
    </>
  );
};
