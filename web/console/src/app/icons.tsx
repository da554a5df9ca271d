import {
  ApiOutlined,
  AuditOutlined,
  BranchesOutlined,
  DashboardOutlined,
  FundOutlined,
  ImportOutlined,
  RiseOutlined,
  SettingOutlined,
  TeamOutlined,
  ThunderboltOutlined,
} from '@ant-design/icons';
import type { ComponentType } from 'react';
import type { IconName } from './nav';

export const ICONS: Record<IconName, ComponentType> = {
  overview: DashboardOutlined,
  live: ThunderboltOutlined,
  people: TeamOutlined,
  identity: BranchesOutlined,
  credit: FundOutlined,
  predictions: RiseOutlined,
  sources: ApiOutlined,
  plan: AuditOutlined,
  imports: ImportOutlined,
  settings: SettingOutlined,
};
