// The size of a rule while it is edited: from a sample at once, exactly a moment later. Asking again stops the question before.
import { useQuery, keepPreviousData } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api } from '@/api/client';
import type { Definition } from '@/parts/rule/rule';
import type { Estimate } from '@/api/types';

/** The value once it has not changed for a while. */
const useSettled = <T,>(value: T, ms: number): T => {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
};

const useAsked = (text: string | null, exact: boolean, enabled: boolean) =>
  useQuery({
    queryKey: ['estimate', exact, text],
    enabled: enabled && text !== null,
    staleTime: 30_000,
    retry: false,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }): Promise<Estimate> => {
      const definition = JSON.parse(text ?? 'null') as Definition;
      const { data } = await api.POST('/api/audiences/estimate', { body: { definition: definition as unknown as Record<string, never>, mode: exact ? 'exact' : 'sample' }, signal });
      if (!data) throw new Error('no answer');
      return data;
    },
  });

export const useEstimate = (definition: Definition | null) => {
  // Compared as text: the same rule made anew is no new question.
  const text = useSettled(definition ? JSON.stringify(definition) : null, 250);
  const sample = useAsked(text, false, true);
  const exact = useAsked(text, true, sample.isSuccess && !sample.isPlaceholderData && !sample.data.exact);
  const best = exact.data && !exact.isPlaceholderData ? exact.data : sample.data;
  return { data: best, error: sample.error ?? exact.error, busy: sample.isFetching || exact.isFetching, isPending: sample.isPending && text !== null, asked: text !== null };
};
