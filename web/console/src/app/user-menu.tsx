import { BulbOutlined, LogoutOutlined, UserOutlined } from '@ant-design/icons';
import { useRouter } from '@tanstack/react-router';
import { Dropdown } from 'antd';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { languageSet, useLanguage, useLabel, type Language } from '@/i18n';
import { sessionForget, useSession } from './session';
import { schemeSet, useScheme } from './theme';

export const LanguageSwitch = ({ save = true }: { save?: boolean }) => {
  const { t } = useTranslation();
  const { language } = useLanguage();
  const other: Language = language === 'en' ? 'zh-CN' : 'en';
  const change = async () => {
    await languageSet(other);
    if (save) await api.PATCH('/api/me', { body: { locale: other } }).catch(() => undefined);
  };
  return (
    <button type="button" className="tl-iconbtn" onClick={() => void change()} aria-label={t('app.language_switch')} lang={other} style={{ fontSize: 13, fontWeight: 600 }}>
      {language === 'en' ? '中' : 'EN'}
    </button>
  );
};

export const UserMenu = () => {
  const { t } = useTranslation();
  const label = useLabel();
  const router = useRouter();
  const scheme = useScheme();
  const { session } = useSession();
  if (!session) return null;
  const { user } = session;
  const leave = async () => {
    await api.DELETE('/api/session').catch(() => undefined);
    sessionForget();
    await router.navigate({ to: '/sign-in' });
  };
  const items = [
    {
      key: 'who',
      type: 'group' as const,
      label: `${user.email} · ${label('role', user.role)}`,
      children: [
        { key: 'profile', icon: <UserOutlined />, label: t('user.profile'), onClick: () => router.history.push('/settings/profile') },
        { key: 'scheme', icon: <BulbOutlined />, label: scheme === 'dark' ? t('user.light') : t('user.dark'), onClick: () => schemeSet(scheme === 'dark' ? 'light' : 'dark') },
      ],
    },
    { type: 'divider' as const },
    { key: 'leave', icon: <LogoutOutlined />, label: t('user.sign_out'), onClick: () => void leave() },
  ];
  return (
    <Dropdown menu={{ items }} trigger={['click']} placement="bottomRight">
      <button type="button" className="tl-iconbtn" aria-label={t('user.menu', { name: user.name })}>
        <span className="avatar">{[...user.name.trim()][0]?.toUpperCase() ?? '?'}</span>
      </button>
    </Dropdown>
  );
};
