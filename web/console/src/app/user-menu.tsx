import { BulbOutlined, LogoutOutlined, UserOutlined } from '@ant-design/icons';
import { Link, useRouter } from '@tanstack/react-router';
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
    <button type="button" className="tl-iconbtn" onClick={() => void change()} title={t('app.language_switch')} lang={other} style={{ fontSize: 13, fontWeight: 600 }}>
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
  const shut = () => document.getElementById('user-menu')?.hidePopover();
  return (
    <>
      <button type="button" className="tl-iconbtn" popoverTarget="user-menu" aria-label={t('user.menu', { name: user.name })}>
        <span className="avatar">{[...user.name.trim()][0]?.toUpperCase() ?? '?'}</span>
      </button>
      <div id="user-menu" popover="auto" className="tl-menu">
        <p className="ellipsis">
          <strong>{user.name}</strong>
          <span className="muted small ellipsis">
            {user.email} · {label('role', user.role)}
          </span>
        </p>
        <Link to="/settings/$section" params={{ section: 'profile' }} onClick={shut}>
          <UserOutlined /> {t('user.profile')}
        </Link>
        <button type="button" onClick={() => schemeSet(scheme === 'dark' ? 'light' : 'dark')}>
          <BulbOutlined /> {scheme === 'dark' ? t('user.light') : t('user.dark')}
        </button>
        <button type="button" onClick={() => void leave()}>
          <LogoutOutlined /> {t('user.sign_out')}
        </button>
      </div>
    </>
  );
};
