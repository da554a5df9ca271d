import { $api, refresh } from '@/api/client';

const again = () => refresh('/api/destinations', '/api/syncs');
const busy = (items: { queued: boolean }[] | undefined): number => (items?.some((s) => s.queued) ? 1_500 : 15_000);

export const useDestinations = () => $api.useQuery('get', '/api/destinations');
export const useDestinationAdd = () => $api.useMutation('post', '/api/destinations', { onSuccess: again });
export const useDestinationPatch = () => $api.useMutation('patch', '/api/destinations/{id}', { onSuccess: again });
export const useDestinationDelete = () => $api.useMutation('delete', '/api/destinations/{id}', { onSuccess: again });
export const useDestinationTest = () => $api.useMutation('post', '/api/destinations/{id}/test');
export const useSyncs = () => $api.useQuery('get', '/api/syncs', {}, { refetchInterval: (query) => busy(query.state.data?.items) });
export const useSyncAdd = () => $api.useMutation('post', '/api/destinations/{id}/syncs', { onSuccess: again });
export const useSyncEnd = () => $api.useMutation('delete', '/api/syncs/{id}', { onSuccess: again });
export const useSyncPause = () => $api.useMutation('post', '/api/syncs/{id}/pause', { onSuccess: again });
export const useSyncResume = () => $api.useMutation('post', '/api/syncs/{id}/resume', { onSuccess: again });
export const useSyncRun = () => $api.useMutation('post', '/api/syncs/{id}/run', { onSuccess: again });
export const useRuns = (id: string) => $api.useQuery('get', '/api/syncs/{id}/runs', { params: { path: { id } } }, { refetchInterval: (query) => (query.state.data?.items.some((r) => r.state === 'running' || r.state === 'retrying') ? 1_500 : false) });
