// Which events: a name and filters on their fields or products.
import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { AutoComplete, Button, Dropdown } from 'antd';
import { useTranslation } from 'react-i18next';
import { NUMBER_OPS, TEXT_OPS, type Events, type Filter, type NamedTest } from './rule';
import { TestField } from './test-field';
import type { Option, Vocabulary } from './vocabulary';

const FILTER_OPS = [...TEXT_OPS, ...NUMBER_OPS, 'exists'] as const;

/** A name that is offered or typed, and what it is tested for. */
export const NamedTestField = ({ value, change, names, values, ops = FILTER_OPS, label }: { value: NamedTest; change: (next: NamedTest) => void; names: Option[]; values?: (name: string) => Option[]; ops?: readonly (typeof FILTER_OPS)[number][] | readonly Parameters<typeof TestField>[0]['ops'][number][]; label: string }) => (
  <>
    <AutoComplete
      value={value.name}
      options={names}
      showSearch={{ filterOption: (text, o) => `${o?.value} ${String(o?.label)}`.toLowerCase().includes(text.toLowerCase()) }}
      onChange={(name: string) => change({ ...value, name })}
      aria-label={label}
      placeholder={label}
      className="rule-name"
      popupMatchSelectWidth={false}
    />
    <TestField test={value.test} change={(test) => change({ ...value, test })} ops={ops} values={values?.(value.name)} />
  </>
);

const Remove = ({ click }: { click: () => void }) => {
  const { t } = useTranslation();
  return <Button type="text" size="small" icon={<DeleteOutlined />} onClick={click} aria-label={t('rule.remove_filter')} />;
};

const FilterRow = ({ filter, change, remove, event, vocabulary }: { filter: Filter; change: (next: Filter) => void; remove: () => void; event: string; vocabulary: Vocabulary }) => {
  const { t } = useTranslation();
  if ('field' in filter) {
    return (
      <div className="rule-filter">
        <span className="rule-word">{t('rule.where')}</span>
        <NamedTestField
          value={filter.field}
          change={(field) => change({ field })}
          names={vocabulary.fields(event)}
          values={(name) => (name === 'channel' ? vocabulary.channels : [])}
          label={t('rule.field')}
        />
        <Remove click={remove} />
      </div>
    );
  }
  if ('product' in filter) {
    return (
      <div className="rule-filter">
        <span className="rule-word">{t('rule.product')}</span>
        <div className="stack tight grow">
          {filter.product.map((test, i) => (
            <div key={i} className="rule-line">
              <NamedTestField value={test} change={(next) => change({ product: filter.product.map((x, k) => (k === i ? next : x)) })} names={vocabulary.productFields} label={t('rule.field')} />
              {filter.product.length > 1 && <Remove click={() => change({ product: filter.product.filter((_, k) => k !== i) })} />}
            </div>
          ))}
          <div>
            <Button size="small" type="link" icon={<PlusOutlined />} onClick={() => change({ product: [...filter.product, { name: 'category', test: { eq: '' } }] })}>
              {t('rule.add_product_test')}
            </Button>
          </div>
        </div>
        <Remove click={remove} />
      </div>
    );
  }
  // Alternatives within a filter are written as text; here they are shown and can be taken away.
  return (
    <div className="rule-filter">
      <span className="rule-word">{t('rule.where')}</span>
      <code className="grow ellipsis">{JSON.stringify(filter)}</code>
      <Remove click={remove} />
    </div>
  );
};

export const EventsField = ({ events, change, vocabulary, label }: { events: Events; change: (next: Events) => void; vocabulary: Vocabulary; label?: string }) => {
  const { t } = useTranslation();
  const where = events.where ?? [];
  const put = (next: Filter[]) => {
    change({ ...events, where: next.length > 0 ? next : undefined });
  };
  return (
    <>
      <AutoComplete
        className="rule-event"
        value={events.event}
        options={vocabulary.events}
        showSearch={{ filterOption: (text, o) => `${o?.value} ${String(o?.label)}`.toLowerCase().includes(text.toLowerCase()) }}
        onChange={(event: string) => change({ ...events, event })}
        aria-label={label ?? t('rule.event')}
        placeholder={t('rule.event')}
        popupMatchSelectWidth={false}
      />
      {where.length > 0 && (
        <div className="rule-filters">
          {where.map((filter, i) => (
            <FilterRow key={i} filter={filter} event={events.event} vocabulary={vocabulary} change={(next) => put(where.map((f, k) => (k === i ? next : f)))} remove={() => put(where.filter((_, k) => k !== i))} />
          ))}
        </div>
      )}
      <Dropdown
        trigger={['click']}
        menu={{
          items: [
            { key: 'field', label: t('rule.add_field') },
            { key: 'product', label: t('rule.add_product') },
          ],
          onClick: ({ key }) => put([...where, key === 'product' ? { product: [{ name: 'category', test: { eq: '' } }] } : { field: { name: 'value', test: { gte: 100 } } }]),
        }}
      >
        <Button size="small" type="text" icon={<PlusOutlined />}>{t('rule.filter')}</Button>
      </Dropdown>
    </>
  );
};
