import { useNavigate, useSearch } from '@tanstack/react-router';
import { Tabs } from 'antd';
import { useTranslation } from 'react-i18next';
import { PageHead } from '@/parts/page';
import '@/pages/audiences/audiences.css';
import { Computed } from './parts/computed';
import { Packs } from './parts/packs';
import { Tags } from './parts/tags';

const TABS = ['tags', 'computed', 'packs'] as const;

export const TraitsPage = () => {
  const { t } = useTranslation();
  const search = useSearch({ from: '/shell/traits' });
  const navigate = useNavigate({ from: '/traits' });
  const tab = TABS.find((x) => x === search.tab) ?? 'tags';
  return (
    <>
      <PageHead title={t('nav.traits')} text={t('traits_page.text')} />
      <Tabs activeKey={tab} onChange={(key) => void navigate({ search: { tab: key === 'tags' ? undefined : key }, replace: true })} items={TABS.map((key) => ({ key, label: t(`traits_page.${key}`) }))} />
      {tab === 'tags' && <Tags />}
      {tab === 'computed' && <Computed />}
      {tab === 'packs' && <Packs />}
    </>
  );
};
