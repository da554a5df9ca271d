import { App, AutoComplete, Form, Input, InputNumber, Modal, Segmented, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Tag } from '@/api/types';
import { useAudiences, useLists } from '@/pages/audiences/queries';
import { keyFrom } from '@/parts/key';
import { ProblemNote } from '@/parts/problem';
import { useCategories, useCategoryPut, useTagBook, useTagPut, useTagWork } from '../queries';

type Draft = { name: string; category?: string; description: string; audience?: string; valid_days?: number; synonyms: string[] };

/** A tag: where it belongs, what it means, whether a rule gives it, and when it ends. */
export const TagEditor = ({ tag, hide }: { tag: Tag | null; hide: () => void }) => {
  const { t } = useTranslation();
  const audiences = useAudiences();
  const categories = useCategories();
  const newCategory = useCategoryPut();
  const put = useTagPut();
  const [form] = Form.useForm<Draft>();
  const submit = async () => {
    const { name, category, ...rest } = await form.validateFields();
    let key = categories.data?.find((c) => c.name === category || c.key === category)?.key ?? null;
    if (category && !key) {
      key = keyFrom(category) || `c${categories.data?.length ?? 0}`;
      await newCategory.mutateAsync({ params: { path: { key } }, body: { name: category, position: categories.data?.length ?? 0 } });
    }
    await put.mutateAsync({ params: { path: { tag: name } }, body: { ...rest, category: key, audience: rest.audience ?? null, valid_days: rest.valid_days ?? null } });
    hide();
  };
  const named = categories.data?.find((c) => c.key === tag?.category)?.name;
  const initial = tag ? { ...tag, category: named, audience: tag.audience ?? undefined, valid_days: tag.valid_days ?? undefined } : { synonyms: [], description: '' };
  return (
    <Modal open onCancel={hide} title={tag ? tag.name : t('tags.add')} okText={t('action.save')} confirmLoading={put.isPending} onOk={() => void submit().catch(() => undefined)}>
      <Form form={form} layout="vertical" requiredMark={false} initialValues={initial}>
        <Form.Item name="name" label={t('rule.tag')} rules={[{ required: true }]}><Input disabled={tag !== null} /></Form.Item>
        <Form.Item name="category" label={t('tags.category')}><AutoComplete allowClear options={(categories.data ?? []).map((c) => ({ value: c.name }))} /></Form.Item>
        <Form.Item name="description" label={t('tags.description')}><Input /></Form.Item>
        <Form.Item name="audience" label={t('tags.rule')} extra={t('tags.rule_hint')}><Select allowClear options={(audiences.data ?? []).map((a) => ({ value: a.key, label: a.name }))} showSearch={{ optionFilterProp: 'label' }} /></Form.Item>
        <Form.Item name="valid_days" label={t('tags.valid_days')} extra={t('tags.valid_hint')}><InputNumber min={1} max={3650} precision={0} /></Form.Item>
        <Form.Item name="synonyms" label={t('tags.synonyms')} extra={t('tags.synonyms_hint')}><Select mode="tags" open={false} suffixIcon={null} tokenSeparators={[',', '\uff0c']} /></Form.Item>
        {put.error ? <ProblemNote error={put.error} /> : null}
      </Form>
    </Modal>
  );
};

/** Puts a tag on many people, takes it off them, or makes one tag of two. Each can be undone. */
export const TagBulk = ({ merge, hide }: { merge: boolean; hide: () => void }) => {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const audiences = useAudiences();
  const lists = useLists();
  const tags = useTagBook();
  const work = useTagWork();
  const [verb, setVerb] = useState<'add' | 'remove' | 'merge'>(merge ? 'merge' : 'add');
  const [tag, setTag] = useState('');
  const [of, setOf] = useState<string>();
  const names = (tags.data ?? []).map((x) => ({ value: x.name, label: x.name }));
  const whose = [
    { label: t('nav.audiences'), options: (audiences.data ?? []).map((a) => ({ value: `audience:${a.key}`, label: a.name })) },
    { label: t('audiences_tab.lists'), options: (lists.data ?? []).map((l) => ({ value: `list:${l.key}`, label: l.name })) },
  ];
  const go = () => {
    const [kind = '', key = ''] = (of ?? '').split(/:(.*)/s);
    const body = verb === 'merge' ? { verb, tag, of_tag: of } : kind === 'list' ? { verb, tag, list: key } : { verb, tag, audience: key };
    work.mutate(
      { body },
      {
        onSuccess: () => {
          void message.success(t('tags.begun'));
          hide();
        },
      },
    );
  };
  return (
    <Modal open onCancel={hide} title={merge ? t('tags.merge') : t('tags.bulk')} okText={t('action.apply')} okButtonProps={{ disabled: tag.trim() === '' || !of }} confirmLoading={work.isPending} onOk={go}>
      <div className="stack">
        {!merge && <Segmented value={verb} onChange={setVerb} options={[{ value: 'add', label: t('tags.put_on') }, { value: 'remove', label: t('tags.take_off') }]} />}
        <AutoComplete value={tag} options={names} onChange={setTag} placeholder={merge ? t('tags.stays') : t('rule.tag')} aria-label={merge ? t('tags.stays') : t('rule.tag')} style={{ width: '100%' }} />
        {merge ? (
          <Select value={of} options={names.filter((n) => n.value !== tag)} onChange={setOf} placeholder={t('tags.goes')} aria-label={t('tags.goes')} showSearch style={{ width: '100%' }} />
        ) : (
          <Select value={of} options={whose} onChange={setOf} placeholder={t('tags.whose')} aria-label={t('tags.whose')} showSearch={{ optionFilterProp: 'label' }} style={{ width: '100%' }} />
        )}
        <p className="muted small">{merge ? t('tags.merge_text') : t('tags.bulk_text')}</p>
      </div>
    </Modal>
  );
};
