// All routes. A page's code is loaded when it is opened.
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from '@tanstack/react-router';
import { onSignedOut } from '@/api/client';
import { Bones, Failed } from '@/parts/states';
import { sessionForget, sessionRead, setupRead } from './session';
import { NotFound } from './not-found';
import { Shell } from './shell';

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined);
/** Keeps the named search parameters, as text; a page reads what it needs. */
const search =
  <K extends string>(...keys: K[]) =>
  (input: Record<string, unknown>): Partial<Record<K, string>> => {
    const kept: Partial<Record<K, string>> = {};
    for (const key of keys) {
      const value = text(input[key]);
      if (value !== undefined) kept[key] = value;
    }
    return kept;
  };

const root = createRootRoute({ component: Outlet });

const setUp = createRoute({
  getParentRoute: () => root,
  path: '/set-up',
  beforeLoad: async () => {
    if (!(await setupRead()).needs_owner) throw redirect({ to: '/sign-in' });
  },
  component: lazyRouteComponent(() => import('@/pages/set-up/route'), 'SetUpPage'),
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: search('next'),
  component: lazyRouteComponent(() => import('@/pages/sign-in/route'), 'SignInPage'),
});

const shell = createRoute({
  getParentRoute: () => root,
  id: 'shell',
  beforeLoad: async ({ location }) => {
    if (await sessionRead()) return;
    if ((await setupRead()).needs_owner) throw redirect({ to: '/set-up' });
    throw redirect({ to: '/sign-in', search: location.href === '/' ? {} : { next: location.href } });
  },
  component: Shell,
});

const under = <P extends string>(path: P) => ({ getParentRoute: () => shell, path }) as const;

const overview = createRoute({ ...under('/'), validateSearch: search('days'), component: lazyRouteComponent(() => import('@/pages/overview/route'), 'OverviewPage') });
const live = createRoute({ ...under('/live'), validateSearch: search('source', 'verdict', 'name', 'person'), component: lazyRouteComponent(() => import('@/pages/live/route'), 'LivePage') });
const people = createRoute({ ...under('/people'), validateSearch: search('q', 'stage', 'tag', 'kind', 'has', 'known', 'sort'), component: lazyRouteComponent(() => import('@/pages/people/route'), 'PeoplePage') });
const person = createRoute({ ...under('/people/$id'), validateSearch: search('kind', 'channel', 'name', 'from', 'to'), component: lazyRouteComponent(() => import('@/pages/person/route'), 'PersonPage') });
const identity = createRoute({ ...under('/identity'), validateSearch: search('tab', 'state', 'kind'), component: lazyRouteComponent(() => import('@/pages/identity/route'), 'IdentityPage') });
const credit = createRoute({
  ...under('/credit'),
  validateSearch: search('tab', 'conversion', 'model', 'days', 'by', 'from', 'to', 'half', 'key'),
  component: lazyRouteComponent(() => import('@/pages/credit/route'), 'CreditPage'),
});
const audiences = createRoute({ ...under('/audiences'), validateSearch: search('tab'), component: lazyRouteComponent(() => import('@/pages/audiences/route'), 'AudiencesPage') });
const audience = createRoute({ ...under('/audiences/$key'), validateSearch: search('tab'), component: lazyRouteComponent(() => import('@/pages/audience/route'), 'AudiencePage') });
const traits = createRoute({ ...under('/traits'), validateSearch: search('tab'), component: lazyRouteComponent(() => import('@/pages/traits/route'), 'TraitsPage') });
const destinations = createRoute({ ...under('/destinations'), component: lazyRouteComponent(() => import('@/pages/destinations/route'), 'DestinationsPage') });
const predictions = createRoute({ ...under('/predictions'), component: lazyRouteComponent(() => import('@/pages/predictions/route'), 'PredictionsPage') });
const sources = createRoute({ ...under('/sources'), validateSearch: search('new'), component: lazyRouteComponent(() => import('@/pages/sources/route'), 'SourcesPage') });
const source = createRoute({ ...under('/sources/$id'), validateSearch: search('tab'), component: lazyRouteComponent(() => import('@/pages/source/route'), 'SourcePage') });
const plan = createRoute({ ...under('/plan'), validateSearch: search('tab', 'event', 'reason', 'source', 'name'), component: lazyRouteComponent(() => import('@/pages/plan/route'), 'PlanPage') });
const quarantine = createRoute({ ...under('/plan/quarantine'), beforeLoad: () => { throw redirect({ to: '/plan', search: { tab: 'quarantine' } }); } });
const imports = createRoute({ ...under('/imports'), component: lazyRouteComponent(() => import('@/pages/imports/route'), 'ImportsPage') });
const importOne = createRoute({ ...under('/imports/$id'), component: lazyRouteComponent(() => import('@/pages/import/route'), 'ImportPage') });
const settings = createRoute({ ...under('/settings'), beforeLoad: () => { throw redirect({ to: '/settings/$section', params: { section: 'profile' } }); } });
const settingsSection = createRoute({ ...under('/settings/$section'), component: lazyRouteComponent(() => import('@/pages/settings/route'), 'SettingsPage') });

const tree = root.addChildren([
  setUp,
  signIn,
  shell.addChildren([overview, live, people, person, identity, audiences, audience, traits, predictions, destinations, credit, sources, source, plan, quarantine, imports, importOne, settings, settingsSection]),
]);

export const router = createRouter({
  routeTree: tree,
  defaultPreload: 'intent',
  defaultPreloadStaleTime: 30_000,
  scrollRestoration: true,
  defaultPendingComponent: () => <Bones rows={8} />,
  defaultErrorComponent: ({ error, reset }) => <Failed error={error} retry={reset} />,
  defaultPendingMs: 150,
  defaultNotFoundComponent: NotFound,
});

onSignedOut(() => {
  sessionForget();
  void router.navigate({ to: '/sign-in' });
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
