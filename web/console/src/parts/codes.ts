// Closed sets the API defines, in the order they are offered.
import type { CreditModel, SourceKind } from '@/api/types';

export const KINDS: readonly SourceKind[] = ['web', 'app', 'mini_program', 'server', 'pos', 'marketplace', 'ads', 'email', 'sms', 'social', 'service', 'webhook', 'import'];
export const STAGES = ['visitor', 'lead', 'customer', 'repeat', 'lapsed'] as const;
export const MODELS: readonly CreditModel[] = ['first', 'last', 'last_non_direct', 'linear', 'time_decay', 'position'];
export const VERDICTS = ['accepted', 'corrected', 'duplicate', 'duplicate_conflict', 'quarantined', 'rejected'] as const;
