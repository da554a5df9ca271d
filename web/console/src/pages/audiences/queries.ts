import { $api, refresh } from '@/api/client';

export const useAudiences = (archived = false) => $api.useQuery('get', '/api/audiences', { params: { query: { archived } } }, { refetchInterval: 10_000 });

export const useLists = () => $api.useQuery('get', '/api/audience-lists');

export const useListUpload = () => $api.useMutation('put', '/api/audience-lists/{key}', { onSuccess: () => refresh('/api/audience-lists') });

export const useListDelete = () => $api.useMutation('delete', '/api/audience-lists/{key}', { onSuccess: () => refresh('/api/audience-lists') });
