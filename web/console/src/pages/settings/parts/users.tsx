import { PlusOutlined } from '@ant-design/icons';
import { Button, Form, Input, Modal, Popconfirm, Select, Switch, Table } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Role } from '@/api/types';
import { useSession } from '@/app/session';
import { useLabel } from '@/i18n';
import { Ago } from '@/parts/bits';
import { Panel } from '@/parts/page';
import { ProblemNote } from '@/parts/problem';
import { Loaded } from '@/parts/states';
import { scrollable } from '@/parts/scrollable';
import { useUserAdd, useUserDelete, useUserPatch, useUsers } from '../queries';

const ROLES: Role[] = ['owner', 'admin', 'privacy', 'marketer', 'analyst', 'viewer'];
type Draft = { name: string; email: string; role: Role; password: string };

const Add = ({ hide }: { hide: () => void }) => {
  const { t } = useTranslation();
  const label = useLabel();
  const add = useUserAdd();
  const [form] = Form.useForm<Draft>();
  const save = async () => {
    await add.mutateAsync({ body: await form.validateFields() });
    hide();
  };
  return (
    <Modal open onCancel={hide} title={t('users.add')} okText={t('action.add')} confirmLoading={add.isPending} onOk={() => void save().catch(() => undefined)}>
      <Form form={form} layout="vertical" requiredMark={false} initialValues={{ role: 'marketer' }}>
        <Form.Item name="name" label={t('user.name')} rules={[{ required: true }]}><Input autoComplete="off" /></Form.Item>
        <Form.Item name="email" label={t('user.email')} rules={[{ required: true, type: 'email' }]}><Input autoComplete="off" /></Form.Item>
        <Form.Item name="role" label={t('users.role')}><Select options={ROLES.filter((r) => r !== 'owner').map((value) => ({ value, label: `${label('role', value)} — ${label('role_text', value)}` }))} /></Form.Item>
        <Form.Item name="password" label={t('users.first_password')} extra={t('user.password_hint')} rules={[{ required: true, min: 10 }]}><Input.Password autoComplete="new-password" /></Form.Item>
        {add.error && <ProblemNote error={add.error} />}
      </Form>
    </Modal>
  );
};

export const Users = () => {
  const { t } = useTranslation();
  const label = useLabel();
  const { session } = useSession();
  const users = useUsers();
  const patch = useUserPatch();
  const remove = useUserDelete();
  const [adding, setAdding] = useState(false);
  const at = (id: string) => ({ params: { path: { id } } });
  return (
    <Panel title={t('section.users')} flush tools={<Button size="small" icon={<PlusOutlined />} onClick={() => setAdding(true)}>{t('users.add')}</Button>}>
      <Loaded query={users} rows={5}>
        {(list) => (
          <Table
            ref={scrollable}
            size="small"
            rowKey="id"
            pagination={false}
            dataSource={list}
            scroll={{ x: 760 }}
            columns={[
              { title: t('user.name'), key: 'name', render: (_, u) => <span><b>{u.name}</b><br /><span className="muted small">{u.email}</span></span> },
              { title: t('users.role'), key: 'role', render: (_, u) => u.role === 'owner' || u.id === session?.user.id ? label('role', u.role) : <Select size="small" value={u.role} aria-label={`${u.name}: ${t('users.role')}`} options={ROLES.filter((r) => r !== 'owner').map((value) => ({ value, label: label('role', value) }))} onChange={(role) => patch.mutate({ ...at(u.id), body: { role } })} style={{ width: 140 }} /> },
              { title: t('people.last_seen'), key: 'seen', render: (_, u) => <Ago at={u.last_seen_at} /> },
              { title: t('users.active'), key: 'active', render: (_, u) => <Switch size="small" checked={!u.disabled} disabled={u.role === 'owner' || u.id === session?.user.id} aria-label={`${u.name}: ${t('users.active')}`} onChange={(on) => patch.mutate({ ...at(u.id), body: { disabled: !on } })} /> },
              { title: <span className="sr">{t('action.actions')}</span>, key: 'do', align: 'end', render: (_, u) => u.role !== 'owner' && u.id !== session?.user.id && <Popconfirm title={t('users.remove', { name: u.name })} onConfirm={() => remove.mutate(at(u.id))}><Button size="small" type="link" danger>{t('action.remove')}</Button></Popconfirm> },
            ]}
          />
        )}
      </Loaded>
      {adding && <Add hide={() => setAdding(false)} />}
    </Panel>
  );
};
