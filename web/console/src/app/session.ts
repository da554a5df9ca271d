import { useQuery } from '@tanstack/react-query';
import { $api, api, csrfSet, Problem, queries } from '@/api/client';
import type { Session } from '@/api/types';

export type Scope = 'read' | 'write' | 'personal' | 'admin' | 'export' | 'erase';

const options = {
  queryKey: ['session'] as const,
  queryFn: async (): Promise<Session | null> => {
    try {
      const { data } = await api.GET('/api/session');
      if (!data) return null;
      csrfSet(data.csrf_token);
      return data;
    } catch (error) {
      if (error instanceof Problem && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: Infinity,
  retry: false,
};

export const sessionRead = (): Promise<Session | null> => queries.ensureQueryData(options);

export const sessionPut = (session: Session): void => {
  csrfSet(session.csrf_token);
  queries.setQueryData(options.queryKey, session);
};

export const sessionForget = (): void => {
  csrfSet('');
  queries.clear();
};

export const useSession = (): { session: Session | null; can: (scope: Scope) => boolean } => {
  const { data } = useQuery(options);
  return { session: data ?? null, can: (scope) => data?.scopes.includes(scope) ?? false };
};

export const setupRead = () => queries.fetchQuery({ ...$api.queryOptions('get', '/api/setup'), staleTime: 0, retry: false });
