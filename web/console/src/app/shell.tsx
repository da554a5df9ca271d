// The frame of every signed-in page: navigation, search, the pulse of intake, the user.
import { EllipsisOutlined, MenuFoldOutlined, MenuUnfoldOutlined, SearchOutlined } from '@ant-design/icons';
import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Logo } from '@/parts/line';
import { ICONS } from './icons';
import { PHONE, PLACES, type Place } from './nav';
import { Pulse } from './pulse';
import { LanguageSwitch, UserMenu } from './user-menu';

const Finder = lazy(() => import('./finder'));
const MoreDrawer = lazy(() => import('./more-drawer'));

const useHere = (): Place['to'] => {
  const path = useRouterState({ select: (s) => s.location.pathname });
  return PLACES.find((p) => p.to !== '/' && path.startsWith(p.to))?.to ?? '/';
};

const NavLink = ({ place, here, onClick }: { place: Place; here: Place['to']; onClick?: () => void }) => {
  const { t } = useTranslation();
  const Icon = ICONS[place.icon];
  return (
    <Link to={place.to} className={`tl-link ${place.gap ? 'gap' : ''}`} aria-current={here === place.to ? 'page' : undefined} onClick={onClick} title={t(place.text)}>
      <Icon />
      <span>{t(place.text)}</span>
    </Link>
  );
};

const useFinder = () => {
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        setOpen(true);
      }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
  return { open, show: () => setOpen(true), hide: () => setOpen(false) };
};

const PhoneBar = ({ here }: { here: Place['to'] }) => {
  const { t } = useTranslation();
  const [more, setMore] = useState(false);
  const rest = PLACES.filter((p) => !PHONE.includes(p.to));
  return (
    <nav className="tl-tabs" aria-label={t('nav.main')}>
      {PLACES.filter((p) => PHONE.includes(p.to)).map((place) => {
        const Icon = ICONS[place.icon];
        return (
          <Link key={place.to} to={place.to} aria-current={here === place.to ? 'page' : undefined}>
            <Icon />
            <span>{t(place.text)}</span>
          </Link>
        );
      })}
      <button type="button" onClick={() => setMore(true)} aria-expanded={more} aria-current={rest.some((p) => p.to === here) ? 'page' : undefined}>
        <EllipsisOutlined />
        <span>{t('nav.more')}</span>
      </button>
      {more && (
        <Suspense>
          <MoreDrawer hide={() => setMore(false)}>
            {rest.map((place) => (
              <NavLink key={place.to} place={{ ...place, gap: false }} here={here} onClick={() => setMore(false)} />
            ))}
          </MoreDrawer>
        </Suspense>
      )}
    </nav>
  );
};

export const Shell = () => {
  const { t } = useTranslation();
  const here = useHere();
  const finder = useFinder();
  const [narrow, setNarrow] = useState(() => localStorage.getItem('tl_nav') === 'narrow');
  const fold = () => {
    localStorage.setItem('tl_nav', narrow ? 'wide' : 'narrow');
    setNarrow(!narrow);
  };
  const mac = navigator.platform.startsWith('Mac');
  return (
    <div className={`tl-shell ${narrow ? 'narrow' : ''}`}>
      <a className="skip" href="#main">
        {t('nav.skip')}
      </a>
      <nav className="tl-nav" aria-label={t('nav.main')}>
        <Link to="/" className="tl-brand">
          <Logo />
          <span>{t('app.name')}</span>
        </Link>
        <div className="tl-thread">
          {PLACES.map((place) => (
            <NavLink key={place.to} place={place} here={here} />
          ))}
        </div>
        <div className="tl-foot">
          <button type="button" className="tl-iconbtn" onClick={fold} aria-label={narrow ? t('nav.unfold') : t('nav.fold')}>
            {narrow ? <MenuUnfoldOutlined /> : <MenuFoldOutlined />}
          </button>
        </div>
      </nav>
      <div className="tl-side">
        <header className="tl-top">
          <button type="button" className="tl-search" onClick={finder.show}>
            <SearchOutlined />
            <span className="ellipsis">{t('finder.open')}</span>
            <kbd>{mac ? '⌘K' : 'Ctrl K'}</kbd>
          </button>
          <div className="row push" style={{ gap: 10 }}>
            <Pulse />
            <LanguageSwitch />
            <UserMenu />
          </div>
        </header>
        <main id="main" className="tl-main" tabIndex={-1}>
          <Outlet />
        </main>
      </div>
      <PhoneBar here={here} />
      {finder.open && (
        <Suspense>
          <Finder hide={finder.hide} />
        </Suspense>
      )}
    </div>
  );
};
