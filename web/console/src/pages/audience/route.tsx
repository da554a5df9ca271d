import { LeftOutlined } from '@ant-design/icons';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { Alert, Button, Dropdown, Tabs } from 'antd';
import { useTranslation } from 'react-i18next';
import type { AudienceDetail } from '@/api/types';
import { useSession } from '@/app/session';
import { AudienceState } from '@/pages/audiences/parts/list';
import { PageHead } from '@/parts/page';
import { Original } from '@/parts/said';
import { Loaded } from '@/parts/states';
import { Editor } from './parts/editor';
import { Members } from './parts/members';
import { Versions } from './parts/versions';
import { useAudience, useAudienceUpdate } from './queries';
import '@/pages/audiences/audiences.css';

const TABS = ['rule', 'members', 'versions'] as const;
const STATES: Record<string, readonly string[]> = { active: ['paused', 'archived'], paused: ['active', 'archived'], archived: ['active'] };

const Back = () => {
  const { t } = useTranslation();
  return <Link to="/audiences" aria-label={t('audience.back')} className="tl-iconbtn"><LeftOutlined /></Link>;
};

const Acts = ({ audience }: { audience: AudienceDetail }) => {
  const { t } = useTranslation();
  const update = useAudienceUpdate();
  const items = (STATES[audience.state] ?? []).map((state) => ({ key: state, label: t(`audience_act.${state as 'active' | 'paused' | 'archived'}`) }));
  return (
    <Dropdown trigger={['click']} menu={{ items, onClick: ({ key: state }) => update.mutate({ params: { path: { key: audience.key } }, body: { state } }) }}>
      <Button loading={update.isPending}>{t('action.actions')}</Button>
    </Dropdown>
  );
};

const One = ({ audience }: { audience: AudienceDetail }) => {
  const { t } = useTranslation();
  const { can } = useSession();
  const search = useSearch({ from: '/shell/audiences/$key' });
  const navigate = useNavigate({ from: '/audiences/$key' });
  const tab = TABS.find((x) => x === search.tab) ?? 'rule';
  return (
    <>
      <PageHead before={<Back />} title={audience.name} text={audience.description || audience.key} actions={<><AudienceState audience={audience} />{can('write') && <Acts audience={audience} />}</>} />
      {audience.broken && <Alert type="error" showIcon title={t('audience.broken')} description={<Original text={audience.broken} />} style={{ marginBottom: 12 }} />}
      <Tabs activeKey={tab} onChange={(key) => void navigate({ search: { tab: key === 'rule' ? undefined : key }, replace: true })} items={TABS.map((key) => ({ key, label: t(`audience_tab.${key}`) }))} />
      {tab === 'rule' && <Editor key={audience.versions[0]?.number ?? 0} audience={audience} />}
      {tab === 'members' && <Members audience={audience} />}
      {tab === 'versions' && <Versions audience={audience} />}
    </>
  );
};

export const AudiencePage = () => {
  const { t } = useTranslation();
  const { key } = useParams({ from: '/shell/audiences/$key' });
  const audience = useAudience(key);
  if (key === 'new') {
    return (
      <>
        <PageHead before={<Back />} title={t('audiences.add')} text={t('audience.new_text')} />
        <Editor audience={null} />
      </>
    );
  }
  return <Loaded query={audience} rows={14}>{(data) => <One audience={data} />}</Loaded>;
};
