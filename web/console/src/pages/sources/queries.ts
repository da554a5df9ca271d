import { $api, refresh } from '@/api/client';

export const useSources = () => $api.useQuery('get', '/api/sources', {}, { refetchInterval: 15_000 });
export const useSourceAdd = () => $api.useMutation('post', '/api/sources', { onSuccess: () => refresh('/api/sources') });
