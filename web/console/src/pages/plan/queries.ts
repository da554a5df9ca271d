import { $api, refresh } from '@/api/client';

const planAgain = () => refresh('/api/plan');
const quarantineAgain = () => refresh('/api/quarantine', '/api/fixes', '/api/overview');

export const usePlan = () => $api.useQuery('get', '/api/plan');
export const usePlanPut = () => $api.useMutation('put', '/api/plan/events/{name}', { onSuccess: planAgain });
export const usePlanDelete = () => $api.useMutation('delete', '/api/plan/events/{name}', { onSuccess: planAgain });
export const useProperties = (name: string) => $api.useQuery('get', '/api/plan/events/{name}/properties', { params: { path: { name } } }, { enabled: name !== '' });

export const useGroups = () => $api.useQuery('get', '/api/quarantine/groups', {}, { refetchInterval: 20_000 });
export type GroupKey = { reason?: string; source_id?: string; event_name?: string };
export const useItems = (key: GroupKey) =>
  $api.useInfiniteQuery(
    'get',
    '/api/quarantine',
    { params: { query: { reason: key.reason, source_id: key.source_id, state: 'open', limit: 20 } } },
    { pageParamName: 'cursor', initialPageParam: undefined as string | undefined, getNextPageParam: (last) => last.next ?? undefined },
  );
export const usePreview = () => $api.useMutation('post', '/api/quarantine/preview');
export const useReplay = () => $api.useMutation('post', '/api/quarantine/replay', { onSuccess: quarantineAgain });
export const useDiscard = () => $api.useMutation('post', '/api/quarantine/discard', { onSuccess: quarantineAgain });
export const useFixes = () => $api.useQuery('get', '/api/fixes');
export const useFixDelete = () => $api.useMutation('delete', '/api/fixes/{id}', { onSuccess: () => refresh('/api/fixes') });
