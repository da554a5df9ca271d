import { useMutation } from '@tanstack/react-query';
import { $api, api, refresh } from '@/api/client';

export const useUsers = () => $api.useQuery('get', '/api/users');
export const useUserAdd = () => $api.useMutation('post', '/api/users', { onSuccess: () => refresh('/api/users'), meta: { quiet: true } });
export const useUserPatch = () => $api.useMutation('patch', '/api/users/{id}', { onSuccess: () => refresh('/api/users') });
export const useUserDelete = () => $api.useMutation('delete', '/api/users/{id}', { onSuccess: () => refresh('/api/users') });
export const useMePatch = () => $api.useMutation('patch', '/api/me', { meta: { quiet: true } });

export const useKeys = () => $api.useQuery('get', '/api/api-keys');
export const useKeyAdd = () => $api.useMutation('post', '/api/api-keys', { onSuccess: () => refresh('/api/api-keys'), meta: { quiet: true } });
export const useKeyRevoke = () => $api.useMutation('delete', '/api/api-keys/{id}', { onSuccess: () => refresh('/api/api-keys') });

export const usePrivacy = () =>
  $api.useQuery('get', '/api/privacy/requests', { params: { query: { limit: 100 } } }, { refetchInterval: ({ state }) => (state.data?.items.some((r) => r.state === 'running') ? 2000 : false) });
const again = () => refresh('/api/privacy', '/api/people');
export const useErase = () => $api.useMutation('post', '/api/privacy/erase', { onSuccess: again });
export const useExport = () => $api.useMutation('post', '/api/privacy/export', { onSuccess: again });
export const useSuppress = () => $api.useMutation('post', '/api/privacy/suppress', { onSuccess: again });

export const useLake = () => $api.useQuery('get', '/api/lake', {}, { refetchInterval: 10_000 });
export const useLakeVerb = () =>
  useMutation({
    mutationFn: async (verb: 'seal' | 'compact' | 'verify') => {
      switch (verb) {
        case 'seal': return (await api.POST('/api/lake/seal')).data;
        case 'compact': return (await api.POST('/api/lake/compact')).data;
        case 'verify': return (await api.POST('/api/lake/verify')).data;
      }
    },
    onSuccess: () => refresh('/api/lake', '/api/jobs'),
  });

export const useJobs = (state?: string) => $api.useQuery('get', '/api/jobs', { params: { query: { state, limit: 100 } } }, { refetchInterval: 5000 });
export const useRequeue = () => $api.useMutation('post', '/api/jobs/{id}/requeue', { onSuccess: () => refresh('/api/jobs') });
export const useConfiguration = () => $api.useQuery('get', '/api/settings');
export const useAudit = () =>
  $api.useInfiniteQuery(
    'get',
    '/api/audit',
    { params: { query: { limit: 60 } } },
    { pageParamName: 'cursor', initialPageParam: '', getNextPageParam: (last) => last.next ?? undefined },
  );
