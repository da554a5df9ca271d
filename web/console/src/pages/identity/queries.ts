import { $api, refresh } from '@/api/client';
import type { RulesSimulation } from '@/api/types';

const again = () => refresh('/api/identity', '/api/people', '/api/overview');

export const useReviews = (state: string, kind: string | undefined) =>
  $api.useInfiniteQuery(
    'get',
    '/api/identity/reviews',
    { params: { query: { state, kind, limit: 50 } } },
    { pageParamName: 'cursor', initialPageParam: '', getNextPageParam: (last) => last.next ?? undefined },
  );
export const useDecide = () => $api.useMutation('post', '/api/identity/reviews/{id}', { onSuccess: again });
export const useSuspended = () => $api.useQuery('get', '/api/identity/suspended', { params: { query: { limit: 200 } } });
export const useSuspendedAct = () => $api.useMutation('post', '/api/identity/suspended/{id}', { onSuccess: again });
/** Looked at again and again while a change is being applied to what was there before. */
export const useRules = () =>
  $api.useQuery('get', '/api/identity/rules', {}, { refetchInterval: (query) => (query.state.data?.progress?.finished === false ? 2000 : false) });
export const useSimulationBegin = () => $api.useMutation('post', '/api/identity/rules/simulations', { meta: { quiet: true } });
/** Looked at until it is over, or another one took its place. */
export const useSimulation = (id: string | undefined) =>
  $api.useQuery('get', '/api/identity/rules/simulations/{id}', { params: { path: { id: id ?? '' } } }, {
    enabled: id !== undefined,
    refetchInterval: ({ state }) => (state.status !== 'error' && isMoving(state.data?.state) ? 1000 : false),
  });
export const useSimulationStop = () => $api.useMutation('delete', '/api/identity/rules/simulations/{id}', { onSuccess: () => refresh('/api/identity/rules/simulations') });
export const isMoving = (state: RulesSimulation['state'] | undefined): boolean => state === 'waiting' || state === 'running';
export const useRulesPut = () => $api.useMutation('put', '/api/identity/rules', { onSuccess: again });
export const useSimulator = () => $api.useMutation('post', '/api/identity/simulator', { meta: { quiet: true } });
export const useBlocked = () => $api.useQuery('get', '/api/identity/blocked');
export const useBlock = () => $api.useMutation('post', '/api/identity/blocked', { onSuccess: () => refresh('/api/identity/blocked') });
export const useUnblock = () => $api.useMutation('delete', '/api/identity/blocked/{id}', { onSuccess: () => refresh('/api/identity/blocked') });
