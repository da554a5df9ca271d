// How to send to this source: one snippet per client, the write key already in it.
import { Tabs } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Source } from '@/api/types';
import { useLabel } from '@/i18n';
import { Code } from '@/parts/bits';
import { Loaded } from '@/parts/states';
import { useSnippets } from '../queries';

const ORDER = ['web', 'browser', 'node', 'python', 'curl', 'rudder', 'posthog', 'jitsu', 'sensors', 'snowplow', 'webhook'];

/** The client most likely wanted for a kind of source. */
const FIRST: Partial<Record<Source['kind'], string>> = { web: 'web', app: 'sensors', mini_program: 'sensors', webhook: 'webhook', server: 'node', pos: 'curl', marketplace: 'webhook', service: 'webhook', ads: 'webhook' };

export const Guide = ({ source }: { source: Source }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const snippets = useSnippets(source.id);
  const first = FIRST[source.kind] ?? 'node';
  return (
    <Loaded query={snippets} rows={8}>
      {(data) => {
        const texts = Object.entries(data).filter((entry): entry is [string, string] => typeof entry[1] === 'string' && entry[1] !== '');
        const rank = (key: string) => (key === first ? -1 : (ORDER.indexOf(key) + 1 || 99));
        const items = texts
          .sort(([a], [b]) => rank(a) - rank(b))
          .map(([key, text]) => ({
            key,
            label: label('client', key),
            children: (
              <div className="stack tight">
                <p className="muted small">{label('client_text', key)}</p>
                <Code text={text} label={label('client', key)} />
              </div>
            ),
          }));
        return (
          <>
            <Tabs size="small" items={items} />
            <p className="muted small">{t('source.guide_after')}</p>
          </>
        );
      }}
    </Loaded>
  );
};
