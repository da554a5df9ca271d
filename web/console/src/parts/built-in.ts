// What the program itself named has a name in every language. What an operator named is theirs, and stays as it is.
import { useLabel } from '@/i18n';

/** Keys of what every installation begins with, and the names they are stored under. */
const GIVEN: Record<string, string> = { order: 'Order' };

/** The name of a conversion: translated as long as nobody gave it another one. */
export const useBuiltInName = (): ((one: { key: string; name: string }) => string) => {
  const label = useLabel();
  return ({ key, name }) => (GIVEN[key] === name ? label('built_in', key) : name);
};
