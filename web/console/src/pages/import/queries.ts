import { useMutation } from '@tanstack/react-query';
import { $api, api, refresh } from '@/api/client';

const at = (id: string) => ({ params: { path: { id } } });
const again = () => refresh('/api/imports');

export const useImport = (id: string) => $api.useQuery('get', '/api/imports/{id}', at(id), { refetchInterval: ({ state }) => (state.data?.state === 'running' ? 1000 : false) });
export const useDraft = (id: string) => $api.useQuery('get', '/api/imports/{id}/draft', at(id), { staleTime: Infinity });
export const useDryRun = () => $api.useMutation('post', '/api/imports/{id}/dry-run', { meta: { quiet: true } });
export const useStart = () => $api.useMutation('post', '/api/imports/{id}/start', { onSuccess: again });

export const useMove = (id: string) =>
  useMutation({
    mutationFn: (verb: 'pause' | 'resume' | 'cancel') => {
      switch (verb) {
        case 'pause': return api.POST('/api/imports/{id}/pause', at(id));
        case 'resume': return api.POST('/api/imports/{id}/resume', at(id));
        case 'cancel': return api.POST('/api/imports/{id}/cancel', at(id));
      }
    },
    onSuccess: again,
  });
