import { keepPreviousData } from '@tanstack/react-query';
import { $api, refresh } from '@/api/client';

const KEY = (key: string) => ({ params: { path: { key } } });

export const useAudience = (key: string) => $api.useQuery('get', '/api/audiences/{key}', KEY(key), { enabled: key !== 'new', refetchInterval: (query) => (query.state.data?.build ? 1_000 : 10_000) });

export const useAudienceCreate = () => $api.useMutation('post', '/api/audiences', { onSuccess: () => refresh('/api/audiences') });

export const useAudienceUpdate = () => $api.useMutation('patch', '/api/audiences/{key}', { onSuccess: () => refresh('/api/audiences') });

export const useAudienceApply = () => $api.useMutation('post', '/api/audiences/{key}/versions/{number}/apply', { onSuccess: () => refresh('/api/audiences') });

export const useAudienceStop = () => $api.useMutation('post', '/api/audiences/{key}/versions/{number}/stop', { onSuccess: () => refresh('/api/audiences') });

export const useComparison = (key: string, number: number) => $api.useQuery('get', '/api/audiences/{key}/versions/{number}/diff', { params: { path: { key, number } } });

export const useMembers = (key: string) =>
  $api.useInfiniteQuery(
    'get',
    '/api/audiences/{key}/members',
    { params: { path: { key }, query: { limit: 50 } } },
    { pageParamName: 'cursor', initialPageParam: '', getNextPageParam: (last) => last.next ?? undefined, placeholderData: keepPreviousData },
  );

export const useReach = (key: string) => $api.useQuery('get', '/api/audiences/{key}/reach', KEY(key));

/** Reads a rule as text or as a tree and answers with both forms, or with where it is not understood. */
export const useCheck = () => $api.useMutation('post', '/api/audiences/check', { meta: { quiet: true } });
