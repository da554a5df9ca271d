import { keepPreviousData } from '@tanstack/react-query';
import { $api } from '@/api/client';

export const useOverview = (days: number) => $api.useQuery('get', '/api/overview', { params: { query: { days } } }, { refetchInterval: 30_000, placeholderData: keepPreviousData });
export const useStatus = () => $api.useQuery('get', '/api/status', {}, { refetchInterval: 5000 });
