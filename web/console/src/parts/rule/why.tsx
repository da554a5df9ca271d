// Why a person is in an audience or not: each condition, what was found, whether it holds, and when that can change.
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/client';
import { useLabel } from '@/i18n';
import { useFormat } from '@/i18n/format';
import { plain } from '@/parts/bits';
import { Loaded } from '@/parts/states';

/** A condition with what was found, as `GET …/why` explains it. */
type Node = { path: string; code: string; params: Record<string, unknown>; found?: unknown; holds: boolean; changes_at?: string; inside?: Node[] };

/** What a condition asks, as far as its kind says it: names and values stand as they were written. */
const useAsks = () => {
  const label = useLabel();
  return (node: Node): string => {
    const { params } = node;
    const own = ['event', 'name', 'tag', 'audience', 'list', 'namespace', 'purpose', 'channel', 'state'].map((k) => params[k]).filter((v) => v !== undefined && v !== null);
    const kind = label(['all', 'any', 'none'].includes(node.code) ? 'rule_group' : 'rule_kind', node.code);
    return own.length > 0 ? `${kind}: ${own.map(plain).join(' · ')}` : kind;
  };
};

const Line = ({ node }: { node: Node }) => {
  const { t } = useTranslation();
  const format = useFormat();
  const asks = useAsks();
  return (
    <li>
      <div className="why-line">
        <span className={`why-mark ${node.holds ? 'yes' : ''}`} aria-label={node.holds ? t('why_audience.holds') : t('why_audience.holds_not')}>{node.holds ? '✓' : '✗'}</span>
        <span>{asks(node)}</span>
        {node.found !== undefined && <span className="chip">{plain(node.found)}</span>}
        {node.changes_at && <span className="muted small">{t('why_audience.changes', { at: format.dateTime(node.changes_at) })}</span>}
      </div>
      {(node.inside ?? []).length > 0 && <ul>{(node.inside ?? []).map((inner) => <Line key={inner.path} node={inner} />)}</ul>}
    </li>
  );
};

export const WhyTree = ({ person, audience }: { person: string; audience: string }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const format = useFormat();
  const why = $api.useQuery('get', '/api/people/{id}/audiences/{key}/why', { params: { path: { id: person, key: audience } } });
  return (
    <Loaded query={why} rows={6}>
      {(data) => (
        <div className="stack">
          <p>
            <span className={`chip ${data.member ? 'good' : ''}`}>{data.member ? t('why_audience.member') : t('why_audience.no_member')}</span>{' '}
            {data.since_at && <span className="muted small">{t('why_audience.since', { at: format.dateTime(data.since_at), cause: label('audience_cause', data.cause) })}</span>}
          </p>
          {data.pending && <p className="muted small">{t('why_audience.pending')}</p>}
          <ul className="why"><Line node={data.explanation as unknown as Node} /></ul>
        </div>
      )}
    </Loaded>
  );
};
