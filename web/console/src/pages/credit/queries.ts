import { keepPreviousData } from '@tanstack/react-query';
import { $api, refresh } from '@/api/client';
import type { CreditModel, CreditReport } from '@/api/types';

export type CreditQuery = { conversion?: string; model: CreditModel; lookback_days: number; by: CreditReport['by']; from?: string; to?: string; half_life_days?: number };

export const useReport = (query: CreditQuery | null) =>
  $api.useQuery('get', '/api/credit/report', { params: { query: query ?? {} } }, { enabled: query !== null, placeholderData: keepPreviousData, staleTime: 60_000 });

export const usePaths = (query: Omit<CreditQuery, 'model' | 'by'>) =>
  $api.useQuery('get', '/api/credit/paths', { params: { query: { conversion: query.conversion, lookback_days: query.lookback_days, from: query.from, to: query.to } } }, { placeholderData: keepPreviousData });

export const useConversions = () => $api.useQuery('get', '/api/credit/conversions');
export const useConversionAdd = () => $api.useMutation('post', '/api/credit/conversions', { onSuccess: () => refresh('/api/credit') });
export const useConversionPatch = () => $api.useMutation('patch', '/api/credit/conversions/{id}', { onSuccess: () => refresh('/api/credit') });
export const useConversionDelete = () => $api.useMutation('delete', '/api/credit/conversions/{id}', { onSuccess: () => refresh('/api/credit') });

export const useCreditPeople = (query: CreditQuery & { key: string }) =>
  $api.useInfiniteQuery(
    'get',
    '/api/credit/people',
    { params: { query: { conversion: query.conversion, model: query.model, by: query.by, key: query.key, limit: 50 } } },
    { pageParamName: 'cursor', initialPageParam: '', getNextPageParam: (last) => last.next ?? undefined },
  );

export const useTouchRules = () => $api.useQuery('get', '/api/touch/rules');
export const useTouchRulesPut = () => $api.useMutation('put', '/api/touch/rules', { onSuccess: () => refresh('/api/touch', '/api/credit') });
export const useTouchTest = () => $api.useMutation('post', '/api/touch/rules/test');
export const useUnclassified = () => $api.useQuery('get', '/api/touch/unclassified');

export const useSpend = (channel?: string) =>
  $api.useInfiniteQuery(
    'get',
    '/api/credit/spend',
    { params: { query: { channel, limit: 100 } } },
    { pageParamName: 'cursor', initialPageParam: '', getNextPageParam: (last) => last.next ?? undefined },
  );
export const useSpendDelete = () => $api.useMutation('delete', '/api/credit/spend', { onSuccess: () => refresh('/api/credit') });
export const useSpendAdd = () => $api.useMutation('post', '/api/credit/spend', { onSuccess: () => refresh('/api/credit') });
