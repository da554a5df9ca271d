import { $api, refresh } from '@/api/client';

export const usePredictions = () => $api.useQuery('get', '/api/predictions');

export const useVersions = (kind: string) => $api.useQuery('get', '/api/predictions/{kind}/versions', { params: { path: { kind } } });

export const useTrain = () => $api.useMutation('post', '/api/predictions/{kind}/train', { onSuccess: () => refresh('/api/predictions', '/api/jobs') });

export const usePredictionSettings = () => $api.useQuery('get', '/api/predictions/settings');

export const usePredictionSettingsPut = () => $api.useMutation('put', '/api/predictions/settings', { onSuccess: () => refresh('/api/predictions') });
