import {
  ApiOutlined,
  AuditOutlined,
  BranchesOutlined,
  DashboardOutlined,
  FundOutlined,
  ImportOutlined,
  RiseOutlined,
  SendOutlined,
  SettingOutlined,
  TagsOutlined,
  TeamOutlined,
  ThunderboltOutlined,
  UsergroupAddOutlined,
} from '@ant-design/icons';
import type { ComponentType } from 'react';
import type { IconName } from './nav';

export const ICONS: Record<IconName, ComponentType> = {
  overview: DashboardOutlined,
  live: ThunderboltOutlined,
  people: TeamOutlined,
  identity: BranchesOutlined,
  credit: FundOutlined,
  audiences: UsergroupAddOutlined,
  traits: TagsOutlined,
  predictions: RiseOutlined,
  destinations: SendOutlined,
  sources: ApiOutlined,
  plan: AuditOutlined,
  imports: ImportOutlined,
  settings: SettingOutlined,
};
