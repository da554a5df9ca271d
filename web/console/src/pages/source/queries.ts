import { useMutation } from '@tanstack/react-query';
import { $api, api, refresh } from '@/api/client';

const again = () => refresh('/api/sources');
const at = (id: string) => ({ params: { path: { id } } });

export const useSource = (id: string) => $api.useQuery('get', '/api/sources/{id}', at(id), { refetchInterval: 10_000 });
export const useSnippets = (id: string) => $api.useQuery('get', '/api/sources/{id}/snippet', at(id));
export const useWarnings = (id: string) => $api.useQuery('get', '/api/sources/{id}/warnings', at(id));
export const useSourcePatch = () => $api.useMutation('patch', '/api/sources/{id}', { onSuccess: again });
export const useSourceDelete = () => $api.useMutation('delete', '/api/sources/{id}', { onSuccess: again });
export const useRotate = () => $api.useMutation('post', '/api/sources/{id}/rotate', { onSuccess: again });

export const useWebhookPatch = (id: string) =>
  useMutation({
    mutationFn: (webhook: { secret?: string; mapping: Record<string, string> }) => api.PATCH('/api/sources/{id}', { ...at(id), body: { settings: { webhook } } }),
    meta: { quiet: true },
    onSuccess: again,
  });
