import { keepPreviousData } from '@tanstack/react-query';
import { $api } from '@/api/client';

export type PeopleFilter = { q?: string; stage?: string; tag?: string; source_kind?: string; has?: string; identified?: boolean; sort?: string };

export const usePeople = (filter: PeopleFilter) =>
  $api.useInfiniteQuery(
    'get',
    '/api/people',
    { params: { query: { ...filter, limit: 50 } } },
    {
      pageParamName: 'cursor',
      initialPageParam: '',
      getNextPageParam: (last) => last.next ?? undefined,
      placeholderData: keepPreviousData,
    },
  );

export const useTags = () => $api.useQuery('get', '/api/tags', {}, { staleTime: 60_000 });
