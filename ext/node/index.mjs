import pipelineHealth from './index.cjs';

export const { getLoadablePath, load } = pipelineHealth;
