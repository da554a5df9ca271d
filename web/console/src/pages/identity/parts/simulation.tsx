// A simulation of changed rules on the whole history: how far it is, and a way to stop it.
import { Alert, Button } from 'antd';
import { useTranslation } from 'react-i18next';
import type { RulesSimulation } from '@/api/types';
import { useFormat } from '@/i18n/format';
import { Panel } from '@/parts/page';
import { isMoving, useSimulationStop } from '../queries';
import { Diff } from './diff';

export const Simulation = ({ at }: { at: RulesSimulation }) => {
  const { t } = useTranslation();
  const format = useFormat();
  const stop = useSimulationStop();
  if (at.result) return <Diff data={at.result} />;
  if (!isMoving(at.state)) return <Alert type={at.state === 'failed' ? 'error' : 'info'} showIcon title={t(at.state === 'failed' ? 'id_simulation.failed' : 'id_simulation.stopped')} />;
  const share = at.total > 0 ? at.done / at.total : 0;
  return (
    <Panel title={t('id_simulation.title')} tools={<Button size="small" loading={stop.isPending} onClick={() => stop.mutate({ params: { path: { id: at.id } } })}>{t('id_simulation.stop')}</Button>}>
      <div className="big-bar" role="progressbar" aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(share * 100)} aria-label={t('id_simulation.title')}><i style={{ width: `${share * 100}%` }} /></div>
      <p className="small muted num" style={{ marginTop: 6 }}>{t('id_simulation.progress', { done: format.number(at.done), total: format.number(at.total) })}</p>
    </Panel>
  );
};
