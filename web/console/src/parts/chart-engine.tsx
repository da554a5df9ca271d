import { BarChart, LineChart } from 'echarts/charts';
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';
import { init, use as register, type EChartsType } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { useEffect, useRef } from 'react';
import { FONT, useScheme } from '@/app/theme';
import { useLanguage } from '@/i18n';
import type { ChartProps } from './chart';

register([BarChart, LineChart, GridComponent, LegendComponent, TooltipComponent, AriaComponent, SVGRenderer]);

const themed = () => {
  const css = getComputedStyle(document.documentElement);
  const color = (name: string) => css.getPropertyValue(name).trim();
  const axis = { axisLine: { lineStyle: { color: color('--border-strong') } }, axisTick: { show: false }, axisLabel: { color: color('--muted'), fontSize: 11.5 }, splitLine: { lineStyle: { color: color('--border') } } };
  return {
    textStyle: { fontFamily: FONT, color: color('--text-2') },
    categoryAxis: { ...axis, splitLine: { show: false } },
    valueAxis: { ...axis, axisLine: { show: false } },
    legend: { textStyle: { color: color('--text-2') }, icon: 'roundRect', itemWidth: 12, itemHeight: 8 },
    tooltip: { backgroundColor: color('--surface'), borderColor: color('--border-strong'), textStyle: { color: color('--text'), fontSize: 12.5 }, extraCssText: 'box-shadow:0 6px 24px rgb(16 24 40 / .12);border-radius:8px' },
  };
};

const Engine = ({ option, height, label, onPick }: ChartProps) => {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType>(null);
  const pick = useRef(onPick);
  const scheme = useScheme();
  const { language } = useLanguage();
  useEffect(() => {
    pick.current = onPick;
  });
  useEffect(() => {
    if (!box.current) return undefined;
    const made = init(box.current, themed(), { renderer: 'svg', locale: language === 'en' ? 'EN' : 'ZH' });
    chart.current = made;
    made.on('click', (event) => pick.current?.(event.name, event.seriesName ?? ''));
    const watch = new ResizeObserver(() => made.resize());
    watch.observe(box.current);
    return () => {
      watch.disconnect();
      made.dispose();
    };
  }, [scheme, language]);
  useEffect(() => {
    chart.current?.setOption({ animationDuration: 350, aria: { enabled: true }, ...option }, { notMerge: true });
  }, [option, scheme, language]);
  return <div ref={box} style={{ height, width: '100%' }} role="img" aria-label={label} />;
};

export default Engine;
