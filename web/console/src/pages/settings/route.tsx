import { Link, useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession, type Scope } from '@/app/session';
import { useLabel } from '@/i18n';
import { PageHead } from '@/parts/page';
import { Failed } from '@/parts/states';
import { Problem } from '@/api/client';
import { ApiKeys } from './parts/api-keys';
import { Audit, Configuration, Jobs } from './parts/system';
import { Lake } from './parts/lake';
import { Privacy } from './parts/privacy';
import { Profile } from './parts/profile';
import { Users } from './parts/users';
import './settings.css';

const SECTIONS: { key: string; scope?: Scope; page: ReactNode }[] = [
  { key: 'profile', page: <Profile /> },
  { key: 'users', scope: 'admin', page: <Users /> },
  { key: 'api-keys', scope: 'admin', page: <ApiKeys /> },
  { key: 'privacy', scope: 'erase', page: <Privacy /> },
  { key: 'lake', page: <Lake /> },
  { key: 'jobs', page: <Jobs /> },
  { key: 'configuration', scope: 'admin', page: <Configuration /> },
  { key: 'audit', scope: 'admin', page: <Audit /> },
];

export const SettingsPage = () => {
  const { t } = useTranslation();
  const label = useLabel();
  const { can } = useSession();
  const { section } = useParams({ from: '/shell/settings/$section' });
  const open = SECTIONS.find((s) => s.key === section);
  const allowed = open && (!open.scope || can(open.scope));
  return (
    <>
      <PageHead title={t('nav.settings')} />
      <div className="settings">
        <nav aria-label={t('nav.settings')}>
          {SECTIONS.map((s) => (
            <Link key={s.key} to="/settings/$section" params={{ section: s.key }} aria-current={s.key === section ? 'page' : undefined}>
              {label('section', s.key)}
            </Link>
          ))}
        </nav>
        <div>{allowed ? open.page : <section className="card"><Failed error={new Problem(open ? 403 : 404, open ? 'forbidden' : 'not_found', '')} /></section>}</div>
      </div>
    </>
  );
};
