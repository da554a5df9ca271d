import { useNavigate, useSearch } from '@tanstack/react-router';
import { Tabs } from 'antd';
import { useTranslation } from 'react-i18next';
import { RevealSwitch } from '@/parts/identifier';
import { PageHead } from '@/parts/page';
import { Blocked } from './parts/blocked';
import { Reviews } from './parts/reviews';
import { Rules } from './parts/rules';
import { Simulator } from './parts/simulator';
import { SuspendedList } from './parts/suspended';
import './identity.css';

export const IdentityPage = () => {
  const { t } = useTranslation();
  const { tab = 'reviews' } = useSearch({ from: '/shell/identity' });
  const navigate = useNavigate({ from: '/identity' });
  const tabs = { reviews: <Reviews />, suspended: <SuspendedList />, rules: <Rules />, simulator: <Simulator />, blocked: <Blocked /> };
  const shown = tab in tabs ? (tab as keyof typeof tabs) : 'reviews';
  return (
    <>
      <PageHead title={t('nav.identity')} text={t('identity.text')} actions={<RevealSwitch />} />
      <Tabs
        activeKey={shown}
        onChange={(key) => void navigate({ search: { tab: key }, replace: true })}
        items={[
          { key: 'reviews', label: t('identity.tab_reviews') },
          { key: 'suspended', label: t('identity.tab_suspended') },
          { key: 'rules', label: t('identity.tab_rules') },
          { key: 'simulator', label: t('identity.tab_simulator') },
          { key: 'blocked', label: t('identity.tab_blocked') },
        ]}
      />
      {tabs[shown]}
    </>
  );
};
