// What a retailer usually wants, ready made: one click, then it is yours to change.
import { App, Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from '@tanstack/react-router';
import { useSession } from '@/app/session';
import { useLabel, useLanguage } from '@/i18n';
import { Panel } from '@/parts/page';
import { Loaded } from '@/parts/states';
import { usePacks, usePacksEnable } from '../queries';

const TONE: Record<string, string> = { live: 'good', building: 'info', missing: '', archived: 'warn' };

export const Packs = () => {
  const { t } = useTranslation();
  const label = useLabel();
  const { language } = useLanguage();
  const { can } = useSession();
  const { message } = App.useApp();
  const packs = usePacks();
  const enable = usePacksEnable();
  return (
    <Loaded query={packs} rows={10}>
      {(list) => (
        <div className="grid cols-2">
          {list.map((pack) => (
            <Panel
              key={pack.name}
              title={label('pack', pack.name)}
              tools={
                pack.enabled ? <span className="chip good">{t('packs.enabled')}</span> : can('write') && (
                  <Button size="small" type="primary" loading={enable.isPending && enable.variables?.body.packs[0] === pack.name} onClick={() => enable.mutate({ body: { packs: [pack.name], language } }, { onSuccess: () => void message.success(t('packs.enabling')) })}>
                    {t('packs.enable')}
                  </Button>
                )
              }
            >
              <ul className="stack tight">
                {pack.parts.map((part) => (
                  <li key={part.key} className="row top">
                    <span className="grow">
                      {part.kind === 'audience' && part.state === 'live' ? <Link to="/audiences/$key" params={{ key: part.key }}>{part.name[language] ?? part.key}</Link> : <span>{part.name[language] ?? part.key}</span>}
                      <span className="muted small" style={{ display: 'block' }}>{part.description[language]}</span>
                    </span>
                    <span className={`chip ${TONE[part.state] ?? ''}`}>{part.state === 'missing' ? label('pack_kind', part.kind) : label('part_state', part.state)}</span>
                  </li>
                ))}
              </ul>
            </Panel>
          ))}
        </div>
      )}
    </Loaded>
  );
};
