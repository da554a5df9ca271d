// Named descriptions of kinds of customers, each bound to an audience, with what its people are really like.
import { DeleteOutlined, EditOutlined, PlusOutlined } from '@ant-design/icons';
import { Button, Form, Input, Modal, Popconfirm, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, refresh } from '@/api/client';
import type { Persona } from '@/api/types';
import { useSession } from '@/app/session';
import { useFormat } from '@/i18n/format';
import { KEY } from '@/parts/key';
import { Panel } from '@/parts/page';
import { Empty, Loaded } from '@/parts/states';
import { useAudiences } from '../queries';
import { ProfileView } from './profile';

type Draft = { key: string; name: string; description: string; audience: string };

const Edit = ({ persona, hide }: { persona: Persona | null; hide: () => void }) => {
  const { t } = useTranslation();
  const audiences = useAudiences();
  const put = $api.useMutation('put', '/api/personas/{key}', { onSuccess: () => refresh('/api/personas') });
  const [form] = Form.useForm<Draft>();
  const submit = async () => {
    const { key, ...body } = await form.validateFields();
    await put.mutateAsync({ params: { path: { key } }, body });
    hide();
  };
  return (
    <Modal open onCancel={hide} title={persona ? persona.name : t('personas.add')} okText={t('action.save')} confirmLoading={put.isPending} onOk={() => void submit().catch(() => undefined)}>
      <Form form={form} layout="vertical" requiredMark={false} initialValues={persona ?? { description: '' }}>
        <Form.Item name="name" label={t('audience.name')} rules={[{ required: true }]}><Input /></Form.Item>
        <Form.Item name="key" label={t('audience.key')} extra={t('audience.key_hint')} rules={[{ required: true, pattern: KEY }]}><Input className="mono" disabled={persona !== null} /></Form.Item>
        <Form.Item name="description" label={t('personas.description')}><Input.TextArea rows={3} /></Form.Item>
        <Form.Item name="audience" label={t('personas.audience')} rules={[{ required: true }]}><Select options={(audiences.data ?? []).map((a) => ({ value: a.key, label: a.name }))} showSearch={{ optionFilterProp: 'label' }} /></Form.Item>
      </Form>
    </Modal>
  );
};

const One = ({ persona, edit }: { persona: Persona; edit: () => void }) => {
  const { t } = useTranslation();
  const format = useFormat();
  const { can } = useSession();
  const profile = $api.useQuery('get', '/api/personas/{key}/profile', { params: { path: { key: persona.key } } });
  const remove = $api.useMutation('delete', '/api/personas/{key}', { onSuccess: () => refresh('/api/personas') });
  return (
    <Panel
      title={persona.name}
      tools={
        <>
          {persona.people !== null && <span className="chip">{t('audience.n_people', { n: format.number(persona.people) })}</span>}
          {can('write') && <Button size="small" type="text" icon={<EditOutlined />} onClick={edit} aria-label={t('action.edit')} />}
          {can('write') && <Popconfirm title={t('personas.remove')} onConfirm={() => remove.mutate({ params: { path: { key: persona.key } } })}><Button size="small" type="text" icon={<DeleteOutlined />} aria-label={t('action.remove')} /></Popconfirm>}
        </>
      }
    >
      {persona.description && <p className="small" style={{ marginBottom: 12 }}>{persona.description}</p>}
      <Loaded query={profile} rows={8}>{(p) => <ProfileView own={p.persona} all={p.everybody} />}</Loaded>
    </Panel>
  );
};

export const Personas = () => {
  const { t } = useTranslation();
  const { can } = useSession();
  const personas = $api.useQuery('get', '/api/personas');
  const [edit, setEdit] = useState<Persona | 'new' | null>(null);
  const add = can('write') && <Button type="primary" icon={<PlusOutlined />} onClick={() => setEdit('new')}>{t('personas.add')}</Button>;
  return (
    <div className="stack">
      <Loaded query={personas} rows={8} empty={(list) => (list.length === 0 ? <section className="card"><Empty title={t('personas.none')} text={t('personas.none_text')} action={add} /></section> : null)}>
        {(list) => (
          <>
            <div className="row"><span className="push" />{add}</div>
            <div className="grid cols-2">{list.map((p) => <One key={p.key} persona={p} edit={() => setEdit(p)} />)}</div>
          </>
        )}
      </Loaded>
      {edit && <Edit persona={edit === 'new' ? null : edit} hide={() => setEdit(null)} />}
    </div>
  );
};
