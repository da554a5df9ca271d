import { useMutation } from '@tanstack/react-query';
import { $api, api, refresh } from '@/api/client';
import type { QuarantineReplay, QuarantineReplayIn } from '@/api/types';

const planAgain = () => refresh('/api/plan');
const quarantineAgain = () => refresh('/api/quarantine', '/api/fixes', '/api/overview');

export const usePlan = () => $api.useQuery('get', '/api/plan');
export const usePlanPut = () => $api.useMutation('put', '/api/plan/events/{name}', { onSuccess: planAgain });
export const usePlanDelete = () => $api.useMutation('delete', '/api/plan/events/{name}', { onSuccess: planAgain });
export const useProperties = (name: string) => $api.useQuery('get', '/api/plan/events/{name}/properties', { params: { path: { name } } }, { enabled: name !== '' });

export const useGroups = () => $api.useQuery('get', '/api/quarantine/groups', {}, { refetchInterval: 20_000 });
export type GroupKey = { reason?: string; source_id?: string; event_name?: string };
export const useItems = (key: GroupKey) =>
  $api.useInfiniteQuery(
    'get',
    '/api/quarantine',
    { params: { query: { ...key, state: 'open', limit: 20 } } },
    { pageParamName: 'cursor', initialPageParam: '', getNextPageParam: (last) => last.next ?? undefined },
  );
export const usePreview = () => $api.useMutation('post', '/api/quarantine/preview');

/** Replays all that match. The server takes a part at a time and says where the next one begins. */
const replay = async (body: QuarantineReplayIn) => {
  const sum = { accepted: 0, corrected: 0, duplicate: 0, quarantined: 0, rejected: 0 };
  let part: QuarantineReplay | undefined;
  do {
    const after: string | null = part?.next ?? null;
    // The fix is saved once, with the first part.
    const answer = await api.POST('/api/quarantine/replay', { body: { ...body, after, save_fix: body.save_fix && after === null } });
    part = answer.data;
    for (const key of ['accepted', 'corrected', 'duplicate', 'quarantined', 'rejected'] as const) sum[key] += part?.[key] ?? 0;
  } while (part?.next);
  return sum;
};
export const useReplay = () => useMutation({ mutationFn: replay, onSuccess: quarantineAgain });
export const useDiscard = () => $api.useMutation('post', '/api/quarantine/discard', { onSuccess: quarantineAgain });
export const useFixes = () => $api.useQuery('get', '/api/fixes');
export const useFixDelete = () => $api.useMutation('delete', '/api/fixes/{id}', { onSuccess: () => refresh('/api/fixes') });
