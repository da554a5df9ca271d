import { useNavigate, useSearch } from '@tanstack/react-router';
import type { CreditModel, CreditReport } from '@/api/types';
import { MODELS } from '@/parts/codes';
import type { CreditQuery } from './queries';

const BYS: CreditReport['by'][] = ['channel', 'campaign', 'touchpoint'];

const startOf = (day: string | undefined) => (day ? new Date(`${day}T00:00:00`).toISOString() : undefined);
const endOf = (day: string | undefined) => (day ? new Date(new Date(`${day}T00:00:00`).getTime() + 86_400_000).toISOString() : undefined);

/** What is asked, read from the address so that a report can be sent to a colleague. */
export const useCreditQuery = (conversion: string | undefined) => {
  const search = useSearch({ from: '/shell/credit' });
  const navigate = useNavigate({ from: '/credit' });
  const query: CreditQuery = {
    conversion: search.conversion ?? conversion,
    model: MODELS.find((m) => m === search.model) ?? 'linear',
    lookback_days: Number(search.days) > 0 ? Number(search.days) : 30,
    by: BYS.find((b) => b === search.by) ?? 'channel',
    from: startOf(search.from),
    to: endOf(search.to),
    half_life_days: search.model === 'time_decay' ? Number(search.half) || 7 : undefined,
  };
  const set = (change: Partial<Record<keyof typeof search, string | undefined>>) => void navigate({ search: (old) => ({ ...old, ...change }), replace: true });
  return { search, query, set, models: MODELS as readonly CreditModel[], bys: BYS };
};
