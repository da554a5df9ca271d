// The only door to the server: a client typed by `schema.gen.ts`, with the session's CSRF token on every write.
import { QueryClient, MutationCache } from '@tanstack/react-query';
import createClient, { type Middleware } from 'openapi-fetch';
import createQueryClient from 'openapi-react-query';
import type { paths } from './schema.gen';
import type { Wording } from './types';

/** What the server answers when it refuses (`application/problem+json`), or what we make of a broken connection. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly field?: string,
    readonly retryAfterS?: number,
    readonly wording: readonly Wording[] = [],
  ) {
    super(detail);
  }
}

let csrf = '';
export const csrfSet = (token: string): void => {
  csrf = token;
};

type SignedOut = () => void;
let signedOut: SignedOut = () => undefined;
/** Called when the server no longer knows the session. */
export const onSignedOut = (listener: SignedOut): void => {
  signedOut = listener;
};

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

const problemRead = async (response: Response): Promise<Problem> => {
  const body: unknown = await response.clone().json().catch(() => null);
  const fields = isRecord(body) ? body : {};
  const after = Number(response.headers.get('retry-after'));
  return new Problem(
    response.status,
    text(fields['code']) ?? `http_${response.status}`,
    text(fields['detail']) ?? response.statusText,
    text(fields['field']),
    Number.isFinite(after) && after > 0 ? after : undefined,
    Array.isArray(fields['wording']) ? (fields['wording'] as Wording[]) : [],
  );
};

const session: Middleware = {
  onRequest({ request }) {
    if (request.method !== 'GET' && csrf) request.headers.set('X-CSRF-Token', csrf);
    return request;
  },
  async onResponse({ response, schemaPath }) {
    if (response.ok) return undefined;
    if (response.status === 401 && schemaPath !== '/api/session') signedOut();
    throw await problemRead(response);
  },
  onError({ error }) {
    if (error instanceof Problem) return error;
    return new Problem(0, 'unreachable', error instanceof Error ? error.message : String(error));
  },
};

export const api = createClient<paths>({ baseUrl: '/' });
api.use(session);

export const $api = createQueryClient(api);

/** The problem inside whatever a query or mutation threw. */
export const problemOf = (error: unknown): Problem =>
  error instanceof Problem ? error : new Problem(0, 'unexpected', error instanceof Error ? error.message : String(error));

type Listener = (problem: Problem) => void;
let failed: Listener = () => undefined;
/** Called for every write that fails and does not show its problem itself (`meta.quiet`). */
export const onWriteFailed = (listener: Listener): void => {
  failed = listener;
};

export const queries = new QueryClient({
  mutationCache: new MutationCache({
    onError: (error, _variables, _context, mutation) => {
      if (!mutation.meta?.['quiet']) failed(problemOf(error));
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      refetchOnWindowFocus: false,
      retry: (count, error) => {
        const { status } = problemOf(error);
        return count < 2 && (status === 0 || status >= 500);
      },
    },
  },
});

/** Marks everything read under a path as old, so that what is shown is read again. */
export const refresh = (...prefixes: string[]): Promise<void> =>
  queries.invalidateQueries({
    predicate: ({ queryKey }) => typeof queryKey[1] === 'string' && prefixes.some((p) => (queryKey[1] as string).startsWith(p)),
  });
