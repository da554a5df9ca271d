import { useMutation } from '@tanstack/react-query';
import { $api, api, refresh } from '@/api/client';
import type { Import } from '@/api/types';

export const MOVING: readonly Import['state'][] = ['running'];

export const useImports = () =>
  $api.useQuery('get', '/api/imports', { params: { query: { limit: 100 } } }, { refetchInterval: ({ state }) => (state.data?.items.some((i) => MOVING.includes(i.state)) ? 1500 : 30_000) });

export const useMappings = () => $api.useQuery('get', '/api/imports/mappings', {}, { staleTime: Infinity });

/** The file goes up as it is; the answer is a draft with a guessed mapping. */
export const useUpload = () =>
  useMutation({
    mutationFn: async (file: File) => {
      const { data } = await api.POST('/api/imports', {
        params: { query: { file_name: file.name } },
        body: file as unknown as string,
        bodySerializer: (body) => body as unknown as BodyInit,
        headers: { 'Content-Type': 'application/octet-stream' },
      });
      return data;
    },
    onSuccess: () => refresh('/api/imports'),
  });
