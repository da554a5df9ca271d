import { $api, refresh } from '@/api/client';

export const useComputed = () => $api.useQuery('get', '/api/computed-traits', {}, { refetchInterval: 10_000 });
export const useDistribution = (key: string) => $api.useQuery('get', '/api/computed-traits/{key}/distribution', { params: { path: { key } } });
export const useComputedPut = () => $api.useMutation('put', '/api/computed-traits/{key}', { onSuccess: () => refresh('/api/computed-traits') });
export const useComputedArchive = () => $api.useMutation('delete', '/api/computed-traits/{key}', { onSuccess: () => refresh('/api/computed-traits') });
export const usePacks = () => $api.useQuery('get', '/api/computed-packs', {}, { refetchInterval: 10_000 });
export const usePacksEnable = () => $api.useMutation('post', '/api/computed-packs', { onSuccess: () => refresh('/api/computed', '/api/audiences') });

export const useTagBook = () => $api.useQuery('get', '/api/tags');
export const useTagPut = () => $api.useMutation('put', '/api/tags/{tag}', { onSuccess: () => refresh('/api/tags') });
export const useTagForget = () => $api.useMutation('delete', '/api/tags/{tag}', { onSuccess: () => refresh('/api/tags') });
export const useCategories = () => $api.useQuery('get', '/api/tag-categories');
export const useCategoryPut = () => $api.useMutation('put', '/api/tag-categories/{key}', { onSuccess: () => refresh('/api/tag-categories') });
export const useTagWorks = () => $api.useQuery('get', '/api/tag-works', { params: { query: { limit: 20 } } }, { refetchInterval: (query) => (query.state.data?.items.some((w) => w.state === 'running' || w.state === 'undoing') ? 1_000 : false) });
export const useTagWork = () => $api.useMutation('post', '/api/tag-works', { onSuccess: () => refresh('/api/tag-works', '/api/tags') });
export const useTagUndo = () => $api.useMutation('post', '/api/tag-works/{id}/undo', { onSuccess: () => refresh('/api/tag-works', '/api/tags') });
