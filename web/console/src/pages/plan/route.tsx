import { useNavigate, useSearch } from '@tanstack/react-router';
import { Tabs } from 'antd';
import { useTranslation } from 'react-i18next';
import { PageHead } from '@/parts/page';
import { Events } from './parts/events';
import { Fixes } from './parts/fixes';
import { Quarantine } from './parts/quarantine';
import { useGroups } from './queries';
import { useFormat } from '@/i18n/format';
import './plan.css';

export const PlanPage = () => {
  const { t } = useTranslation();
  const format = useFormat();
  const { tab = 'events' } = useSearch({ from: '/shell/plan' });
  const navigate = useNavigate({ from: '/plan' });
  const groups = useGroups();
  const waiting = groups.data?.reduce((sum, g) => sum + g.count, 0) ?? 0;
  return (
    <>
      <PageHead title={t('nav.plan')} text={t('plan.text')} />
      <Tabs
        activeKey={tab}
        onChange={(key) => void navigate({ search: { tab: key }, replace: true })}
        items={[
          { key: 'events', label: t('plan.tab_events') },
          { key: 'quarantine', label: waiting > 0 ? `${t('plan.tab_quarantine')} · ${format.number(waiting)}` : t('plan.tab_quarantine') },
          { key: 'fixes', label: t('plan.tab_fixes') },
        ]}
      />
      {tab === 'quarantine' ? <Quarantine /> : tab === 'fixes' ? <Fixes /> : <Events />}
    </>
  );
};
