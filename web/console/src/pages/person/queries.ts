import { useMutation } from '@tanstack/react-query';
import { $api, api, refresh } from '@/api/client';
import type { IdentifierRef } from '@/api/types';

export const usePerson = (id: string) => $api.useQuery('get', '/api/people/{id}', { params: { path: { id } } });

export type LineFilter = { kind?: string; channel?: string; name?: string; from?: string; to?: string };

export const useLine = (id: string, filter: LineFilter) =>
  $api.useInfiniteQuery(
    'get',
    '/api/people/{id}/timeline',
    { params: { path: { id }, query: { ...filter, limit: 60 } } },
    { pageParamName: 'cursor', initialPageParam: '', getNextPageParam: (last) => last.next ?? undefined },
  );

export const useExplain = (id: string) => $api.useQuery('get', '/api/people/{id}/explain', { params: { path: { id } } });

export const useTraitHistory = (id: string, name: string) => $api.useQuery('get', '/api/people/{id}/traits/{name}/history', { params: { path: { id, name } } });

const again = (id: string) => () => refresh(`/api/people/{id}`, '/api/people', '/api/tags').then(() => id);

export const useTagAdd = (id: string) => {
  const path = { id };
  return useMutation({ mutationFn: (tag: string) => api.POST('/api/people/{id}/tags', { params: { path }, body: { tag } }), onSuccess: again(id) });
};

export const useTagRemove = (id: string) =>
  useMutation({ mutationFn: (tag: string) => api.DELETE('/api/people/{id}/tags/{tag}', { params: { path: { id, tag } } }), onSuccess: again(id) });

export const useStagePut = (id: string) =>
  useMutation({ mutationFn: (stage: string | null) => api.PUT('/api/people/{id}/stage', { params: { path: { id } }, body: { stage } }), onSuccess: again(id) });

export const useUnmerge = (id: string) =>
  useMutation({
    mutationFn: async (body: { identifiers: IdentifierRef[]; block_future: boolean; note: string }) => {
      const { data } = await api.POST('/api/people/{id}/unmerge', { params: { path: { id } }, body: { ...body, keep_audit: true } });
      return data;
    },
    onSuccess: again(id),
  });

type Other = { other: string; note: string };

export const useMerge = (id: string) =>
  useMutation({
    mutationFn: async (body: Other) => (await api.POST('/api/people/{id}/merge', { params: { path: { id } }, body })).data,
    meta: { quiet: true },
    onSuccess: again(id),
  });

export const useCannotLink = (id: string) =>
  useMutation({
    mutationFn: (body: Other) => api.POST('/api/people/{id}/cannot-link', { params: { path: { id } }, body }),
    meta: { quiet: true },
    onSuccess: again(id),
  });

export const useTraitsPut = (id: string) =>
  useMutation({
    mutationFn: (body: Record<string, unknown>) => api.PUT('/api/people/{id}/traits', { params: { path: { id } }, body }),
    meta: { quiet: true },
    onSuccess: again(id),
  });

export const useConsentAdd = (id: string) => $api.useMutation('post', '/api/people/{id}/consents', { onSuccess: again(id) });
